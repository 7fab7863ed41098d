//! `grantline completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};
use serde_json::json;

use crate::Cli;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell that reads the script
    shell: Shell,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "grantline", &mut script);
    let script = String::from_utf8_lossy(&script);
    let json = json!({"shell": arguments.shell.to_string(), "script": script});
    Output::new(arguments.json).result(&script, &json)
}
