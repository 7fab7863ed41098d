//! grantline against real servers.

use crate::emulator::Server;
use crate::failure::Result;
use crate::interop::Tools;
use crate::interop::judge;
use crate::interop::table::Table;

pub(crate) fn oidc_provider(tools: &Tools<'_>, table: &mut Table) -> Result<()> {
    let (node, script) = (tools.node.program(), tools.node.script("oidc-provider.mjs"));
    let arguments = [&*script.to_string_lossy()];
    let server = Server::start(tools.workspace, "GRANTLINE_OIDC_PROVIDER_URL", node, &arguments)?;
    rust(tools, "oidc-provider", server.url(), table);
    Ok(())
}

fn rust(tools: &Tools<'_>, server: &str, issuer: &str, table: &mut Table) {
    let program = tools.workspace.program("grantline-interop");
    let mut program = tools.workspace.command(program, &tools.workspace.path(""), &[server, issuer]);
    table.add(judge::ask(&format!("Rust, {server}"), &mut program));
}
