//! `grantline init --emulator`: profiles of the applications that everybody's emulator has.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use grantline::Provider;
use grantline_emulator::Config;
use serde_json::json;
use url::Url;

use super::{Arguments, already_there, print, write_new};
use crate::failure::Failure;
use crate::output::Output;
use crate::profile::Profiles;

/// What is added, with the words ISSUER and ORIGIN in the place of those.
const PROFILES: &str = include_str!("../../../profiles.emulator.toml");
const DEFAULT: &str = "default = \"emulator-service\"\n";

/// Each profile, and whose secret is in a file beside it.
const NAMES: [&str; 3] = ["emulator-service", "emulator-web", "emulator-native"];
const SECRETS: [(&str, &str); 2] =
    [("emulator-service.secret", "isv_service"), ("emulator-web.secret", "isv_web")];

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let added = profiles(arguments)?;
    if arguments.print {
        return print(arguments, &added);
    }
    let path = arguments.path()?;
    let there = text_of(&path)?;
    let has_default = check(&path, there.as_deref(), &added)?;
    let secrets = secrets(&path)?;
    for (path, text) in secrets.iter().filter(|(path, _)| !path.exists()) {
        write_new(path, text)?;
    }
    match there {
        Some(text) => append(&path, &text, &added)?,
        None => write_new(&path, &format!("{DEFAULT}{added}"))?,
    }
    report(arguments, &path, &secrets, has_default)
}

fn profiles(arguments: &Arguments) -> Result<String, Failure> {
    let issuer = match &arguments.issuer {
        Some(issuer) => issuer.clone(),
        None => format!("http://127.0.0.1:{}", arguments.port),
    };
    let refused = |error: &dyn Display| {
        let advice = "write the issuer that the emulator prints, such as http://127.0.0.1:4455";
        Failure::usage("url_invalid", format!("the issuer {issuer:?} cannot be used: {error}"), advice)
    };
    Provider::visma_connect_at(&issuer).map_err(|error| refused(&error))?;
    let url = Url::parse(&issuer).map_err(|error| refused(&error))?;
    let quoted = |text: String| toml::Value::String(text).to_string();
    let origin = url.origin().ascii_serialization();
    Ok(PROFILES.replace("ISSUER", &quoted(issuer.clone())).replace("ORIGIN", &quoted(origin)))
}

/// Nothing, if there is no file yet.
fn text_of(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::of_file(path, "read", &error, "name another file with --config")),
    }
}

/// Refuses what the file would not be good with, before anything is written. Tells whether it has a default profile then.
fn check(path: &Path, there: Option<&str>, added: &str) -> Result<bool, Failure> {
    let before = Profiles::parse(path, there.unwrap_or_default())?;
    if let Some(profile) = before.all().find(|profile| NAMES.contains(&profile.name)) {
        let what =
            format!("{} has a profile {} already, which is not written over", path.display(), profile.name);
        let advice = "remove it or give it another name, or name another file with --config";
        return Err(Failure::configuration("profile_exists", what, advice));
    }
    let after = Profiles::parse(path, &joined(there.unwrap_or(DEFAULT), added))?;
    Ok(after.default().is_some())
}

/// Where each secret goes. A file that is there already has to hold the same.
fn secrets(profiles: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let config = Config::default();
    let mut secrets = Vec::new();
    for (name, client_id) in SECRETS {
        let application = config.application(client_id);
        let secret = application.and_then(|application| application.secret.as_ref());
        let text = format!("{}\n", secret.map_or("", |secret| secret.expose_secret()));
        let path = profiles.with_file_name(name);
        if text_of(&path)?.is_some_and(|there| there != text) {
            return Err(already_there(&path));
        }
        secrets.push((path, text));
    }
    Ok(secrets)
}

/// All that is there stays as it is, its rights and links too.
fn append(path: &Path, there: &str, added: &str) -> Result<(), Failure> {
    let text = joined(there, added);
    let behind = text.get(there.len()..).unwrap_or_default();
    let written =
        OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(behind.as_bytes()));
    written.map_err(|error| Failure::of_file(path, "added to", &error, "name another file with --config"))
}

fn joined(there: &str, added: &str) -> String {
    let line_break = if there.is_empty() || there.ends_with('\n') { "" } else { "\n" };
    format!("{there}{line_break}{added}")
}

fn report(
    arguments: &Arguments,
    path: &Path,
    secrets: &[(PathBuf, String)],
    has_default: bool,
) -> Result<(), Failure> {
    let mut human = format!("{}: has the profiles {}\n", path.display(), NAMES.join(", "));
    if !has_default {
        human += "it has no default: choose a profile with --profile, or add the line default = \"NAME\" at its top\n";
    }
    let shown: Vec<_> = secrets.iter().map(|(path, _)| path.to_string_lossy()).collect();
    let json = json!({"file": path.to_string_lossy(), "profiles": NAMES, "secrets": shown});
    Output::new(arguments.json).result(&human, &json)
}
