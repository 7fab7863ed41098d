//! Terminals: one in which block after block is run, and one for each server.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::failure::{Failure, failure};
use crate::world::World;

/// For a machine that has much else to do.
const START_LIMIT: Duration = Duration::from_secs(300);

/// What a block of commands came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) said: String,
}

/// Runs a block in the terminal in which those before it were run: what they set, and where they went, is still so.
pub(crate) fn run(world: &World, script: &str) -> Result<Ended, Failure> {
    let (variables, folder) = (world.path("variables"), world.path("folder"));
    let (variables, folder) = (variables.display(), folder.display());
    let before = format!("if [ -f '{folder}' ]; then . '{variables}'; cd \"$(cat '{folder}')\"; fi");
    let after = format!("trap 'code=$?; export -p > {variables}; pwd > {folder}; exit $code' EXIT");
    let output = world.shell(&format!("{before}\n{after}\nset -a\n{script}"))?.output()?;
    let code = output.status.code().ok_or_else(|| failure("the shell was ended by a signal"))?;
    Ok(Ended { code, said: String::from_utf8(output.stdout)? })
}

/// A block that goes on running. It ends, with all that it started, when this is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    pub(crate) fn start(mut shell: Command) -> Result<Self, Failure> {
        let mut child = shell.process_group(0).stdout(Stdio::piped()).spawn()?;
        let (sender, lines) = mpsc::channel();
        if let Some(said) = child.stdout.take() {
            thread::spawn(move || {
                // To its end, so that a full pipe never stops the server. Nobody may listen any more by then.
                BufReader::new(said).lines().map_while(Result::ok).for_each(|line| {
                    let _ = sender.send(line);
                });
            });
        }
        Ok(Self { child, lines })
    }

    /// Reads on until a line is the right one.
    pub(crate) fn wait_for(&self, mut is_right: impl FnMut(&str) -> bool) -> Result<(), Failure> {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(START_LIMIT);
            let line = line
                .map_err(|why| failure(format!("the server did not get ready: {why}; it said:\n{said}")))?;
            if is_right(&line) {
                return Ok(());
            }
            said += &line;
            said.push('\n');
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // They may have ended by themselves; then there is nothing left to do.
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        let _ = self.child.wait();
    }
}
