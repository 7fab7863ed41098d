//! grantline, in all its languages, against real servers.

use std::process::Command;

use crate::arguments::{Judges, Language};
use crate::emulator::Server;
use crate::failure::Result;
use crate::interop::Tools;
use crate::interop::judge;
#[cfg(unix)]
use crate::interop::keycloak::Keycloak;
use crate::interop::table::Table;
use crate::programs;
use crate::report::Stop;

const PYTHON: &str = "../tests/interop/python/grantline_judge.py";
const KOTLIN: &str = "dev.grantline.interop.JudgeKt";
const SWIFT: &str = "interop";

/// Starts one server after the other; each ends before the next one starts.
pub(crate) fn run(tools: &Tools<'_>, servers: &[Judges]) -> Table {
    let mut table = Table::default();
    let shells = build_shells(tools, &mut table);
    for server in servers {
        let judged = match server {
            Judges::OidcProvider => oidc_provider(tools, &shells, &mut table),
            Judges::Keycloak => keycloak(tools, &shells, &mut table),
            Judges::Clients => Ok(()),
        };
        if let Err(failure) = judged {
            println!("{}: {failure}", server.name());
            table.add(judge::did_not_run(server.name()));
        }
    }
    table
}

fn oidc_provider(tools: &Tools<'_>, shells: &[Shell], table: &mut Table) -> Result<()> {
    let (node, script) = (tools.node.program(), tools.node.script("oidc-provider.mjs"));
    let arguments = [&*script.to_string_lossy()];
    let server = Server::start(tools.workspace, "GRANTLINE_OIDC_PROVIDER_URL", node, &arguments)?;
    let name = Judges::OidcProvider.name();
    judge_all(tools, shells, &At { server: name, issuer: server.url(), service_scope: "api:read" }, table);
    Ok(())
}

#[cfg(unix)]
fn keycloak(tools: &Tools<'_>, shells: &[Shell], table: &mut Table) -> Result<()> {
    let server = Keycloak::start(tools.workspace)?;
    let (server, issuer) = (Judges::Keycloak.name(), &server.issuer());
    judge_all(tools, shells, &At { server, issuer, service_scope: "email" }, table);
    Ok(())
}

#[cfg(not(unix))]
fn keycloak(_: &Tools<'_>, _: &[Shell], _: &mut Table) -> Result<()> {
    Err(crate::failure::Failure::new("Keycloak is started and ended on Unix only"))
}

/// A server that runs, and a scope that the service may have there.
struct At<'a> {
    server: &'a str,
    issuer: &'a str,
    service_scope: &'a str,
}

/// A language's judge, built but for its arguments.
struct Shell {
    language: Language,
    program: Command,
}

fn build_shells(tools: &Tools<'_>, table: &mut Table) -> Vec<Shell> {
    let built = [
        (Language::Python, programs::python(tools.workspace, PYTHON)),
        (Language::Kotlin, programs::kotlin(tools.workspace, KOTLIN)),
        (Language::Swift, programs::swift(tools.workspace, SWIFT)),
    ];
    let mut shells = Vec::new();
    for (language, program) in built {
        match program {
            Ok(program) => shells.push(Shell { language, program }),
            Err(Stop::NotReady(failure) | Stop::Failed(failure)) => {
                println!("{}: {failure}", language.name());
                table.add(judge::did_not_run(language.name()));
            }
        }
    }
    shells
}

/// Rust asks for everything; the others show that they pass on what it does.
fn judge_all(tools: &Tools<'_>, shells: &[Shell], at: &At<'_>, table: &mut Table) {
    let rust = tools.workspace.program("grantline-interop");
    let mut program = Command::new(&rust);
    program.args([at.server, at.issuer]);
    table.add(judge::ask(&title(Language::Rust, at), &mut program));
    for shell in shells {
        let mut program = again(&shell.program);
        program.args([at.issuer, at.service_scope]).arg(&rust);
        table.add(judge::ask(&title(shell.language, at), &mut program));
    }
}

fn title(language: Language, at: &At<'_>) -> String {
    format!("{}, {}", language.name(), at.server)
}

/// The same command once more, which the standard library has no way to copy.
fn again(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => copy.env(name, value),
            None => copy.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        copy.current_dir(folder);
    }
    copy
}
