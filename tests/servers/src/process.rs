//! A server as a process: started on a free port, ended with whoever started it.

use std::ffi::OsString;
use std::io::{Write, pipe};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::failure::{Failure, Result};
use crate::folder::Folder;
use crate::output::Output;

/// Somebody else may take a port between its choice and the server's start.
const PORTS_TRIED: u32 = 5;

/// Ends the server and removes its folder once the standard input of this ends without a word.
const WATCH: &str = r#"
read -r word && exit
kill -s "$2" "$1"
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
rm -rf "$3"
"#;

/// How a server is started.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// What the line contains that it writes when it answers.
    pub(crate) ready: &'static str,
    /// The signal that ends it at once and with all that it started.
    pub(crate) end: &'static str,
}

/// A server that was started.
#[derive(Debug)]
pub(crate) struct Server {
    recipe: Recipe,
    running: Running,
    folder: Folder,
    port: u16,
}

#[derive(Debug)]
struct Running {
    child: Child,
    watch: Watch,
    output: Output,
}

impl Server {
    /// Starts what `recipe` gives for a port that nobody uses.
    pub(crate) fn start(folder: Folder, recipe: impl Fn(&Folder, u16) -> Result<Recipe>) -> Result<Self> {
        let mut failure = None;
        for _ in 0..PORTS_TRIED {
            let port = free_port()?;
            let recipe = recipe(&folder, port)?;
            match Running::start(&recipe, &folder) {
                Ok(running) => return Ok(Self { recipe, running, folder, port }),
                Err(error) if error.is_address_in_use() => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or_else(|| Failure::new("no port was tried")))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// As `kill -9`: nothing is put in order.
    pub(crate) fn kill(&mut self) {
        self.running.kill();
    }

    /// Starts it once more on the same port, with the same data.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.kill();
        self.running = Running::start(&self.recipe, &self.folder)?;
        Ok(())
    }

    /// Sends it a signal, by its name.
    pub(crate) fn signal(&self, signal: &str) -> Result<()> {
        let kill = ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &self.running.child.id().to_string()];
        output(Command::new("sh").args(kill)).map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Not SIGKILL: it would leave PostgreSQL's shared memory behind.
        let is_ending = self.signal("CONT").and_then(|()| self.signal(self.recipe.end));
        if is_ending.is_ok() {
            let _ = self.running.child.wait();
        }
        self.kill();
    }
}

impl Running {
    fn start(recipe: &Recipe, folder: &Folder) -> Result<Self> {
        let mut running = Self::spawn(recipe, folder)?;
        let name = recipe.program.file_name().unwrap_or_default().to_string_lossy();
        running.output.wait_until_ready(&name).inspect_err(|_| running.kill())?;
        Ok(running)
    }

    fn spawn(recipe: &Recipe, folder: &Folder) -> Result<Self> {
        let cannot = |error| Failure::cannot(format!("start {}", recipe.program.display()))(error);
        let (reader, writer) = pipe().map_err(cannot)?;
        let mut command = command(&recipe.program, folder);
        command.args(&recipe.arguments).stdin(Stdio::null());
        command.stdout(writer.try_clone().map_err(cannot)?).stderr(writer);
        let mut child = command.spawn().map_err(cannot)?;
        let watch = Watch::start(child.id(), recipe.end, folder).inspect_err(|_| {
            // The failure to report is the first one.
            let _ = child.kill();
        })?;
        Ok(Self { child, watch, output: Output::read(reader, recipe.ready) })
    }

    fn kill(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.watch.dismiss();
        self.output.wait_for_end();
    }
}

/// A command that runs in the server's folder, as the server's user, in no language but the programs' own.
pub(crate) fn command(program: &Path, folder: &Folder) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env("LC_ALL", "C");
    if let Some(user) = folder.user() {
        command.uid(user).gid(user);
    }
    command
}

/// What a program printed that ends by itself.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(Failure::cannot(format!("run {name}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{name} failed ({}):\n{text}{errors}", output.status)))
}

/// One that nobody has at this moment.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(Failure::cannot("find a free port"))
}

/// A shell that outlives this process by as much as it takes to end the server.
#[derive(Debug)]
struct Watch {
    shell: Child,
    input: Option<ChildStdin>,
}

impl Watch {
    fn start(server: u32, signal: &str, folder: &Folder) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCH, "sh", &server.to_string(), signal]).arg(folder.path());
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C in a terminal goes to its whole process group.
        let mut shell = shell.process_group(0).spawn().map_err(Failure::cannot("start `sh`"))?;
        Ok(Self { input: shell.stdin.take(), shell })
    }

    /// The server has ended: there is nothing left to do.
    fn dismiss(&mut self) {
        if let Some(mut input) = self.input.take() {
            // It can only be gone if somebody ended it, and then it does nothing either.
            let _ = input.write_all(b"done\n");
            let _ = self.shell.wait();
        }
    }
}
