//! `grantline keyring`.

use std::io::{self, Read as _};

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::Output;
use crate::profile;

/// No secret is longer.
const LONGEST: usize = 64 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The name that the profile gives: { keyring = "NAME" }
    name: String,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Room for all of it: a text that grew would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    let read = io::stdin().lock().take(LONGEST as u64).read_to_string(&mut text);
    read.map_err(|error| Failure::unexpected("reading standard input", &error))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        let advice = "give the secret on standard input: a command line is in the list of processes";
        return Err(Failure::usage("secret_missing", "standard input is empty", advice));
    }
    profile::keep_in_keyring(&arguments.name, secret)?;
    let human = format!("kept; a profile takes it by {{ keyring = {:?} }}\n", arguments.name);
    Output::new(arguments.json).result(&human, &json!({"keyring": arguments.name}))
}
