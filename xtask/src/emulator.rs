//! The servers that the language suites talk to, started once a run and ended with it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Result, cannot};
use crate::report::step;
use crate::run;
use crate::rust;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Servers {
    running: Vec<Server>,
    vectors: PathBuf,
    /// The program, for tests that need an emulator with a configuration of their own.
    program: PathBuf,
}

impl Servers {
    /// All that a test suite talks to: the emulator in both modes, and the server that misbehaves.
    pub(crate) fn for_tests(workspace: &Workspace) -> Result<Self> {
        let standard = ["emulator", "--port", "0", "--mode", "standard"];
        let fault_server = workspace.program("fault-server");
        let mut servers = Self::for_demo(workspace)?;
        servers.running.push(Server::emulator(workspace, "GRANTLINE_EMULATOR_STANDARD_URL", &standard)?);
        servers.running.push(Server::start(workspace, "GRANTLINE_FAULT_SERVER_URL", &fault_server, &[])?);
        Ok(servers)
    }

    /// The emulator as Visma Connect.
    pub(crate) fn for_demo(workspace: &Workspace) -> Result<Self> {
        step("building the Rust side");
        rust::build(workspace)?;
        let visma = ["emulator", "--port", "0", "--mode", "visma"];
        let running = vec![Server::emulator(workspace, "GRANTLINE_EMULATOR_URL", &visma)?];
        let (vectors, program) = (workspace.path("tests/vectors"), workspace.program("grantline"));
        Ok(Self { running, vectors, program })
    }

    /// Tells a program where the servers and the cases are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("GRANTLINE_VECTORS", &self.vectors);
        command.env("GRANTLINE_PROGRAM", &self.program);
        command.envs(self.running.iter().map(|server| (server.variable, &server.url)));
    }
}

/// One server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    variable: &'static str,
    url: String,
    child: Child,
}

impl Server {
    pub(crate) fn emulator(
        workspace: &Workspace,
        variable: &'static str,
        arguments: &[&str],
    ) -> Result<Self> {
        Self::start(workspace, variable, &workspace.program("grantline"), arguments)
    }

    pub(crate) fn start(
        workspace: &Workspace,
        variable: &'static str,
        program: &Path,
        arguments: &[&str],
    ) -> Result<Self> {
        let log = workspace.log(&variable.to_lowercase());
        let errors = run::create_log(&log)?;
        let output = errors.try_clone().map_err(cannot("write", &log))?;
        let child = Command::new(program)
            .args(arguments)
            // Which ends with this process, and tells a server that listens to it.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(cannot("start", program))?;
        // From here on the drop guard ends the child, whatever happens.
        let mut server = Self { variable, url: String::new(), child };
        let ready = server.child.stdout.take().map(|stdout| listen(stdout, output, ready_url));
        let url = ready.and_then(|ready| ready.recv_timeout(START_LIMIT).ok()).ok_or_else(|| {
            let program = program.display();
            Failure::new(format!("{program} did not get ready; {}\n{}", log.display(), run::tail(&log)))
        })?;
        server.url = url;
        step(&format!("{variable}={}", server.url));
        Ok(server)
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a server's output to its end, so that a full pipe never stops it, and says when it is ready.
///
/// `ready`: the URL in the line that says so.
pub(crate) fn listen(
    stdout: ChildStdout,
    mut log: impl Write + Send + 'static,
    ready: fn(&str) -> Option<&str>,
) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
            if let Some(url) = ready(&line) {
                // Nobody waits any more once the first such line was seen.
                let _ = sender.send(url.to_owned());
            }
            // The log is a help, not a duty.
            let _ = writeln!(log, "{line}");
        }
    });
    receiver
}

/// `ready http://127.0.0.1:4455`
fn ready_url(line: &str) -> Option<&str> {
    let url = line.trim().strip_prefix("ready ")?;
    let port = url.strip_prefix("http://127.0.0.1:")?;
    port.parse::<u16>().is_ok().then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_url_of_a_ready_line() {
        assert_eq!(ready_url("ready http://127.0.0.1:4455"), Some("http://127.0.0.1:4455"));
        assert_eq!(ready_url("ready http://127.0.0.1:1\r"), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn ignores_every_other_line() {
        for line in [
            "",
            "ready",
            "not ready http://127.0.0.1:1",
            "ready http://127.0.0.1:",
            "ready http://127.0.0.1:99999",
            "ready http://10.0.0.1:80",
            "client isv_service secret 'x'",
        ] {
            assert_eq!(ready_url(line), None, "{line}");
        }
    }
}
