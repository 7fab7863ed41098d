//! Real clients against the emulator, in both of its modes.

use std::process::Command;

use crate::emulator::Server;
use crate::failure::Result;
use crate::interop::Tools;
use crate::interop::judge;
use crate::interop::table::Table;

const MODES: [(&str, &str); 2] =
    [("visma", "GRANTLINE_EMULATOR_URL"), ("standard", "GRANTLINE_EMULATOR_STANDARD_URL")];

pub(crate) fn run(tools: &Tools<'_>) -> Result<Table> {
    let mut table = Table::default();
    for (mode, variable) in MODES {
        let arguments = ["emulator", "--port", "0", "--mode", mode];
        let emulator = Server::emulator(tools.workspace, variable, &arguments)?;
        let mut openid_client = Command::new(tools.node.program());
        openid_client.arg(tools.node.script("openid-client.mjs"));
        let mut authlib = tools.python.script(tools.workspace, "../tests/interop/python/authlib_client.py");
        // The scripted browser is the demo's.
        authlib.env("PYTHONPATH", tools.workspace.path("python/examples"));
        for (client, program) in [("openid-client", &mut openid_client), ("Authlib", &mut authlib)] {
            let title = format!("{client}, {mode}");
            table.add(judge::ask(&title, program.args([emulator.url(), mode])));
        }
    }
    Ok(table)
}
