//! `grantline man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};

use crate::Cli;
use crate::failure::Failure;
use crate::places;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder, which is made if it is not there
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    places::make(&arguments.folder)?;
    let advice = "name another folder";
    clap_mangen::generate_to(Cli::command(), &arguments.folder)
        .map_err(|error| Failure::of_file(&arguments.folder, "written", &error, advice))
}
