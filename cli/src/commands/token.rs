//! `grantline token`.

use clap::Args;
use grantline::{AccessToken, now};
use serde_json::json;

use crate::arguments;
use crate::failure::Failure;
use crate::opened::{Common, SessionName};
use crate::progress::wait;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    session: SessionName,
    /// For a service: whose data the token is for, by UUID, or "default", or "none", instead of the profile's
    #[arg(long, value_name = "TENANT", value_parser = arguments::tenant_choice)]
    tenant: Option<String>,
    /// For a service: a scope instead of the profile's; may be given more than once
    #[arg(long = "scope", value_name = "SCOPE", value_parser = arguments::scope)]
    scopes: Vec<String>,
    /// Fetch a new token, although the stored one is still good
    #[arg(long)]
    refresh: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let opened = arguments.common.open(&profiles)?;
    let began = now().wall;
    let tokens = opened.tokens(&arguments.session, arguments.tenant.as_deref(), &arguments.scopes)?;
    let explain = |error| opened.explain(&arguments.session, error);
    // A new process has none in hand that it could replace: it reads the stored one first.
    let mut token = wait(tokens.fresh_token(), "waiting for a token").map_err(explain)?;
    if arguments.refresh && token.obtained_at() < began {
        token = wait(tokens.refresh(), "waiting for a new token").map_err(explain)?;
    }
    let output = arguments.common.output();
    let result = output.result(&format!("{}\n", token.expose_secret()), &described(&token));
    if !token.is_saved() {
        output.warn("token_not_saved", opened.not_saved());
    }
    opened.close().and(result)
}

fn described(token: &AccessToken) -> serde_json::Value {
    let seconds = |moment: grantline::UnixMillis| moment.0 / 1000;
    let expires_at = token.expires_at();
    json!({
        "access_token": token.expose_secret(),
        "token_type": "Bearer",
        "expires_at": expires_at.map(seconds),
        "expires_in": expires_at.map(|end| end.since(now().wall).as_secs()),
        "scopes": token.scopes().iter().collect::<Vec<_>>(),
        "saved": token.is_saved(),
    })
}
