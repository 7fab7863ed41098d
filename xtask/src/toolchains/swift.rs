//! Swift 6: the system's own, a Debian or Ubuntu package, or a Debian 13 root in the user's cache folder.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::run;
use crate::toolchains::debian;
use crate::toolchains::debian_root::{Contents, DebianRoot};
use crate::workspace::Workspace;

const SWIFT: &str = "Swift 6";
const ELSEWHERE: &str = "install it from swift.org and put `swift` on the PATH";
const OLDEST: u32 = 6;

/// Debian 13 has it. The Rust library is built outside, against an older C library.
static ROOT: Contents = Contents {
    missing: SWIFT,
    elsewhere: ELSEWHERE,
    release: "trixie",
    packages: "swiftlang,ca-certificates,libc6-dev,libstdc++-14-dev,libgcc-14-dev",
    cost: "3 GB, a minute or two",
    program: "swift",
    is_version: |says| parse_version(says).is_some(),
    variable: "GRANTLINE_SWIFT_ROOT",
};

#[derive(Debug)]
pub(crate) enum Swift {
    OnPath,
    InRoot(DebianRoot),
}

impl Swift {
    pub(crate) fn provide(workspace: &Workspace) -> Result<Self> {
        if on_path() {
            return Ok(Self::OnPath);
        }
        if let Some(root) = DebianRoot::find(&ROOT) {
            return Ok(Self::InRoot(root));
        }
        debian::may_install(SWIFT, ELSEWHERE)?;
        let packaged = debian::candidate(workspace, "swiftlang").and_then(|version| major(&version));
        if packaged.is_none_or(|major| major < OLDEST) {
            return DebianRoot::make(workspace, &ROOT).map(Self::InRoot);
        }
        // Swift links with the C++ library that comes with g++.
        debian::install(workspace, &["swiftlang", "g++"], SWIFT, ELSEWHERE)?;
        if on_path() {
            return Ok(Self::OnPath);
        }
        Err(Failure::new("swiftlang was installed, but `swift` on the PATH is not version 6"))
    }

    /// `swift <verb>` on the package in the folder `swift`.
    pub(crate) fn command(&self, workspace: &Workspace, verb: &str, arguments: &[&str]) -> Command {
        let package = workspace.path("swift");
        let mut command = match self {
            Self::OnPath => workspace.command("swift", &package, &[]),
            Self::InRoot(root) => {
                root.command(workspace, &package, &[&workspace.path(""), &workspace.target("")])
            }
        };
        let scratch = workspace.target("swift");
        let libraries = workspace.artifacts().to_string_lossy();
        command.arg(verb).arg("--scratch-path").arg(scratch);
        command.args(["-Xswiftc", "-warnings-as-errors"]);
        command.args(["-Xlinker", &format!("-L{libraries}"), "-Xlinker", "-rpath", "-Xlinker", &libraries]);
        command.args(arguments);
        command
    }
}

fn on_path() -> bool {
    let says = run::read(Command::new("swift").arg("--version")).unwrap_or_default();
    parse_version(&says).is_some_and(|major| major >= OLDEST)
}

/// `Swift version 6.0.3 (swift-6.0.3-RELEASE)`, or with a vendor's name before it.
fn parse_version(says: &str) -> Option<u32> {
    let (_, after) = says.split_once("Swift version ")?;
    major(after)
}

fn major(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_of_swift() {
        assert_eq!(parse_version("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x"), Some(6));
        let apple = "swift-driver version: 1.115 Apple Swift version 5.10.1 (swiftlang-5.10.0.13)";
        assert_eq!(parse_version(apple), Some(5));
        assert_eq!(parse_version("swift: a different program"), None);
    }

    #[test]
    fn reads_the_version_of_a_package() {
        assert_eq!(major("6.0.3-2"), Some(6));
        assert_eq!(major("5.8.1-1ubuntu1"), Some(5));
    }
}
