//! `grantline login`.

mod browser;
mod pasted;

use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};
use grantline::{IdTokenClaims, LoggedIn, LoginRequest, Prompt};
use serde_json::{Value, json};

use crate::arguments;
use crate::failure::{Failure, one_line};
use crate::opened::{Common, LoginApp, Opened, SessionName};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    session: SessionName,
    /// Open no browser, and show the URL instead
    #[arg(long)]
    no_browser: bool,
    /// Read the redirected URL from standard input, also where that is no terminal
    #[arg(long)]
    paste: bool,
    /// The port to listen on, instead of the redirect URI's; 0 for any free one
    #[arg(long)]
    port: Option<u16>,
    /// How long to wait for the user, in seconds; 600 at most
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(..=600))]
    timeout: u64,
    /// A scope instead of the profile's; may be given more than once
    #[arg(long = "scope", value_name = "SCOPE", value_parser = arguments::scope)]
    scopes: Vec<String>,
    /// What the user shall have to do; may be given more than once
    #[arg(long = "prompt", value_name = "PROMPT")]
    prompts: Vec<PromptArgument>,
    /// Who is expected to log in
    #[arg(long, value_name = "NAME")]
    login_hint: Option<String>,
    /// The customer that the user is expected to choose (Visma Connect), instead of the profile's
    #[arg(long, value_name = "UUID", value_parser = arguments::tenant)]
    tenant: Option<String>,
    /// How long ago the user may have authenticated, in seconds
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
    /// Authentication contexts of which one has to be reached, separated by spaces
    #[arg(long, value_name = "VALUES")]
    acr_values: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum PromptArgument {
    None,
    Login,
    Consent,
    SelectAccount,
}

impl From<PromptArgument> for Prompt {
    fn from(argument: PromptArgument) -> Self {
        match argument {
            PromptArgument::None => Self::None,
            PromptArgument::Login => Self::Login,
            PromptArgument::Consent => Self::Consent,
            PromptArgument::SelectAccount => Self::SelectAccount,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let profiles = arguments.common.profiles()?;
    let opened = arguments.common.open(&profiles)?;
    let output = arguments.common.output();
    let request = arguments.request(&opened)?;
    let done = match opened.login_app()? {
        LoginApp::Native(app) => browser::log_in(app, request, arguments, output),
        LoginApp::Web(app) => pasted::log_in(app, request, output),
    };
    let done = done.map_err(|failure| opened.explain(&arguments.session, failure))?;
    let result = report(&done, &opened, output);
    opened.close().and(result)
}

impl Arguments {
    fn request(&self, opened: &Opened<'_>) -> Result<LoginRequest, Failure> {
        let mut request = LoginRequest::new(opened.profile.scopes(&self.scopes)?)
            .session(opened.session_id(&self.session)?);
        for prompt in &self.prompts {
            request = request.prompt((*prompt).into());
        }
        if let Some(hint) = &self.login_hint {
            request = request.login_hint(hint);
        }
        if let Some(tenant) = self.tenant.as_ref().or(opened.profile.entry.tenant_id.as_ref()) {
            request = request.tenant_hint(tenant);
        }
        if let Some(age) = self.max_age {
            request = request.max_age(Duration::from_secs(age));
        }
        if let Some(values) = &self.acr_values {
            request = request.acr_values(values);
        }
        Ok(request)
    }
}

/// Shows the URL, on standard error: standard output is for the result.
fn show(url: &str, output: Output) {
    output.note(&format!("Open this in a browser:\n\n  {url}\n"), &json!({"login_url": url}));
}

fn ask_for_paste(output: Output) {
    let words = "Log in there. If the browser then finds nobody at the address it is sent to, copy that address \
                 from its address bar, and paste it here:";
    output.note(words, &json!({"waiting_for": "redirected_url"}));
}

fn refuse_paste(error: &grantline::Error, output: Output) {
    let (code, message) = (error.code(), one_line(&error.to_string()));
    let line = format!("grantline: {message} ({code}); paste the address of the page after the login");
    output.note(&line, &json!({"refused": {"code": code, "message": message}}));
}

fn report(done: &LoggedIn, opened: &Opened<'_>, output: Output) -> Result<(), Failure> {
    let session = done.session.id().as_str();
    let who = match &done.identity {
        Some(identity) => named(identity),
        None => "nobody was identified, since openid was not asked for".to_owned(),
    };
    let human = one_line(&format!("logged in: {who}; session {session}")) + "\n";
    let json = json!({
        "profile": opened.profile.name,
        "session": session,
        "identity": done.identity.as_ref().map(identity),
    });
    output.result(&human, &json)
}

fn named(identity: &IdTokenClaims) -> String {
    let claim = |name| identity.claim(name).and_then(Value::as_str);
    let subject = match identity.tenant_id() {
        Some(tenant) => format!("{} of tenant {tenant}", identity.subject()),
        None => identity.subject().to_owned(),
    };
    match claim("name").or(claim("email")) {
        Some(name) => format!("{name} ({subject})"),
        None => subject,
    }
}

fn identity(identity: &IdTokenClaims) -> Value {
    json!({
        "issuer": identity.issuer(),
        "subject": identity.subject(),
        "tenant_id": identity.tenant_id(),
        "session_id": identity.session_id(),
        "acr": identity.acr(),
        "amr": identity.amr(),
        "claims": identity.further_claims(),
    })
}
