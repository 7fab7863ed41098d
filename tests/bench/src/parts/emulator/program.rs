//! `grantline emulator` as a process.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use super::connection::Connection;
use crate::Result;

/// It ends when dropped.
pub(super) struct Program {
    child: Child,
    /// Open, so that what it says has somewhere to go.
    _said: BufReader<ChildStdout>,
    address: SocketAddr,
    began: Instant,
}

impl Program {
    pub(super) fn start() -> Result<Self> {
        let began = Instant::now();
        let mut command = Command::new(path()?);
        let mut child = command.args(["emulator", "--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("the program has no output")?);
        let mut ready = String::new();
        said.read_line(&mut ready)?;
        let address = ready.trim_end().strip_prefix("ready http://").ok_or("no ready line")?.parse()?;
        Ok(Self { child, _said: said, address, began })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Milliseconds from its start until it has answered there with 200.
    pub(super) fn until_answer(&mut self, path: &str) -> Result<f64> {
        Connection::open(self.address)?.get(path)?;
        Ok(self.began.elapsed().as_secs_f64() * 1000.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds that the program takes to be started and to say which it is.
pub(super) fn time_of_version() -> Result<f64> {
    let began = Instant::now();
    Command::new(path()?).arg("--version").stdout(Stdio::null()).status()?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// Beside this program, where cargo puts both.
fn path() -> Result<PathBuf> {
    let path = env::current_exe()?.with_file_name(format!("grantline{}", env::consts::EXE_SUFFIX));
    let missing = || "no grantline beside this program; cargo build --release --package grantline-cli".into();
    path.exists().then_some(path).ok_or_else(missing)
}
