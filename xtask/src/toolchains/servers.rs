//! The servers that the tests of Rust and Python use: Redis, PostgreSQL and PgBouncer.

use grantline_test_servers::Program;

use crate::failure::Result;
use crate::toolchains::debian;
use crate::workspace::Workspace;

const ELSEWHERE: &str = "install it and put it on the PATH";

/// Installs what is missing of them.
pub(crate) fn provide(workspace: &Workspace) -> Result<()> {
    // The tests that need them are built on Unix only.
    let is_missing = |program: &Program| cfg!(unix) && program.find().is_none();
    let missing: Vec<Program> = Program::ALL.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<&str> = missing.iter().map(|program| program.debian_package()).collect();
    packages.dedup();
    let names: Vec<&str> = missing.iter().map(|program| program.name()).collect();
    let what =
        format!("a program that the tests start ({}; Debian's {})", names.join(", "), packages.join(", "));
    debian::install_without_services(workspace, &packages, &what, ELSEWHERE)
}
