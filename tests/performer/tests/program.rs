//! The binary, as other languages use it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Program {
    child: Child,
    authority: String,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fault-server"))
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let authority = line.trim_end().strip_prefix("ready http://").unwrap().to_owned();
        Self { child, authority }
    }

    fn ask(&self, request_line: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        let length = body.len();
        write!(stream, "{request_line} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn counts_what_arrived_and_forgets_it_on_request() {
    let program = Program::start();
    assert_eq!(program.ask("GET /count/closed", ""), "0");
    assert_eq!(program.ask("POST /case/closed", "a=b"), "");
    assert_eq!(program.ask("GET /count/closed", ""), "1");
    assert_eq!(program.ask("GET /written/closed", ""), "0");
    program.ask("DELETE /reset", "");
    assert_eq!(program.ask("GET /count/closed", ""), "0");
}

#[test]
fn names_its_origins_and_its_root_certificate() {
    let program = Program::start();
    let origins: serde_json::Value = serde_json::from_str(&program.ask("GET /origins", "")).unwrap();
    assert_eq!(origins["http"], program.authority);
    for name in ["http_by_name", "tls", "tls_other_name", "tls_expired", "silent", "refused"] {
        assert!(origins[name].as_str().is_some_and(|origin| origin.contains(':')), "{name}");
    }
    assert!(program.ask("GET /root.pem", "").starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn refuses_arguments_that_it_does_not_know() {
    let status = Command::new(env!("CARGO_BIN_EXE_fault-server"))
        .args(["--prot", "0"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}
