//! `cargo xtask simulate`: the session protocol under simulated hosts, clocks and faults.

use crate::failure::Result;
use crate::run;
use crate::workspace::Workspace;

/// Optimised, since what counts is how many schedules there are. Fails if any of them violates an invariant.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<()> {
    let mut cargo =
        workspace.cargo(&["run", "--quiet", "--release", "--package", "grantline-simulation", "--"]);
    run::shown("simulate", cargo.args(options))
}
