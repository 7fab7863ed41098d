//! `grantline init`.

mod emulator;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::places;

/// Every key of a profile file, with its meaning.
const SAMPLE: &str = include_str!("../../profiles.sample.toml");

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Add profiles of the emulator's built-in applications, to a file that is there too, with their secrets in files
    /// beside it
    #[arg(long)]
    emulator: bool,
    /// The port of 127.0.0.1 that the emulator listens on
    #[arg(long, requires = "emulator", conflicts_with = "issuer", default_value_t = 4455)]
    port: u16,
    /// The emulator's issuer, where it is another than that port says
    #[arg(long, value_name = "URL", requires = "emulator")]
    issuer: Option<String>,
    /// Print the file, or what would be added, instead of writing it
    #[arg(long)]
    print: bool,
    /// The file to make [env: `GRANTLINE_CONFIG`] [default: grantline/profiles.toml in the configuration folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.emulator {
        return emulator::run(arguments);
    }
    if arguments.print {
        return print(arguments, SAMPLE);
    }
    let path = arguments.path()?;
    write_new(&path, SAMPLE)?;
    let human =
        format!("{}: change its profiles to yours, then `grantline profiles` lists them\n", path.display());
    Output::new(arguments.json).result(&human, &json!({"file": path.to_string_lossy()}))
}

fn print(arguments: &Arguments, text: &str) -> Result<(), Failure> {
    Output::new(arguments.json).result(text, &json!({"configuration": text}))
}

impl Arguments {
    /// The profile file. Its folder is there when this returns.
    fn path(&self) -> Result<PathBuf, Failure> {
        let path = places::profiles(self.config.as_deref())?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            places::make(folder, "name another file with --config or GRANTLINE_CONFIG")?;
        }
        Ok(path)
    }
}

/// For nobody but this user. One that is there is never written over.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => already_there(path),
        _ => Failure::of_file(path, "made", &error, "name another file with --config"),
    })
}

fn already_there(path: &Path) -> Failure {
    let what = format!("{} is there already, and is not written over", path.display());
    Failure::configuration("file_exists", what, "change it, or name another file with --config")
}
