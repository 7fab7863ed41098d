//! `fault-server [--port PORT]`: the fault server as a program, for performers in other languages.
//!
//! Prints `ready http://127.0.0.1:PORT` and serves until it is ended.

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;

use grantline_performer_contract::FaultServer;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(port) = port(&arguments) else {
        eprintln!("usage: fault-server [--port PORT]");
        return ExitCode::from(2);
    };
    match serve(port) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("fault-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn port(arguments: &[String]) -> Option<u16> {
    match arguments {
        [] => Some(0),
        [name, value] if name == "--port" => value.parse().ok(),
        _ => None,
    }
}

fn serve(port: u16) -> io::Result<std::convert::Infallible> {
    let server = FaultServer::start_on(port)?;
    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", server.url())?;
    out.flush()?;
    drop(out);
    loop {
        thread::park();
    }
}
