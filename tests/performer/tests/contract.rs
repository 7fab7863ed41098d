//! The contract notices performers that break it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{Read, Write};
use std::net::TcpStream;

use grantline_performer_contract::FaultServer;
use grantline_performer_contract::contract::{Outcome, Request, run};

fn failure(kind: &str, sent: &str) -> Outcome {
    Outcome::Failure { kind: kind.to_owned(), sent: sent.to_owned() }
}

/// Sends the request, if it goes to plain HTTP, and ends the connection once the server has taken notice.
fn send(server: &FaultServer, request: &Request) {
    let authority = server.fill("{http}");
    let Some(path) = request.url.strip_prefix(&format!("http://{authority}")) else { return };
    let body = request.body.clone().unwrap_or_default();
    let head = format!("{} {path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n", request.method, body.len());
    let mut stream = TcpStream::connect(&authority).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = [0; 1024];
    // A reset ends it as well.
    let _ = stream.read(&mut answer);
}

#[tokio::test]
async fn notices_a_performer_that_sends_nothing() {
    let server = FaultServer::start().unwrap();
    let complaints = run(&server, async |_| failure("timed_out", "maybe")).await;
    for case in
        ["ok: ", "closed: ", "silent: ", "tls-trusted-root: ", "caller-gone: ", "connection-refused: "]
    {
        assert!(complaints.iter().any(|complaint| complaint.starts_with(case)), "{case} {complaints:#?}");
    }
}

#[tokio::test]
async fn notices_a_performer_that_sends_again() {
    let server = FaultServer::start().unwrap();
    let again = async |request: Request| {
        send(&server, &request);
        send(&server, &request);
        failure("connection_lost", "maybe")
    };
    let complaints = run(&server, again).await;
    assert!(complaints.contains(&"closed: 2 requests arrived, not [1]".to_owned()), "{complaints:#?}");
}

#[tokio::test]
async fn notices_a_performer_that_says_nothing_was_sent_when_it_was() {
    let server = FaultServer::start().unwrap();
    let complaints = run(&server, async |request: Request| {
        send(&server, &request);
        failure("connection_lost", "certainly_not")
    })
    .await;
    assert!(complaints.iter().any(|complaint| complaint.starts_with("closed: expected")), "{complaints:#?}");
}
