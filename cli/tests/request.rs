//! `grantline request`.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use grantline_emulator::Config;
use serde_json::json;
use support::{PROFILES, World};

/// An API that answers each request by the next of these heads, and keeps what came.
struct Api {
    url: String,
    requests: JoinHandle<Vec<String>>,
}

impl Api {
    fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serve = move |answer: &&str| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read(&mut stream);
            let (head, body) = answer.split_once("\n\n").unwrap();
            let head = head.replace('\n', "\r\n");
            write!(
                stream,
                "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            request
        };
        Self { url, requests: thread::spawn(move || answers.iter().map(serve).collect()) }
    }

    fn world(&self) -> World {
        let profile = format!(
            "[profile.export]\nprovider = \"URL\"\nbehaves_like = \"visma-connect\"\ntype = \"service\"\n\
             client_id = \"isv_service\"\nclient_secret = {{ env = \"EXPORT_SECRET\" }}\nscopes = [\"visma_api:read\"]\n\
             tenant_id = \"{}\"\napi_origins = [\"{}\"]\n",
            support::BAKERY,
            self.url
        );
        World::with(Config::default(), &profile)
    }

    fn requests(self) -> Vec<String> {
        self.requests.join().unwrap()
    }
}

fn read(stream: &mut impl std::io::Read) -> String {
    let mut text = String::new();
    let mut byte = [0];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        stream.read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
}

#[test]
fn a_request_goes_out_with_the_token_and_its_answer_is_printed() {
    let api = Api::start(&["200 OK\ncontent-type: application/json\n\n{\"a\":1}"]);
    let world = api.world();
    let token = world.run(&["token"]).done();
    assert_eq!(world.run(&["request", &format!("{}/v1?b=2", api.url)]).done(), "{\"a\":1}");
    let requests = api.requests();
    assert!(requests[0].starts_with("GET /v1?b=2 HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(
        requests[0].contains(&format!("authorization: Bearer {}\r\n", token.trim_end())),
        "{}",
        requests[0]
    );
}

#[test]
fn a_token_that_the_api_refuses_is_replaced_and_the_request_sent_once_more() {
    let refusal = "401 Unauthorized\nwww-authenticate: Bearer error=\"invalid_token\"\n\n";
    let api = Api::start(Box::leak(Box::new([refusal, "200 OK\n\nfine"])));
    let world = api.world();
    world.run(&["token"]).done();
    assert_eq!(world.run(&["request", &api.url]).done(), "fine");
    let requests = api.requests();
    assert_eq!(requests.len(), 2);
    assert_ne!(requests[0], requests[1], "another token");
    assert_eq!(world.token_requests("isv_service"), 2);
}

#[test]
fn method_headers_and_body_are_chosen_as_with_curl() {
    let api = Api::start(&["201 Created\nx-made: yes\n\n", "200 OK\n\n", "200 OK\n\n"]);
    let world = api.world();
    world.folder.write("invoice.json", "{\"sum\":1}");
    let made =
        world.run(&["request", "-X", "PUT", "-H", "X-Mine: a: b", "-d", "@invoice.json", "-i", &api.url]);
    let head = made.done();
    assert!(head.starts_with("HTTP/1.1 201 Created\n") && head.contains("\nx-made: yes\n"), "{head}");
    world
        .run_with(&["request", "--body", "@-", "--header", "Content-Type: text/plain", &api.url], "hello")
        .done();
    world.run(&["request", &api.url]).done();
    let requests = api.requests();
    assert!(
        requests[0].starts_with("PUT / ") && requests[0].ends_with("\r\n\r\n{\"sum\":1}"),
        "{}",
        requests[0]
    );
    assert!(
        requests[0].contains("x-mine: a: b\r\n")
            && requests[0].contains("content-type: application/json\r\n")
    );
    assert!(requests[1].starts_with("POST / ") && requests[1].ends_with("\r\n\r\nhello"), "{}", requests[1]);
    assert!(requests[1].contains("content-type: text/plain\r\n"), "{}", requests[1]);
    assert!(requests[2].starts_with("GET / "), "{}", requests[2]);
}

#[test]
fn headers_are_read_from_files_and_standard_input() {
    let api = Api::start(&["200 OK\n\n", "200 OK\n\n"]);
    let world = api.world();
    world
        .folder
        .write("key", "Ocp-Apim-Subscription-Key: hunter2\r\n\nCookie: session=hunter3\nX-Kind: first");
    world.run(&["request", "-H", "@key", "-H", "X-Kind: second", &api.url]).done();
    world.folder.write("body", "{}");
    world.run_with(&["request", "-H", "@-", "-d", "@body", &api.url], "X-Kind: third\n").done();
    let requests = api.requests();
    for line in
        ["ocp-apim-subscription-key: hunter2", "cookie: session=hunter3", "x-kind: first", "x-kind: second"]
    {
        assert!(requests[0].contains(&format!("{line}\r\n")), "{line}: {}", requests[0]);
    }
    assert!(requests[1].contains("x-kind: third\r\n") && requests[1].ends_with("{}"), "{}", requests[1]);
}

#[test]
fn a_file_of_headers_that_cannot_be_used_is_refused_by_its_line_and_not_repeated() {
    let world = World::new();
    let url = world.emulator.url();
    for (text, code) in [
        ("X-A: b\n\nhunter2\n", "key, line 3: a header cannot be read (header_invalid)"),
        ("X-A: b\nX B: hunter2\n", "line 2"),
        ("authorization: Bearer hunter2", "authorization_present"),
        ("Proxy-Authorization: Basic hunter2", "proxy_authorization_present"),
    ] {
        world.folder.write("key", text);
        let refused = world.run(&["request", &url, "-H", "@key"]).refused(2);
        assert!(refused.contains(code) && !refused.contains("hunter2"), "{refused}");
    }
    assert!(world.run(&["request", &url, "-H", "@none"]).refused(3).contains("none cannot be read"));
    let twice = world.run_with(&["request", &url, "-H", "@-", "-d", "@-"], "X-A: b\n").refused(2);
    assert!(twice.contains("input_used_twice"), "{twice}");
}

#[test]
fn a_body_without_an_end_is_read_no_longer_than_its_reader_stays() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
        while stream.write_all(b"one more line\n").is_ok() {}
    });
    let api = Api { url, requests: thread::spawn(Vec::new) };
    let world = api.world();
    let mut child = world.command(&["request", "--max-time", "600", &api.url]).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "one more line\n");
    let ended = support::ended(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    sent.join().unwrap();
}

#[test]
fn an_answer_in_json_has_status_headers_and_body() {
    let api = Api::start(&["200 OK\nx-a: b\n\n{\"a\":1}", "200 OK\n\nplain"]);
    let world = api.world();
    let object = world.run(&["request", "--json", &api.url]).json();
    assert_eq!((&object["status"], &object["body"]), (&json!(200), &json!({"a": 1})));
    assert!(object["headers"].as_array().unwrap().contains(&json!(["x-a", "b"])), "{object}");
    let object = world.run(&["request", "--json", &api.url]).json();
    assert_eq!(object["body_text"], "plain");
    api.requests();
}

#[test]
fn what_the_api_says_becomes_an_exit_code_and_its_body_is_printed() {
    let api = Api::start(&[
        "403 Forbidden\nwww-authenticate: Bearer error=\"insufficient_scope\", scope=\"x\"\n\nno",
        "404 Not Found\n\nnot here",
        "503 Service Unavailable\n\nlater",
        "408 Request Timeout\n\nslow",
    ]);
    let world = api.world();
    for (code, name, body) in [
        (5, "api_insufficient_scope", "no"),
        (5, "api_refused", "not here"),
        (6, "api_in_trouble", "later"),
        (6, "api_in_trouble", "slow"),
    ] {
        let ended = world.run(&["request", &api.url]);
        assert_eq!(ended.out, body);
        assert!(ended.refused(code).contains(name), "{name}");
    }
    api.requests();
}

#[test]
fn the_emulator_s_own_api_is_reached_by_a_session() {
    let world = World::new();
    world.log_in(&[]).done();
    let url = format!("{}/api/invoices", world.emulator.url());
    assert!(world.run(&["request", "-p", "scanner", &url]).done().starts_with(['{', '[']));
}

#[test]
fn a_request_without_a_session_asks_for_a_login() {
    let world = World::new();
    let refused = world.run(&["request", "-p", "scanner", "/api/invoices"]).refused(4);
    assert!(refused.ends_with("; log in with `grantline login --profile scanner`\n"), "{refused}");
}

#[test]
fn no_token_goes_to_an_origin_that_the_profile_does_not_name() {
    let world = World::new();
    let refused = world.run(&["request", "https://evil.example/x"]).refused(3);
    assert!(refused.contains("origin_not_allowed") && refused.contains("https://evil.example"), "{refused}");
    let with_a_name = world.emulator.url().replace("http://", "http://anna:hunter2@");
    let refused = world.run(&["request", &with_a_name]).refused(2);
    assert!(refused.contains("a user name or a password") && !refused.contains("hunter2"), "{refused}");
}

#[test]
fn a_path_is_one_of_the_only_api() {
    let api = Api::start(&["200 OK\n\n", "200 OK\n\n"]);
    let world = api.world();
    world.run(&["request", "/v1/invoices?page=2"]).done();
    // What a browser would take for a host stays a path.
    world.run(&["request", "//evil.example/x"]).done();
    let requests = api.requests();
    assert!(requests[0].starts_with("GET /v1/invoices?page=2 HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[1].starts_with("GET //evil.example/x HTTP/1.1\r\n"), "{}", requests[1]);
}

#[test]
fn a_path_without_an_api_or_with_several_is_refused_with_their_names() {
    let world = World::new();
    let refused = world.run(&["request", "-p", "portal", "/v1"]).refused(3);
    assert!(
        refused.contains("origin_not_allowed") && refused.contains("portal has no api_origins"),
        "{refused}"
    );
    let profiles = PROFILES.replace("[\"URL\"]", "[\"https://a.example\", \"https://b.example\"]");
    let refused = World::with(Config::default(), &profiles).run(&["request", "/v1"]).refused(2);
    assert!(refused.contains("url_incomplete"), "{refused}");
    assert!(refused.contains("https://a.example, https://b.example"), "{refused}");
}

#[test]
fn an_api_that_is_down_is_code_6() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Api { url, requests: thread::spawn(Vec::new) };
    let world = api.world();
    drop(listener);
    assert!(world.run(&["request", &api.url]).refused(6).contains("api_not_answered"));
}

#[test]
fn secrets_on_the_command_line_are_refused_and_not_repeated() {
    let world = World::new();
    let url = world.emulator.url();
    for (arguments, code) in [
        (["-H", "Authorization: Bearer hunter2"], "authorization_present"),
        (["-H", "cookie: session=hunter2"], "cookie_on_command_line"),
        (["-H", "Proxy-Authorization: Basic hunter2"], "proxy_authorization_present"),
        (["-d", "hunter2"], "body_on_command_line"),
        (["-H", "hunter2"], "header_invalid"),
    ] {
        let refused = world.run(&[&["request", &url], &arguments[..]].concat()).refused(2);
        assert!(refused.contains(code) && !refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn what_is_no_url_method_or_file_is_named() {
    let world = World::new();
    let url = world.emulator.url();
    assert!(world.run(&["request", "v1"]).refused(2).contains("url_invalid"));
    assert!(world.run(&["request", &url, "-X", "G T"]).refused(2).contains("method_invalid"));
    assert!(world.run(&["request", &url, "-d", "@none.json"]).refused(3).contains("none.json"));
}
