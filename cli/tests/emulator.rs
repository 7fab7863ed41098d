//! `grantline emulator` as its user and its scripts see it.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

fn grantline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantline"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = grantline(arguments).output().unwrap();
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!((text.lines().count(), stdout.len()), (1, 0), "{text}");
    assert!(text.contains("; "), "says what to do: {text}");
    (status.code().unwrap(), text)
}

/// A running emulator, and where it listens.
struct Running {
    child: Child,
    said: BufReader<ChildStdout>,
    authority: String,
}

fn start(arguments: &[&str]) -> Running {
    let mut child = grantline(arguments).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    let authority = first.trim_end().strip_prefix("ready http://").expect("a ready line").to_owned();
    Running { child, said, authority }
}

impl Running {
    /// Ends it, and answers all that it said after the ready line.
    fn greeting(mut self) -> String {
        end(&self.child, "-TERM");
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }

    fn warning(mut self) -> String {
        end(&self.child, "-TERM");
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }

    fn port(&self) -> &str {
        self.authority.rsplit(':').next().unwrap()
    }

    fn post(&self, path: &str, content_type: &str, body: &str) -> String {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.authority,
            body.len()
        ))
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.authority))
    }

    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn end_with(mut self, signal: &str) -> Option<i32> {
        end(&self.child, signal);
        self.child.wait().unwrap().code()
    }
}

fn end(child: &Child, signal: &str) {
    // The shell's own `kill`: a small system has no program of that name.
    let kill = format!("kill {signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// A path in the system's folder for such things, that nobody else has.
fn path(name: &str) -> String {
    let path = std::env::temp_dir().join(format!("grantline-{}-{name}", std::process::id()));
    path.to_str().unwrap().to_owned()
}

fn remove_state(path: &str) {
    for ending in ["", ".lock", ".new"] {
        // Not all of them have to be there.
        let _ = std::fs::remove_file(format!("{path}{ending}"));
    }
}

#[test]
fn says_what_it_listens_on_and_which_credentials_it_takes() {
    let running = start(&["emulator", "--port", "0"]);
    assert!(running.get("/.well-known/openid-configuration").starts_with("HTTP/1.1 200"));
    let greeting = running.greeting();
    for needed in [
        "mode visma-connect",
        "isv_service",
        "service-secret",
        "logged out http://localhost:8080/",
        "anna@example.com / correct horse",
    ] {
        assert!(greeting.contains(needed), "{needed} is missing in:\n{greeting}");
    }
}

#[test]
fn in_json_all_that_a_program_needs_is_one_line() {
    let mut child = grantline(&["emulator", "--port", "0", "--json"]).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let object: Value = serde_json::from_str(&line).unwrap();
    let authority = object["ready"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    assert_eq!((&object["issuer"], &object["mode"]), (&object["ready"], &"visma-connect".into()));
    assert_eq!(object["portal"], format!("http://{authority}/portal"));
    let applications = object["applications"].as_array().unwrap();
    let of = |id: &str| applications.iter().find(|application| application["client_id"] == id).unwrap();
    assert_eq!(
        (&of("isv_service")["secret"], &of("isv_service")["type"]),
        (&json!("service-secret"), &json!("service"))
    );
    assert_eq!((&of("isv_native")["secret"], &of("isv_native")["has_secret"]), (&Value::Null, &json!(false)));
    let anna = json!({"username": "anna@example.com", "password": "correct horse"});
    assert!(object["users"].as_array().unwrap().contains(&anna), "{object}");
    let mut running = Running { child, said, authority };
    assert!(running.get("/health").starts_with("HTTP/1.1 200"));
    end(&running.child, "-TERM");
    let mut rest = String::new();
    running.said.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), running.child.wait().unwrap().code()), ("", Some(0)));
}

#[test]
fn in_json_a_secret_of_one_s_own_is_not_told() {
    let path = path("own-secret.toml");
    let Output { stdout, .. } = grantline(&["emulator", "--print-config"]).output().unwrap();
    let text = String::from_utf8(stdout).unwrap().replace("service-secret", "hunter2-hunter2");
    std::fs::write(&path, text).unwrap();
    let mut child = grantline(&["emulator", "--port", "0", "--json", "--config", &path]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    end(&child, "-TERM");
    child.wait().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(line.contains(r#""has_secret":true"#) && !line.contains("hunter2"), "{line}");
}

#[test]
fn in_json_errors_and_warnings_are_objects_on_standard_error() {
    let state = path("json-state.json");
    std::fs::write(&state, "{}").unwrap();
    let arguments = ["emulator", "--port", "0", "--json", "--state", &state];
    let Output { status, stdout, stderr } = grantline(&arguments).output().unwrap();
    remove_state(&state);
    let error: Value = serde_json::from_slice(&stderr).unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(7), 0));
    assert_eq!(
        (&error["error"]["code"], &error["error"]["exit_code"]),
        (&json!("emulator_state_unusable"), &json!(7))
    );

    let Output { stdout, .. } = grantline(&["emulator", "--print-config", "--json"]).output().unwrap();
    let object: Value = serde_json::from_slice(&stdout).unwrap();
    let config = path("json-issuer.toml");
    let text = object["configuration"].as_str().unwrap();
    std::fs::write(&config, format!("issuer = \"http://emulator.example\"\n{text}")).unwrap();
    let dangerous = ["--listen", "0.0.0.0", "--dangerously-let-other-machines-in", "--config", &config];
    let mut child =
        grantline(&[&["emulator", "--port", "0", "--json"], &dangerous[..]].concat()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    end(&child, "-TERM");
    child.wait().unwrap();
    std::fs::remove_file(&config).unwrap();
    let warning: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(warning["warning"]["code"], "emulator_open_to_others");
}

#[test]
fn ends_cleanly_on_interrupt_and_on_terminate() {
    for signal in ["-INT", "-TERM"] {
        assert_eq!(start(&["emulator", "--port", "0"]).end_with(signal), Some(0), "{signal}");
    }
}

#[test]
fn the_mode_argument_chooses_the_mode() {
    let running = start(&["emulator", "--port", "0", "--mode", "standard"]);
    assert!(running.greeting().contains("mode standard"));
}

#[test]
fn the_mode_of_visma_connect_is_called_as_in_the_configuration_file_or_visma_for_short() {
    for name in ["visma-connect", "visma"] {
        let running = start(&["emulator", "--port", "0", "--mode", name]);
        assert!(running.greeting().contains("mode visma-connect"));
    }
}

#[test]
fn says_in_one_line_that_the_port_is_in_use() {
    let running = start(&["emulator", "--port", "0"]);
    let (code, message) = refused(&["emulator", "--port", running.port()]);
    assert!(code == 3 && message.contains("choose another port"), "{code} {message}");
    running.end_with("-TERM");
}

#[test]
fn says_in_one_line_what_is_wrong_with_a_configuration_file() {
    let path = path("bad.toml");
    std::fs::write(&path, "mode = \"standard\"\n\ncolour = \"blue\"\n").unwrap();
    let (code, message) = refused(&["emulator", "--port", "0", "--config", &path]);
    std::fs::remove_file(&path).unwrap();
    assert!(code == 3 && message.contains("line 3") && message.contains("colour"), "{code} {message}");
}

#[test]
fn says_in_one_line_that_a_configuration_file_is_missing() {
    let (code, message) = refused(&["emulator", "--config", "no-such-file.toml"]);
    assert!(code == 3 && message.contains("no-such-file.toml"), "{code} {message}");
}

#[test]
fn an_argument_that_is_none_is_a_wrong_use() {
    let Output { status, .. } = grantline(&["emulator", "--port", "many"]).output().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn another_address_than_loopback_is_refused_unless_that_is_wanted_in_so_many_words() {
    let (code, message) = refused(&["emulator", "--port", "0", "--listen", "0.0.0.0"]);
    assert!(code == 3 && message.contains("--dangerously-let-other-machines-in"), "{code} {message}");
}

#[test]
fn all_addresses_need_an_issuer() {
    let arguments = ["emulator", "--port", "0", "--listen", "0.0.0.0", "--dangerously-let-other-machines-in"];
    let (code, message) = refused(&arguments);
    assert!(code == 3 && message.contains("issuer"), "{code} {message}");
}

#[test]
fn an_address_that_others_reach_is_warned_of_and_leaves_the_test_controls_to_this_machine() {
    let config = path("issuer.toml");
    let Output { stdout, .. } = grantline(&["emulator", "--print-config"]).output().unwrap();
    let text = format!("issuer = \"http://emulator.example\"\n{}", String::from_utf8(stdout).unwrap());
    std::fs::write(&config, text).unwrap();
    let dangerous = ["--listen", "0.0.0.0", "--dangerously-let-other-machines-in", "--config", &config];
    let mut running = start(&[&["emulator", "--port", "0"], &dangerous[..]].concat());
    std::fs::remove_file(&config).unwrap();
    assert_eq!(running.authority, format!("0.0.0.0:{}", running.port()));
    let own = format!("127.0.0.1:{}", running.port());
    assert!(running.get("/admin/clock").starts_with("HTTP/1.1 403"), "called by another name");
    running.authority = own;
    assert!(running.get("/admin/clock").starts_with("HTTP/1.1 200"));
    let warning = running.warning();
    assert!(warning.starts_with("grantline: warning: ") && warning.contains("other machines"), "{warning}");
}

#[test]
fn the_portal_and_the_test_controls_answer_at_every_address_of_loopback_that_it_listens_on() {
    for address in ["127.0.0.1", "127.0.0.2"] {
        let running = start(&["emulator", "--port", "0", "--listen", address]);
        assert_eq!(running.authority, format!("{address}:{}", running.port()));
        for path in ["/portal", "/admin/clock"] {
            assert!(running.get(path).starts_with("HTTP/1.1 200"), "{address}{path}");
        }
        let url = format!("in a browser  http://{}/portal", running.authority);
        let greeting = running.greeting();
        assert!(greeting.contains(&url), "{greeting}");
    }
}

#[test]
fn a_portal_host_is_refused_unless_it_is_wanted_in_so_many_words() {
    let (code, message) = refused(&["emulator", "--port", "0", "--portal-host", "localhost:8455"]);
    assert!(code == 3 && message.contains("--dangerously-let-other-machines-in"), "{code} {message}");
    let dangerous = ["emulator", "--port", "0", "--dangerously-let-other-machines-in", "--portal-host"];
    let Output { status, stderr, .. } =
        grantline(&[&dangerous[..], &["http://x/"]].concat()).output().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(String::from_utf8(stderr).unwrap().contains("such as localhost:4455"));
}

#[test]
fn a_portal_host_is_warned_of_and_answered_at_and_no_other_name_is() {
    let arguments = ["--dangerously-let-other-machines-in", "--portal-host", "emulator.test:8455"];
    let mut running = start(&[&["emulator", "--port", "0"], &arguments[..]].concat());
    let asked = |host: &str| {
        running.send(&format!("GET /portal HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    };
    assert!(asked("emulator.test:8455").starts_with("HTTP/1.1 200"));
    for other in ["emulator.test", "other.test:8455", &format!("emulator.test:{}", running.port())] {
        assert!(asked(other).starts_with("HTTP/1.1 403"), "{other}");
    }
    end(&running.child, "-TERM");
    let (mut greeting, mut warning) = (String::new(), String::new());
    running.said.read_to_string(&mut greeting).unwrap();
    running.child.stderr.take().unwrap().read_to_string(&mut warning).unwrap();
    running.child.wait().unwrap();
    assert!(greeting.contains("in a browser  http://emulator.test:8455/portal"), "{greeting}");
    assert!(warning.starts_with("grantline: warning: --portal-host"), "{warning}");
}

#[test]
fn tells_that_it_is_healthy() {
    let running = start(&["emulator", "--port", "0"]);
    let answer = running.get("/health");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    running.end_with("-TERM");
}

#[test]
fn serves_also_where_nobody_reads_what_it_says() {
    let path = path("unread.json");
    let (nobody, output) = std::io::pipe().unwrap();
    drop(nobody);
    let mut child = grantline(&["emulator", "--port", "0", "--state", &path]).stdout(output).spawn().unwrap();
    // The file is written when it serves.
    while !std::fs::exists(&path).unwrap() {
        assert_eq!(child.try_wait().unwrap(), None, "it goes on");
    }
    end(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    remove_state(&path);
}

#[test]
fn what_is_registered_lasts_in_the_state_file() {
    let path = path("state.json");
    let running = start(&["emulator", "--port", "0", "--state", &path]);
    let port = running.port().to_owned();
    let tenant = r#"{"id":"77777777-7777-4777-8777-777777777777","name":"Harbour Hotel AS"}"#;
    let added = running.post("/admin/tenants", "application/json", tenant);
    assert!(added.starts_with("HTTP/1.1 201"), "{added}");
    let (code, message) = refused(&["emulator", "--port", "0", "--state", &path]);
    assert!(code == 7 && message.contains("in use by another emulator"), "{code} {message}");
    assert_eq!(running.end_with("-TERM"), Some(0));

    let running = start(&["emulator", "--port", &port, "--state", &path]);
    assert!(running.get("/admin/tenants").contains("Harbour Hotel AS"));
    running.end_with("-TERM");
    remove_state(&path);
}

#[test]
fn a_state_file_that_cannot_be_written_is_told_in_one_line_and_so_is_that_it_is_written_again() {
    let folder = path("removed");
    let state = format!("{folder}/state.json");
    std::fs::create_dir(&folder).unwrap();
    let mut running = start(&["emulator", "--port", "0", "--state", &state]);
    while !std::fs::exists(&state).unwrap() {
        assert_eq!(running.child.try_wait().unwrap(), None, "it goes on");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    running.post("/admin/tenants", "application/json", r#"{"name":"Harbour Hotel AS"}"#);
    let mut said = BufReader::new(running.child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.starts_with("grantline: warning: cannot write ") && line.contains(&state), "{line}");
    std::fs::create_dir(&folder).unwrap();
    line.clear();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, format!("grantline: {state} is written again\n"));
    assert!(std::fs::read_to_string(&state).unwrap().contains("Harbour Hotel AS"));
    assert_eq!(running.end_with("-TERM"), Some(0));
    line.clear();
    assert_eq!(said.read_line(&mut line).unwrap(), 0, "{line}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_emulator_that_is_killed_while_it_writes_leaves_a_file_that_can_be_read() {
    let path = path("killed.json");
    for round in 0..5 {
        let running = start(&["emulator", "--port", "0", "--state", &path]);
        let grants = r#"{"client_id":"isv_web","username":"anna@example.com","count":2000}"#;
        for _ in 0..=round {
            let begun = running.post("/admin/grants", "application/json", grants);
            assert!(begun.starts_with("HTTP/1.1 200"), "{begun}");
        }
        assert_eq!(running.end_with("-KILL"), None);
    }
    let running = start(&["emulator", "--port", "0", "--state", &path]);
    assert!(running.get("/health").starts_with("HTTP/1.1 200"));
    running.end_with("-TERM");
    remove_state(&path);
}

#[test]
fn a_state_file_that_is_none_is_refused_in_one_line() {
    let path = path("foreign.json");
    std::fs::write(&path, "{}").unwrap();
    let (code, message) = refused(&["emulator", "--port", "0", "--state", &path]);
    remove_state(&path);
    assert!(code == 7 && message.contains("no state file") && message.contains(&path), "{code} {message}");
}

#[test]
fn a_place_where_no_state_file_can_be_written_is_refused_in_one_line() {
    let (code, message) = refused(&["emulator", "--port", "0", "--state", "/dev/null/state.json"]);
    assert!(code == 7 && message.contains("choose a folder"), "{code} {message}");
}

#[test]
fn a_configuration_that_differs_from_the_state_file_is_warned_of() {
    let (state, config) = (path("other-state.json"), path("other.toml"));
    assert_eq!(start(&["emulator", "--port", "0", "--state", &state]).end_with("-TERM"), Some(0));
    std::fs::write(&config, "[[tenant]]\nid = \"77777777-7777-4777-8777-777777777777\"\nname = \"x\"\n")
        .unwrap();
    let running = start(&["emulator", "--port", "0", "--state", &state, "--config", &config]);
    assert!(running.get("/admin/applications").contains("isv_service"), "the state file has the say");
    let warning = running.warning();
    remove_state(&state);
    std::fs::remove_file(&config).unwrap();
    assert!(warning.contains("the state file has the say"), "{warning}");
}

#[test]
fn the_printed_configuration_can_be_read_back() {
    let Output { status, stdout, .. } = grantline(&["emulator", "--print-config"]).output().unwrap();
    assert!(status.success());
    let path = std::env::temp_dir().join(format!("grantline-copy-{}.toml", std::process::id()));
    std::fs::write(&path, stdout).unwrap();
    let running = start(&["emulator", "--port", "0", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    assert!(running.greeting().contains("isv_native"));
}

#[test]
fn tells_its_version() {
    let Output { stdout, .. } = grantline(&["--version"]).output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap().trim(), concat!("grantline ", env!("CARGO_PKG_VERSION")));
}
