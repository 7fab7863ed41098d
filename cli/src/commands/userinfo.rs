//! `grantline userinfo`.

use clap::Args;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::opened::{Common, SessionName};
use crate::output::shown;
use crate::progress::wait;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    session: SessionName,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let opened = arguments.common.open(&profiles)?;
    let asked = wait(opened.session(&arguments.session)?.user_info(), "asking the provider");
    let answer = asked.map_err(|error| opened.explain(&arguments.session, error))?;
    let claims = answer.claims();
    let result = arguments.common.output().result(&lines(claims), &Value::Object(claims.clone()));
    opened.close().and(result)
}

/// A line for each claim.
pub(crate) fn lines(claims: &Map<String, Value>) -> String {
    let line = |(name, value)| [name, ": ", &shown(value), "\n"].concat();
    claims.iter().map(|(name, value)| line((name.as_str(), value))).collect()
}
