//! Keycloak: its distribution from Maven, unpacked below the target folder, and started on loopback.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::emulator::listen;
use crate::failure::{Failure, Result, cannot};
use crate::files;
use crate::report::step;
use crate::run;
use crate::toolchains::jvm::Jvm;
use crate::workspace::Workspace;

const VERSION: &str = "26.7.3";
const UNPACK: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:unpack";
const REALM: &str = "grantline";
/// The first start of a distribution takes twice as long as the later ones.
const START_LIMIT: Duration = Duration::from_secs(300);

/// Ends all processes of a group once the standard input of this ends, which it does with whoever started it.
const WATCH: &str = r#"read -r word; kill -s KILL -- "-$1""#;

/// A Keycloak with the realm of the judges; it ends when this is dropped, and when this process ends.
#[derive(Debug)]
pub(crate) struct Keycloak {
    url: String,
    server: Child,
    watch: Child,
}

impl Keycloak {
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let jvm = Jvm::provide(workspace)?;
        let home = provide(workspace, &jvm)?;
        let import = home.join("data/import");
        files::place(&workspace.path("tests/interop/keycloak/realm.json"), &import)?;
        step(&format!("starting Keycloak {VERSION} (a minute or two)"));
        let log = workspace.log("keycloak");
        let output = run::create_log(&log)?;
        let errors = output.try_clone().map_err(cannot("write", &log))?;
        let mut keycloak = Self::spawn(command(workspace, &jvm, &home)?.stderr(errors))?;
        let ready = keycloak.server.stdout.take().map(|stdout| listen(stdout, output, ready_url));
        keycloak.url = ready.and_then(|ready| ready.recv_timeout(START_LIMIT).ok()).ok_or_else(|| {
            Failure::new(format!("Keycloak did not get ready; {}\n{}", log.display(), run::tail(&log)))
        })?;
        step(&keycloak.url);
        Ok(keycloak)
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/realms/{REALM}", self.url)
    }

    /// Its shell script starts one Java after another, so all are put into one process group.
    fn spawn(command: &mut Command) -> Result<Self> {
        let cannot_start = |error| Failure::new(format!("cannot start Keycloak: {error}"));
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut server = command.spawn().map_err(cannot_start)?;
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "watch", &server.id().to_string()]).stdin(Stdio::piped());
        // Ctrl-C in a terminal goes to its whole process group, and this has to outlive that.
        let watch = watch.process_group(0).spawn().map_err(|error| {
            // The failure to report is the first one.
            let _ = server.kill();
            cannot_start(error)
        })?;
        Ok(Self { url: String::new(), server, watch })
    }
}

impl Drop for Keycloak {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // Both have ended, or do so now.
        let _ = self.watch.wait();
        let _ = self.server.wait();
    }
}

fn command(workspace: &Workspace, jvm: &Jvm, home: &Path) -> Result<Command> {
    let port = free_port()?;
    let mut command = workspace.command(home.join("bin/kc.sh"), home, &["start-dev", "--import-realm"]);
    command.args(["--db=dev-mem", "--http-host=127.0.0.1"]).arg(format!("--http-port={port}"));
    command.env("JAVA_HOME", jvm.home());
    Ok(command)
}

/// Somebody else may take it before Keycloak does, which then says so and ends.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("cannot find a free port: {error}")))
}

/// Where it was unpacked: 190 MB.
fn provide(workspace: &Workspace, jvm: &Jvm) -> Result<PathBuf> {
    let folder = workspace.target("interop");
    let home = folder.join(format!("keycloak-{VERSION}"));
    if home.exists() {
        return Ok(home);
    }
    // Renamed when it is complete, so that an interrupted run is not taken for a distribution.
    let partial = folder.join("keycloak-partial");
    fs::create_dir_all(&partial).map_err(cannot("create", &partial))?;
    let mut maven = jvm.maven(workspace, &[UNPACK, "--batch-mode", "--no-transfer-progress"]);
    maven.arg(format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"));
    maven.arg(format!("-DoutputDirectory={}", partial.display())).current_dir(&folder);
    run::logged(&format!("fetching Keycloak {VERSION}"), &mut maven, &workspace.log("keycloak-unpack"))?;
    let unpacked = partial.join(format!("keycloak-{VERSION}"));
    fs::rename(&unpacked, &home).map_err(cannot("rename", &unpacked))?;
    Ok(home)
}

/// `... started in 22.1s. Listening on: http://127.0.0.1:4455`
fn ready_url(line: &str) -> Option<&str> {
    let (_, url) = line.split_once("Listening on: ")?;
    let url = url.split_whitespace().next()?;
    url.starts_with("http://127.0.0.1:").then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_url_of_the_line_that_says_that_it_listens() {
        let line =
            "INFO  [io.quarkus] (main) Keycloak 26 started in 9s. Listening on: http://127.0.0.1:18099";
        assert_eq!(ready_url(line), Some("http://127.0.0.1:18099"));
        assert_eq!(ready_url("Listening on: http://0.0.0.0:18099"), None);
        assert_eq!(ready_url("INFO  [io.quarkus] (main) Profile dev activated."), None);
    }
}
