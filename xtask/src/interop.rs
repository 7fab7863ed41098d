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
    for judge in judges {
        let judged = match judge {
            Judges::Clients => clients::run(&tools, &mut table),
            Judges::OidcProvider => servers::oidc_provider(&tools, &mut table),
            Judges::Keycloak => servers::keycloak(&tools, &mut table),
        };
        if let Err(failure) = judged {
            println!("{}: {failure}", judge.name());
            table.add(judge::did_not_run(judge.name()));
        }
    }
    Ok(table)
}
