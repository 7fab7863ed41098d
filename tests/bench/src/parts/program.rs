//! The program `grantline` as its user starts it.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::Result;

/// Beside this program, where cargo puts both.
pub(super) fn path() -> Result<PathBuf> {
    let path = env::current_exe()?.with_file_name(format!("grantline{}", env::consts::EXE_SUFFIX));
    let missing = || "no grantline beside this program; cargo build --release --package grantline-cli".into();
    path.exists().then_some(path).ok_or_else(missing)
}

/// From the start of a command to its end, which is good.
pub(super) fn milliseconds(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let status = command.status()?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    status.success().then_some(took).ok_or_else(|| format!("{command:?} ended with {status}").into())
}
