//! The way to the provider, what it publishes, and its time.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use grantline_emulator::{Config, DiscoveryFault, Fault, FaultKind, JwksFault};
use grantline_performer_contract::FaultServer;

use crate::support::World;
use crate::{NATIVE, Report, SERVICE, doctor, world};

#[test]
fn a_name_a_connection_and_a_handshake_that_fail_are_told_apart() {
    let server = FaultServer::start().unwrap();
    let (dns, tcp, tls) = ("not resolved", "no connection", "handshake");
    for (provider, check, words) in [
        ("https://provider.invalid".to_owned(), "dns", dns),
        (server.fill("https://{refused}"), "tcp", tcp),
        (server.fill("https://{tls}"), "tls", tls),
        (server.fill("https://{tls_expired}"), "tls", tls),
        (server.fill("https://{tls_other_name}"), "tls", tls),
        (server.fill("https://{http}"), "tls", tls),
    ] {
        let world = world(Config::default(), &format!("provider = {provider:?}\n{SERVICE}"));
        let mut command = world.command(&["doctor"]);
        without_proxy(&mut command);
        let report = Report::of(command);
        report.says(check, "error", words).ends_with(11);
        let order = ["dns", "tcp", "tls"];
        let at = order.iter().position(|one| *one == check).unwrap();
        for (place, name) in order.into_iter().enumerate().filter(|(place, _)| *place != at) {
            report.says(name, if place < at { "ok" } else { "not_checked" }, "");
        }
        assert!(report.of_check("token").next().is_none(), "{}", report.all);
    }
}

#[test]
fn what_answers_and_is_no_provider_is_the_metadata_s_error() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = {:?}\n{SERVICE}", server.url()));
    doctor(&world, "it").says("tcp", "ok", "").says("metadata", "error", "status 404").ends_with(11);
    // A trusted certificate, and still no metadata.
    let profile = format!("provider = {:?}\n{SERVICE}", server.fill("https://{tls}"));
    let world = self::world(Config::default(), &profile);
    let mut command = world.command(&["doctor"]);
    without_proxy(&mut command);
    command.env("SSL_CERT_FILE", world.folder.write("root.pem", server.root_certificate()));
    Report::of(command).says("tls", "ok", "is good").says("metadata", "error", "status 404");
}

fn without_proxy(command: &mut Command) {
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
}

/// A proxy for one connection. `to`: where it leads, whatever is asked of it; without, it refuses.
fn proxy(to: Option<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, to) = (stream.unwrap(), to.clone());
            thread::spawn(move || tunnel(&mut stream, to.as_deref()));
        }
    });
    format!("http://user:hunter2@{address}")
}

fn tunnel(stream: &mut TcpStream, to: Option<&str>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let Some(to) = to else {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        return;
    };
    let mut server = TcpStream::connect(to).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from, mut back) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    let there = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut back);
        let _ = back.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, stream);
    let _ = stream.shutdown(Shutdown::Write);
    there.join().unwrap();
}

fn behind(proxy: &str, world: &World) -> Report {
    let mut command = world.command(&["doctor"]);
    without_proxy(&mut command);
    command.env("HTTPS_PROXY", proxy).env_remove("NO_PROXY").env_remove("no_proxy");
    Report::of(command)
}

#[test]
fn a_proxy_that_is_closed_or_refuses_is_the_proxy_s_error() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = \"https://other.example\"\n{SERVICE}"));
    for closed in [server.fill("http://{refused}"), proxy(None)] {
        let report = behind(&closed, &world);
        report.says("proxy", "error", "HTTPS_PROXY").says("dns", "not_checked", "").ends_with(11);
        assert!(!report.all.contains("hunter2"), "{}", report.all);
    }
}

#[test]
fn tls_behind_a_proxy_is_told_from_the_proxy() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = \"https://other.example\"\n{SERVICE}"));
    for (origin, tls, part) in [("{tls}", "error", "handshake"), ("{tls_other_name}", "error", "handshake")] {
        let report = behind(&proxy(Some(server.fill(origin))), &world);
        report.says("proxy", "ok", "leads to other.example").says("tls", tls, part).ends_with(11);
    }
}

#[test]
fn metadata_issuer_and_keys_that_are_wrong_are_named() {
    for (fault, check, part) in [
        (FaultKind::Discovery(DiscoveryFault::WrongIssuer), "issuer", "calls itself"),
        (FaultKind::Discovery(DiscoveryFault::IssuerWithSlash), "issuer", "to the letter"),
        (FaultKind::Discovery(DiscoveryFault::InsecureTokenEndpoint), "metadata", "http://login.example"),
        (FaultKind::Discovery(DiscoveryFault::NoJwksUri), "keys", "jwks_uri"),
        (FaultKind::Jwks(JwksFault::Empty), "keys", "no key"),
    ] {
        let world = World::new();
        world.emulator.add_fault(Fault::new(fault)).unwrap();
        doctor(&world, "scanner").says(check, "error", part).ends_with(11);
    }
}

#[test]
fn a_clock_that_is_off_is_an_error_for_logins_and_a_warning_for_services() {
    for (offset, direction) in [(400, "behind"), (-400, "ahead of")] {
        let config = || Config { clock_offset_s: offset, ..Config::default() };
        let login = doctor(&world(config(), NATIVE), "it");
        login.says("clock", "error", direction).says("clock", "error", "NTP").ends_with(11);
        doctor(&world(config(), SERVICE), "it").says("clock", "warning", direction).ends_with(10);
    }
    let config = Config { clock_offset_s: 30, ..Config::default() };
    doctor(&world(config, NATIVE), "it").says("clock", "warning", "behind").ends_with(10);
}
