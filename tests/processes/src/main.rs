//! Real processes that share one store: 8 of 32 threads each, whose sessions have all expired, undisturbed, killed and
//! stopped at random moments. The emulator says what reached it and judges what was lost.
//!
//! `cargo xtask test rust` runs the short form, `cargo xtask processes --rounds 200 --stops 20` the long one.

#![allow(clippy::print_stdout, reason = "a command talks to its user")]

#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
mod fleet;
#[cfg(unix)]
mod job;
#[cfg(unix)]
mod judge;
#[cfg(unix)]
mod places;
#[cfg(unix)]
mod random;
#[cfg(unix)]
mod round;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod scenarios;
#[cfg(unix)]
mod tally;
#[cfg(unix)]
mod worker;
#[cfg(unix)]
mod world;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    run::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    println!("grantline-processes: signals and the servers of the tests are there on Unix only");
    ExitCode::FAILURE
}
