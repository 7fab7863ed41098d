//! `cargo xtask bench`: tables of what things cost, in Markdown.

use crate::failure::Result;
use crate::run;
use crate::toolchains::servers;
use crate::workspace::Workspace;

/// Optimised, as a user's program is. Nothing in it fails for being slow.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<()> {
    servers::provide(workspace)?;
    // The part `emulator` measures the program itself.
    let mut program = workspace.cargo(&["build", "--quiet", "--release", "--package", "grantline-cli"]);
    run::shown("build", &mut program)?;
    let mut cargo = workspace.cargo(&["run", "--quiet", "--release", "--package", "grantline-bench", "--"]);
    run::shown("bench", cargo.args(options))
}
