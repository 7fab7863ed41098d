//! `cargo xtask interop`: programs that nobody here wrote judge the clients and the emulator.
//!
//! A client that is tested only against its own emulator proves that two programs of one house agree. What each judge
//! is asked, and what was found: docs/interop.md.

mod clients;
mod judge;
#[cfg(unix)]
mod keycloak;
mod servers;
mod table;

use crate::arguments::Judges;
use crate::failure::Result;
use crate::interop::table::Table;
use crate::report::step;
use crate::rust;
use crate::toolchains::node::Node;
use crate::toolchains::python::Python;
use crate::workspace::Workspace;

/// What all judges need.
struct Tools<'a> {
    workspace: &'a Workspace,
    python: Python,
    node: Node,
}

/// Runs the judges that were chosen, each to its end, and answers what they said.
pub(crate) fn run(workspace: &Workspace, judges: &[Judges]) -> Result<Table> {
    step("building the Rust side");
    rust::build(workspace)?;
    let python = Python::for_interop(workspace)?;
    let node = Node::provide(workspace, &python)?;
    let tools = Tools { workspace, python, node };
    let mut table = Table::default();
    if judges.contains(&Judges::Clients) {
        clients::run(&tools, &mut table)?;
    }
    let servers: Vec<Judges> = judges.iter().copied().filter(|judge| *judge != Judges::Clients).collect();
    if !servers.is_empty() {
        servers::run(&tools, &servers, &mut table);
    }
    Ok(table)
}
