//! `grantline profiles`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::Output;
use crate::places;
use crate::profile::{Profile, Profiles};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The profile file [env: `GRANTLINE_CONFIG`] [default: grantline/profiles.toml in the configuration folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = places::profiles(arguments.config.as_deref())?;
    let profiles = Profiles::read(&path)?;
    let human = profiles.all().map(|profile| line(profile, profiles.default())).collect::<String>();
    let json = json!({
        "file": path.to_string_lossy(),
        "default": profiles.default(),
        "profiles": profiles.all().map(object).collect::<Vec<_>>(),
    });
    Output::new(arguments.json).result(&human, &json)
}

fn line(profile: Profile<'_>, default: Option<&str>) -> String {
    let Profile { name, entry, .. } = profile;
    let mark = if default == Some(name) { ", the default" } else { "" };
    format!("{name}: {}, {} at {}{mark}\n", entry.kind.name(), entry.client_id, entry.provider.get_ref())
}

fn object(profile: Profile<'_>) -> Value {
    let Profile { name, entry, .. } = profile;
    json!({
        "name": name,
        "type": entry.kind.name(),
        "client_id": entry.client_id,
        "provider": entry.provider.get_ref(),
    })
}
