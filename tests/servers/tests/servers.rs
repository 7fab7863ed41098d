//! The servers start, answer, end and leave nothing behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::io::{BufRead, BufReader, Read, stdin};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use grantline_test_servers::{PgBouncer, Postgres, Redis};

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn redis_answers_until_it_is_dropped() {
    let mut redis =
        Redis::with().setting("appendonly", "yes").setting("appendfsync", "always").start().unwrap();
    assert_eq!(redis.command(&["SET", "key", "value"]).unwrap(), "OK");
    redis.restart().unwrap();
    assert_eq!(redis.command(&["GET", "key"]).unwrap(), "value");
    let port = redis.port();
    drop(redis);
    assert!(!answers(port));
}

#[test]
fn a_setting_that_redis_refuses_is_named() {
    let failure = Redis::with().setting("maxmemory", "much").start().unwrap_err().to_string();
    assert!(failure.contains("`redis-server` ended before it was ready"), "{failure}");
    assert!(failure.contains("argument must be a memory value"), "{failure}");
}

#[test]
fn postgres_keeps_what_was_committed_when_it_is_killed() {
    let mut postgres = Postgres::start().unwrap();
    postgres.create_database("kept").unwrap();
    postgres.sql("kept", "CREATE TABLE names (name text)").unwrap();
    postgres.sql("kept", "INSERT INTO names VALUES ('value')").unwrap();
    postgres.restart().unwrap();
    assert_eq!(postgres.sql("kept", "SELECT name FROM names").unwrap(), "value");
    let bouncer = PgBouncer::before(&postgres).unwrap();
    assert!(answers(bouncer.port()));
    let (port, bouncer_port) = (postgres.port(), bouncer.port());
    drop((postgres, bouncer));
    assert!(!answers(port) && !answers(bouncer_port));
}

const IN_A_CHILD: &str = "GRANTLINE_SERVERS_IN_A_CHILD";

#[test]
fn a_server_ends_with_the_process_that_started_it_however_that_ends() {
    if env::var_os(IN_A_CHILD).is_some() {
        let redis = Redis::start().unwrap();
        println!("port {}", redis.port());
        // Until it is killed.
        stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let name = "a_server_ends_with_the_process_that_started_it_however_that_ends";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(IN_A_CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port =
        lines.find_map(|line| line.split_once("port ").map(|(_, port)| port.parse().unwrap())).unwrap();
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(connection.read(&mut [0]).unwrap(), 0, "its end closes the connection");
}
