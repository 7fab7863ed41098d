//! The command line: what a script pays for a token that is stored.

use std::fs;
use std::process::{Command, Stdio};

use grantline_emulator::{Config, Emulator};
use tempfile::TempDir;

use super::program::{milliseconds, path};
use crate::Result;
use crate::effort::Effort;
use crate::spread::{Spread, in_turns};
use crate::table::Table;

/// Rounds for each of an effort: one takes milliseconds.
const ROUNDS: usize = 20;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let emulator = Emulator::start(Config::default())?;
    let folder = folder(&emulator.url())?;
    let about = "`grantline token` with a token that is stored and fresh, beside `true`, each as a process of its own.";
    let mut table = Table::new("The command line", about);
    let [nothing, token] = in_turns(
        effort.rounds * ROUNDS,
        [&mut || milliseconds(&mut Command::new("true")), &mut || milliseconds(&mut token_command(&folder)?)],
    )?;
    let asked =
        emulator.requests("isv_service").iter().filter(|request| request.path == "/connect/token").count();
    let more = token.iter().zip(&nothing).map(|(token, nothing)| token - nothing).collect();
    table.spread("`true` (ms)", &Spread::of(nothing.clone()), "");
    table.spread("`grantline token` (ms)", &Spread::of(token), "");
    table.spread("`grantline token` - `true` (ms)", &Spread::of(more), "at most 10");
    table.single("requests for a token", asked.to_string(), "1");
    Ok(table)
}

fn token_command(folder: &TempDir) -> Result<Command> {
    let mut command = Command::new(path()?);
    command.arg("token").stdin(Stdio::null()).stdout(Stdio::null());
    command.env("GRANTLINE_CONFIG", folder.path().join("profiles.toml"));
    command.env("GRANTLINE_DATA", folder.path().join("data"));
    command.env("GRANTLINE_BENCH_SECRET", "service-secret");
    Ok(command)
}

/// With the profile of a service of the built-in configuration.
fn folder(provider: &str) -> Result<TempDir> {
    let folder = TempDir::new()?;
    let profile = format!(
        r#"default = "service"

[profile.service]
provider = "{provider}"
behaves_like = "visma-connect"
type = "service"
client_id = "isv_service"
client_secret = {{ env = "GRANTLINE_BENCH_SECRET" }}
scopes = ["visma_api:read"]
tenant_id = "11111111-1111-4111-8111-111111111111"
"#
    );
    fs::write(folder.path().join("profiles.toml"), profile)?;
    Ok(folder)
}
