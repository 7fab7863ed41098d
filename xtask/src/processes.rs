//! `cargo xtask processes`: the long form of what `tests/processes` shows with every run of the tests.

use crate::failure::Result;
use crate::run;
use crate::rust;
use crate::toolchains::servers;
use crate::workspace::Workspace;

/// Answers once it has ended, and with a failure if anything was lost that should not be.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<()> {
    servers::provide(workspace)?;
    rust::build(workspace)?;
    let mut program = workspace.command(workspace.program("grantline-processes"), &workspace.path(""), &[]);
    run::shown("processes", program.args(options))
}
