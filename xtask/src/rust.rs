//! Cargo on the whole workspace, always with the same packages chosen.
//!
//! Cargo unites the features of what is built together: another choice of packages would compile tokio,
//! rustls and the rest once more.

use std::process::Command;

use crate::failure::Result;
use crate::run;
use crate::workspace::Workspace;

/// All but the Python extension, which maturin builds: it links with no interpreter, so Cargo can make no
/// test program of it.
const PACKAGES: [&str; 3] = ["--workspace", "--exclude", "grantline-python"];

/// The libraries, the programs and the demo.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    run::shown("cargo build", cargo(workspace, "build").args(["--lib", "--bins", "--examples"]))
}

pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    run::tests("cargo test", cargo(workspace, "test").arg("--no-fail-fast"))
}

fn cargo(workspace: &Workspace, verb: &str) -> Command {
    let mut cargo = workspace.cargo(&[verb]);
    cargo.args(PACKAGES);
    cargo
}
