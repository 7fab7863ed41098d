//! What a newcomer is told to do, with nothing but Rust. The other parts are run by the suites of their languages:
//! `cargo xtask test python`, `kotlin` and `swift`.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

#[test]
fn every_command_of_the_first_day_does_what_the_page_says() {
    let mut day = Command::new(env!("CARGO_BIN_EXE_first-day"));
    let output = day.arg("rust").stdin(Stdio::null()).output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
