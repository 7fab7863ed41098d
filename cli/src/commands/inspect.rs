//! `grantline inspect`: a look for a person. It decides nothing.

mod callback;
mod check;
mod id_token;
mod input;
mod token;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use grantline::Provider;
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::opened::Common;
use crate::output::{Output, Tone};
use crate::profile::{Profile, Profiles};
use check::Check;
use input::Kind;

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
    #[arg(long, value_name = "FILE", requires = "profile")]
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

/// The profile that it is compared with, if one was named.
struct Beside<'a> {
    profile: Profile<'a>,
    provider: Provider,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = input::read(arguments.file.as_deref())?;
    let profiles = arguments.common.profile.as_ref().map(|_| arguments.common.profiles()).transpose()?;
    let beside = profiles.as_ref().map(|profiles| beside(arguments, profiles)).transpose()?;
    let kind = arguments.kind.map_or_else(|| input::guess(&text), Kind::from);
    let mut report = match kind {
        Kind::Callback => callback::report(&text, beside.as_ref()),
        Kind::AccessToken => token::report(&text, token::Use::Access, beside.as_ref()),
        Kind::IdToken => token::report(&text, token::Use::Identity, beside.as_ref()),
    };
    if let (Kind::IdToken, Some(beside)) = (kind, &beside) {
        report.checks.push(id_token::verdict(&text, arguments.keys.as_deref(), beside)?);
    }
    show(&report, arguments.common.output())
}

fn beside<'a>(arguments: &Arguments, profiles: &'a Profiles) -> Result<Beside<'a>, Failure> {
    let profile = arguments.common.choose(profiles)?;
    Ok(Beside { profile, provider: profile.provider()? })
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

fn show(report: &Report, output: Output) -> Result<(), Failure> {
    output.result(&for_a_person(report, output), &for_a_program(report))?;
    refuse_if_failed(&report.checks)
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

fn for_a_program(report: &Report) -> Value {
    let checks = report.checks.iter().map(Check::to_json).collect::<Vec<_>>();
    let mut object = Map::new();
    object.insert("kind".to_owned(), report.kind.into());
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
