//! `grantline man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use serde_json::json;

use crate::Cli;
use crate::failure::Failure;
use crate::output::Output;
use crate::places;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder, which is made if it is not there
    folder: PathBuf,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let advice = "name another folder";
    places::make(&arguments.folder, advice)?;
    clap_mangen::generate_to(Cli::command(), &arguments.folder)
        .map_err(|error| Failure::of_file(&arguments.folder, "written", &error, advice))?;
    let json = json!({"folder": arguments.folder.to_string_lossy()});
    Output::new(arguments.json).result("", &json)
}
