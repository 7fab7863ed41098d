//! `grantline doctor`: looks at a profile, its provider and its store, and says what to do about what it finds.

mod application;
mod environment;
mod finding;
mod metadata;
mod network;
mod probe;
mod refresh;
mod service;
mod store;

use clap::Args;
use grantline::Client;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::opened::{App, Common};
use crate::output::Output;
use crate::profile::{Profile, Profiles};
use finding::{Finding, Level};
use metadata::Published;

/// Check a profile against its provider, and say what to do about what is found
///
/// The exit code is that of the worst finding: 0, 10 for warnings, 11 for errors. For a profile of type service, tokens are
/// asked for, which are shown nowhere and not kept. For the other types the provider is asked whether it would take a login,
/// with prompt=none and without a browser. No login begins.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let profile = arguments.common.choose(&profiles)?;
    let findings = examine(arguments, &profiles, profile)?;
    show(profile, &findings, arguments.common.output())?;
    judge(&findings)
}

fn examine(
    arguments: &Arguments,
    profiles: &Profiles,
    profile: Profile<'_>,
) -> Result<Vec<Finding>, Failure> {
    let provider = profile.provider()?;
    // Its sessions and tokens are in memory: nothing that the doctor is given is kept.
    let client = Client::builder().http_when_needed().build()?;
    let mut findings = Vec::new();
    let answer = network::reach(&client, provider.issuer(), &mut findings)?;
    let published = match &answer {
        Some(answer) => metadata::read(&client, profile, answer, &mut findings)?,
        None => Published::default(),
    };
    findings.extend(environment::judge(profiles, profile));
    findings.push(application::scopes(profile));
    findings.extend(application::api_origins(profile));
    let registration = application::registration(profile, &mut findings);
    findings.push(application::authentication(profile, &published));
    let app = registration.and_then(|it| application::open(&client, profile, it, &mut findings));
    findings.push(refresh::judge(profile));
    if let (Some(_), Some(app)) = (&answer, &app) {
        ask(&client, profile, app, &mut findings)?;
    }
    store::look(profile, &arguments.common.data_folder()?, &mut findings);
    Ok(findings)
}

/// What the provider says to the application itself.
fn ask(client: &Client, profile: Profile<'_>, app: &App, findings: &mut Vec<Finding>) -> Result<(), Failure> {
    match app {
        App::Service(service) => service::ask(client, profile, service, findings),
        App::Web(_) | App::Native(_) => {
            findings.extend(probe::ask(client, profile, app));
            Ok(())
        }
    }
}

fn show(profile: Profile<'_>, findings: &[Finding], output: Output) -> Result<(), Failure> {
    let lines = findings.iter().map(|finding| finding.lines(output)).collect::<String>();
    let human = format!("{}\n{lines}{}\n", heading(profile), summary(findings));
    let json = json!({
        "profile": profile.name,
        "provider": profile.entry.provider.get_ref(),
        "worst": worst(findings).name(),
        "findings": findings.iter().map(Finding::to_json).collect::<Vec<Value>>(),
    });
    output.result(&human, &json)
}

fn heading(profile: Profile<'_>) -> String {
    let entry = profile.entry;
    let (kind, client_id, provider) = (entry.kind.name(), &entry.client_id, entry.provider.get_ref());
    crate::failure::one_line(&format!("{}: {kind}, {client_id} at {provider}", profile.name))
}

fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok).max(Level::Ok)
}

fn summary(findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let (fine, not_checked) = (count(Level::Ok), count(Level::NotChecked));
    format!("errors: {errors}, warnings: {warnings}, ok: {fine}, not checked: {not_checked}")
}

fn judge(findings: &[Finding]) -> Result<(), Failure> {
    let named = |level| {
        let checks = findings.iter().filter(|finding| finding.level == level).map(|finding| finding.check);
        checks.collect::<Vec<_>>().join(", ")
    };
    let advice = "do what stands beneath each, and run it again";
    match worst(findings) {
        Level::Error => Err(Failure::new(
            Exit::Errors,
            "doctor_errors",
            format!("errors in {}", named(Level::Error)),
            advice,
        )),
        Level::Warning => {
            let what = format!("warnings in {}", named(Level::Warning));
            Err(Failure::new(Exit::Warnings, "doctor_warnings", what, advice))
        }
        Level::Ok | Level::NotChecked => Ok(()),
    }
}
