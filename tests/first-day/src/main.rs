//! Does what `docs/first-day.md` says, command after command, in a home folder of its own: `first-day rust`, and likewise
//! `python`, `kotlin` and `swift`, whose commands need more than Rust. `first-day browse URL` is the browser.
//!
//! Each ends with 0 only if every command did, and showed what the page shows. [`document`] says how the page is read,
//! [`ports`] and [`stand_ins`] what is done otherwise than a reader does it.

#![cfg_attr(not(unix), allow(unused, reason = "the page's commands are a shell's"))]
#![allow(clippy::print_stdout, reason = "it tells how far it is")]

#[cfg(unix)]
mod browser;
mod document;
mod expected;
mod failure;
#[cfg(unix)]
mod ports;
#[cfg(unix)]
mod run;
mod sandbox;
#[cfg(unix)]
mod stand_ins;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod world;

use std::process::ExitCode;

use failure::{Failure, failure};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match carry_out(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("first-day: {failure}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn carry_out(words: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["browse", url] => browser::log_in(url).map(drop),
        [name] => run::part(document::Part::named(name).ok_or_else(|| failure(USAGE))?),
        _ => Err(failure(USAGE)),
    }
}

#[cfg(not(unix))]
fn carry_out(_: &[String]) -> Result<(), Failure> {
    Err(failure("the commands of docs/first-day.md are for a Unix shell"))
}

const USAGE: &str = "name a part: rust, python, kotlin or swift; or `browse URL`";
