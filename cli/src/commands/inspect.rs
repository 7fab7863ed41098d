//! `grantline inspect`: a look for a person. It decides nothing.

mod callback;
mod check;
mod id_token;
mod input;
mod reference;
mod token;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::opened::Common;
use crate::output::{Output, Tone};
use check::Check;
use input::Kind;
use reference::Reference;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// A file with the token or the callback URL; without it, standard input. Never the token itself: a command line is in
    /// the list of processes
    file: Option<PathBuf>,
    /// What it is, if that is not to be guessed
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<KindArgument>,
    /// The provider's keys (its JWKS document), to verify an ID token's signature with, instead of those that it publishes
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArgument {
    AccessToken,
    IdToken,
    Callback,
}

/// What was found.
struct Report {
    kind: &'static str,
    /// The parts of it, decoded, by name.
    parts: Vec<(&'static str, Map<String, Value>)>,
    checks: Vec<Check>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = input::read(arguments.file.as_deref())?;
    let kind = arguments.kind.map_or_else(|| input::guess(&text), Kind::from);
    let profiles = match arguments.common.profile {
        Some(_) => Some(arguments.common.profiles()?),
        None => arguments.common.profiles_if_any()?,
    };
    let reference = match &profiles {
        Some(profiles) => Reference::of(profiles, arguments.common.profile.as_deref(), kind, &text)?,
        None => None,
    };
    let report = report(&text, kind, arguments, reference.as_ref())?;
    let name = reference.as_ref().map(|reference| reference.profile.name);
    arguments
        .common
        .output()
        .result(&for_a_person(&report, arguments.common.output()), &for_a_program(&report, name))?;
    refuse_if_failed(&report.checks)
}

fn report(
    text: &str,
    kind: Kind,
    arguments: &Arguments,
    reference: Option<&Reference<'_>>,
) -> Result<Report, Failure> {
    let mut report = match kind {
        Kind::Callback => callback::report(text, reference),
        Kind::AccessToken => token::report(text, token::Use::Access, reference),
        Kind::IdToken => token::report(text, token::Use::Identity, reference),
    };
    match (kind, reference, &arguments.keys) {
        (Kind::IdToken, Some(reference), keys) => {
            report.checks.push(id_token::verdict(text, keys.as_deref(), reference)?);
        }
        (Kind::IdToken, None, Some(_)) => report.checks.push(id_token::not_judged()),
        _ => {}
    }
    Ok(report)
}

impl From<KindArgument> for Kind {
    fn from(argument: KindArgument) -> Self {
        match argument {
            KindArgument::AccessToken => Self::AccessToken,
            KindArgument::IdToken => Self::IdToken,
            KindArgument::Callback => Self::Callback,
        }
    }
}

fn for_a_person(report: &Report, output: Output) -> String {
    let mut lines = vec![report.kind.replace('_', " ")];
    for (name, part) in &report.parts {
        lines.extend([String::new(), output.paint(Tone::Quiet, name)]);
        lines.extend(crate::commands::userinfo::lines(part).lines().map(|line| format!("  {line}")));
    }
    lines.extend([String::new(), output.paint(Tone::Quiet, "checks")]);
    lines.extend(report.checks.iter().map(|check| check.line(output)));
    lines.join("\n") + "\n"
}

/// `profile`: the one that it was compared with.
fn for_a_program(report: &Report, profile: Option<&str>) -> Value {
    let checks = report.checks.iter().map(Check::to_json).collect::<Vec<_>>();
    let mut object = Map::new();
    object.insert("kind".to_owned(), report.kind.into());
    object.insert("profile".to_owned(), profile.into());
    for (name, part) in &report.parts {
        object.insert((*name).to_owned(), Value::Object(part.clone()));
    }
    object.insert("checks".to_owned(), checks.into());
    Value::Object(object)
}

fn refuse_if_failed(checks: &[Check]) -> Result<(), Failure> {
    let failed = checks.iter().filter(|check| check.passed == Some(false)).map(|check| check.name);
    match failed.collect::<Vec<_>>().join(", ").as_str() {
        "" => Ok(()),
        names => {
            let advice = "read the words beside the check";
            Err(Failure::new(Exit::Refused, "check_failed", format!("failed: {names}"), advice))
        }
    }
}
