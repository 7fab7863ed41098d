//! Installing packages on Debian, Ubuntu and their kin.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::failure::{Failure, Result, cannot};
use crate::run;
use crate::workspace::Workspace;

/// What `/etc/os-release` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct System {
    pub(crate) id: String,
    pub(crate) codename: String,
    name: String,
    like: String,
}

impl System {
    pub(crate) fn here() -> Self {
        fs::read_to_string("/etc/os-release").map(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(os_release: &str) -> Self {
        let pairs = os_release.lines().filter_map(|line| line.split_once('='));
        let values: HashMap<&str, &str> =
            pairs.map(|(key, value)| (key.trim(), value.trim().trim_matches(['"', '\'']))).collect();
        let value = |key| values.get(key).copied().unwrap_or_default().to_owned();
        Self {
            id: value("ID"),
            codename: value("VERSION_CODENAME"),
            name: value("PRETTY_NAME"),
            like: value("ID_LIKE"),
        }
    }

    fn has_apt(&self) -> bool {
        let kin = |word: &str| matches!(word, "debian" | "ubuntu");
        kin(&self.id) || self.like.split_whitespace().any(kin)
    }

    fn described(&self) -> &str {
        if self.name.is_empty() { std::env::consts::OS } else { &self.name }
    }
}

/// Installs packages, or says what is missing and how to come by it.
///
/// `missing` names what is needed in the user's words, and `elsewhere` what to do on another system.
pub(crate) fn install(
    workspace: &Workspace,
    packages: &[&str],
    missing: &str,
    elsewhere: &str,
) -> Result<()> {
    may_install(missing, elsewhere)?;
    refresh_lists(workspace);
    let headline = format!("installing {} ({missing} is missing)", packages.join(", "));
    let mut apt = apt_get(&["install", "--yes", "--no-install-recommends"]);
    apt.args(packages);
    run::logged(&headline, &mut apt, &workspace.log(&format!("apt-install-{}", packages[0])))
}

/// As [`install`], for packages that bring a service each, of the same name, which starts neither now nor at the next
/// boot.
pub(crate) fn install_without_services(
    workspace: &Workspace,
    packages: &[&str],
    missing: &str,
    elsewhere: &str,
) -> Result<()> {
    may_install(missing, elsewhere)?;
    let forbidden = Forbidden::services()?;
    install(workspace, packages, missing, elsewhere)?;
    drop(forbidden);
    for package in packages {
        // A package that brings none after all is as good as one whose service is disabled.
        run::read(Command::new("update-rc.d").args([package, "disable"]));
    }
    Ok(())
}

/// While this lives, no package starts a service: `policy-rc.d` is what Debian's packages ask before they do.
struct Forbidden {
    policy: Option<&'static Path>,
}

impl Forbidden {
    fn services() -> Result<Self> {
        let policy = Path::new("/usr/sbin/policy-rc.d");
        if policy.exists() {
            // The administrator's, or the container image's, which forbids it already.
            return Ok(Self { policy: None });
        }
        let script =
            "#!/bin/sh\n# Of a `cargo xtask` that installs packages without their services.\nexit 101\n";
        fs::write(policy, script).map_err(cannot("write", policy))?;
        let forbidden = Self { policy: Some(policy) };
        run::shown("chmod", Command::new("chmod").arg("755").arg(policy))?;
        Ok(forbidden)
    }
}

impl Drop for Forbidden {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.policy.map(fs::remove_file) {
            println!("     cannot remove /usr/sbin/policy-rc.d, which forbids services to start: {error}");
        }
    }
}

/// Refuses, naming what is missing, unless this is Debian or Ubuntu and the user is root.
pub(crate) fn may_install(missing: &str, elsewhere: &str) -> Result<()> {
    let system = System::here();
    if !system.has_apt() {
        let here = system.described();
        return Err(Failure::new(format!(
            "{missing} is missing, and can be installed from here on Debian and Ubuntu only, not on {here}: {elsewhere}"
        )));
    }
    if !is_root() {
        return Err(Failure::new(format!(
            "{missing} is missing, and installing it takes root: run this command as root, or {elsewhere}"
        )));
    }
    Ok(())
}

/// Which version `apt` would install, by its lists as they are.
pub(crate) fn candidate(workspace: &Workspace, package: &str) -> Option<String> {
    refresh_lists(workspace);
    let policy = run::read(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    parse_candidate(&policy)
}

fn parse_candidate(policy: &str) -> Option<String> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then(|| version.to_owned())
}

/// Once a run. A source of the user's that cannot be reached is no reason to stop: what is needed may come
/// from another one, and the installation tells.
fn refresh_lists(workspace: &Workspace) {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let log = workspace.log("apt-update");
        if let Err(failure) = run::logged("reading the package lists", &mut apt_get(&["update"]), &log) {
            println!("     going on with the lists as they are: {failure}");
        }
    });
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    run::read(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str =
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_CODENAME=bookworm\n";

    #[test]
    fn knows_debian_ubuntu_and_their_kin() {
        let debian = System::parse(DEBIAN);
        assert_eq!((debian.id.as_str(), debian.codename.as_str()), ("debian", "bookworm"));
        assert!(debian.has_apt());
        assert!(System::parse("ID=ubuntu\nID_LIKE=debian").has_apt());
        assert!(System::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"").has_apt());
    }

    #[test]
    fn installs_nothing_on_another_system() {
        assert!(!System::parse("ID=fedora\nID_LIKE=\"rhel centos\"").has_apt());
        assert!(!System::parse("").has_apt());
        assert_eq!(System::parse("").described(), std::env::consts::OS);
    }

    #[test]
    fn reads_which_version_would_be_installed() {
        let policy = "swiftlang:\n  Installed: (none)\n  Candidate: 6.0.3-2\n  Version table:\n";
        assert_eq!(parse_candidate(policy), Some("6.0.3-2".to_owned()));
        assert_eq!(parse_candidate("x:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(parse_candidate(""), None);
    }
}
