//! `grantline emulator` as a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use super::connection::Connection;
use crate::Result;
use crate::parts::program;

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
        let mut command = Command::new(program::path()?);
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
