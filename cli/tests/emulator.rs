//! `grantline emulator` as its user and its scripts see it.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn grantline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantline"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = grantline(arguments).output().unwrap();
    assert!(!status.success());
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// A running emulator, what it said, and where it listens.
struct Running {
    child: Child,
    greeting: String,
    authority: String,
}

fn start(arguments: &[&str]) -> Running {
    let mut child = grantline(arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut greeting = String::new();
    let authority = loop {
        let line = lines.next().expect("a ready line").unwrap();
        if let Some(url) = line.strip_prefix("ready http://") {
            break url.to_owned();
        }
        greeting.push_str(&line);
        greeting.push('\n');
    };
    Running { child, greeting, authority }
}

impl Running {
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.authority)
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn end_with(mut self, signal: &str) -> Option<i32> {
        // The shell's own `kill`: a small system has no program of that name.
        let kill = format!("kill {signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

#[test]
fn says_what_it_listens_on_and_which_credentials_it_takes() {
    let running = start(&["emulator", "--port", "0"]);
    for needed in [
        "mode visma-connect",
        "isv_service",
        "service-secret",
        "logged out http://localhost:8080/",
        "anna@example.com / correct horse",
    ] {
        assert!(running.greeting.contains(needed), "{needed} is missing in:\n{}", running.greeting);
    }
    assert!(running.get("/.well-known/openid-configuration").starts_with("HTTP/1.1 200"));
    running.end_with("-TERM");
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
    assert!(running.greeting.contains("mode standard"), "{}", running.greeting);
    running.end_with("-TERM");
}

#[test]
fn the_mode_of_visma_connect_is_called_as_in_the_configuration_file_or_visma_for_short() {
    for name in ["visma-connect", "visma"] {
        let running = start(&["emulator", "--port", "0", "--mode", name]);
        assert!(running.greeting.contains("mode visma-connect"), "{}", running.greeting);
        running.end_with("-TERM");
    }
}

#[test]
fn says_in_one_line_that_the_port_is_in_use() {
    let running = start(&["emulator", "--port", "0"]);
    let port = running.authority.rsplit(':').next().unwrap();
    let message = refused(&["emulator", "--port", port]);
    assert!(message.contains("choose another port"), "{message}");
    running.end_with("-TERM");
}

#[test]
fn says_in_one_line_what_is_wrong_with_a_configuration_file() {
    let path = std::env::temp_dir().join(format!("grantline-bad-{}.toml", std::process::id()));
    std::fs::write(&path, "mode = \"standard\"\n\ncolour = \"blue\"\n").unwrap();
    let message = refused(&["emulator", "--port", "0", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    assert!(message.contains("line 3") && message.contains("colour"), "{message}");
}

#[test]
fn says_in_one_line_that_a_configuration_file_is_missing() {
    let message = refused(&["emulator", "--config", "no-such-file.toml"]);
    assert!(message.contains("no-such-file.toml"), "{message}");
}

#[test]
fn all_addresses_need_an_issuer() {
    let message = refused(&["emulator", "--port", "0", "--dangerous-listen", "0.0.0.0"]);
    assert!(message.contains("issuer"), "{message}");
}

#[test]
fn the_printed_configuration_can_be_read_back() {
    let Output { status, stdout, .. } = grantline(&["emulator", "--print-config"]).output().unwrap();
    assert!(status.success());
    let path = std::env::temp_dir().join(format!("grantline-copy-{}.toml", std::process::id()));
    std::fs::write(&path, stdout).unwrap();
    let running = start(&["emulator", "--port", "0", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    assert!(running.greeting.contains("isv_native"));
    running.end_with("-TERM");
}

#[test]
fn tells_its_version() {
    let Output { stdout, .. } = grantline(&["--version"]).output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap().trim(), concat!("grantline ", env!("CARGO_PKG_VERSION")));
}
