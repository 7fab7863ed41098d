//! `cargo xtask interop`: programs that nobody here wrote judge the clients and the emulator.
//!
//! A client that is tested only against its own emulator proves that two programs of one house agree. What each judge
//! is asked, and what was found: docs/interop.md.

mod clients;
mod judge;
#[cfg(unix)]
mod keycloak;
mod servers;
pub(crate) mod table;

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
pub(crate) fn run(workspace: &Workspace, judges: &[Judges]) -> Result<Vec<Table>> {
    step("building the Rust side");
    rust::build(workspace)?;
    let python = Python::for_interop(workspace)?;
    let node = Node::provide(workspace, &python, "tests/interop/node", "interop/node")?;
    let tools = Tools { workspace, python, node };
    let mut tables = Vec::new();
    if judges.contains(&Judges::Clients) {
        tables.push(clients::run(&tools)?);
    }
    let servers: Vec<Judges> = judges.iter().copied().filter(|judge| *judge != Judges::Clients).collect();
    if !servers.is_empty() {
        tables.push(servers::run(&tools, &servers));
    }
    Ok(tables)
}
