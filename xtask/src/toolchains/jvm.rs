//! A JDK of version 17 or later, and Maven.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::run;
use crate::toolchains::debian;
use crate::workspace::Workspace;

const OLDEST_JDK: u32 = 17;
const JDK: &str = "a JDK (17 or later)";
const MAVEN: &str = "Maven";
/// Which of them exist depends on the release; the first is taken.
const JDK_PACKAGES: [&str; 3] =
    ["openjdk-21-jdk-headless", "openjdk-17-jdk-headless", "openjdk-25-jdk-headless"];

#[derive(Debug)]
pub(crate) struct Jvm {
    home: PathBuf,
    maven: PathBuf,
}

impl Jvm {
    pub(crate) fn provide(workspace: &Workspace) -> Result<Self> {
        let home = match find_jdk() {
            Some(home) => home,
            None => install_jdk(workspace)?,
        };
        let maven = match run::find("mvn") {
            Some(maven) => maven,
            None => install_maven(workspace)?,
        };
        Ok(Self { home, maven })
    }

    pub(crate) fn maven(&self, workspace: &Workspace, goals: &[&str]) -> Command {
        let mut command = workspace.command(&self.maven, &workspace.path("kotlin"), goals);
        command.env("JAVA_HOME", &self.home);
        command
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn java(&self, workspace: &Workspace) -> Command {
        workspace.command(self.home.join("bin/java"), &workspace.path("kotlin"), &[])
    }
}

fn install_jdk(workspace: &Workspace) -> Result<PathBuf> {
    let elsewhere = "install one and put `javac` on the PATH, or set JAVA_HOME";
    debian::may_install(JDK, elsewhere)?;
    let package = JDK_PACKAGES
        .into_iter()
        .find(|package| debian::candidate(workspace, package).is_some())
        .ok_or_else(|| Failure::new(format!("{JDK} is missing, and no package source has one")))?;
    debian::install(workspace, &[package], JDK, elsewhere)?;
    find_jdk()
        .ok_or_else(|| Failure::new(format!("{package} was installed, but brought no JDK that is found")))
}

fn install_maven(workspace: &Workspace) -> Result<PathBuf> {
    debian::install(workspace, &["maven"], MAVEN, "install it and put `mvn` on the PATH")?;
    run::find("mvn").ok_or_else(|| Failure::new("maven was installed, but `mvn` is not on the PATH"))
}

/// The user's choice, what the `PATH` leads to, or what Debian has installed.
fn find_jdk() -> Option<PathBuf> {
    let chosen = env::var_os("JAVA_HOME").map(PathBuf::from);
    let on_path = run::find("javac").and_then(|javac| home_of(&javac));
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    chosen.into_iter().chain(on_path).chain(installed).find(|home| is_recent(home))
}

/// `/usr/bin/javac` is a link to `HOME/bin/javac`.
fn home_of(javac: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(javac).ok()?.parent()?.parent()?.to_path_buf())
}

fn is_recent(home: &Path) -> bool {
    run::read(Command::new(home.join("bin/javac")).arg("-version"))
        .and_then(|version| major(&version))
        .is_some_and(|major| major >= OLDEST_JDK)
}

/// `javac 17.0.15` is 17, `javac 26-ea` is 26, and `javac 1.8.0_402` is 1: too old in any case.
fn major(version: &str) -> Option<u32> {
    let number = version.trim().strip_prefix("javac ")?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Where JNA looks for a library inside a jar, on this machine.
pub(crate) fn resource_folder() -> String {
    jna_prefix(env::consts::OS, env::consts::ARCH)
}

fn jna_prefix(os: &str, arch: &str) -> String {
    let os = match os {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = if arch == "x86_64" { "x86-64" } else { arch };
    format!("{os}-{arch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_of_a_jdk() {
        assert_eq!(major("javac 17.0.15\n"), Some(17));
        assert_eq!(major("javac 26-ea"), Some(26));
        assert_eq!(major("javac 1.8.0_402"), Some(1));
        assert_eq!(major("openjdk 17"), None);
    }

    #[test]
    fn names_resource_folders_as_jna_does() {
        assert_eq!(jna_prefix("linux", "x86_64"), "linux-x86-64");
        assert_eq!(jna_prefix("linux", "aarch64"), "linux-aarch64");
        assert_eq!(jna_prefix("macos", "aarch64"), "darwin-aarch64");
        assert_eq!(jna_prefix("windows", "x86_64"), "win32-x86-64");
    }
}
