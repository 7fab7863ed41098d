//! The short form of the harness, on every store.

#![cfg(unix)]

use std::process::{Command, Stdio};

#[test]
fn processes_that_are_killed_and_stopped_lose_nothing_but_what_died_with_them() {
    let harness = env!("CARGO_BIN_EXE_grantline-processes");
    let output = Command::new(harness).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success());
}
