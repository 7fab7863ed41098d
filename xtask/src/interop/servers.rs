//! grantline against real servers.

use crate::emulator::Server;
use crate::failure::Result;
use crate::interop::Tools;
use crate::interop::judge;
#[cfg(unix)]
use crate::interop::keycloak::Keycloak;
use crate::interop::table::Table;

pub(crate) fn oidc_provider(tools: &Tools<'_>, table: &mut Table) -> Result<()> {
    let (node, script) = (tools.node.program(), tools.node.script("oidc-provider.mjs"));
    let arguments = [&*script.to_string_lossy()];
    let server = Server::start(tools.workspace, "GRANTLINE_OIDC_PROVIDER_URL", node, &arguments)?;
    rust(tools, "oidc-provider", server.url(), table);
    Ok(())
}

#[cfg(unix)]
pub(crate) fn keycloak(tools: &Tools<'_>, table: &mut Table) -> Result<()> {
    let server = Keycloak::start(tools.workspace)?;
    rust(tools, "keycloak", &server.issuer(), table);
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn keycloak(_: &Tools<'_>, _: &mut Table) -> Result<()> {
    Err(crate::failure::Failure::new("Keycloak is started and ended on Unix only"))
}

fn rust(tools: &Tools<'_>, server: &str, issuer: &str, table: &mut Table) {
    let program = tools.workspace.program("grantline-interop");
    let mut program = tools.workspace.command(program, &tools.workspace.path(""), &[server, issuer]);
    table.add(judge::ask(&format!("Rust, {server}"), &mut program));
}
