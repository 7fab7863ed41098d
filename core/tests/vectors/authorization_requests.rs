//! `authorization_requests.json`: the exact URL of a login, or its refusal.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_core::{BegunLogin, Error, LoginRequest, Prompt, Reply, ResponseMode, Seed, SessionId, Step};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::application::{Application, ScopesData};
use crate::expectation::ExpectedError;
use crate::{NOW, cases, run, same};

pub const FILE: &str = include_str!("../../../tests/vectors/authorization_requests.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(rename = "source")]
    _source: Option<String>,
    application: Application,
    request: Request,
    pub expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    scopes: ScopesData,
    redirect_uri: Option<String>,
    response_mode: Option<String>,
    #[serde(default)]
    prompt: Vec<String>,
    login_hint: Option<String>,
    max_age: Option<u64>,
    expires_after: Option<u64>,
    acr_values: Option<String>,
    prefer_acr_values: Option<String>,
    ui_locales: Option<String>,
    tenant_hint: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    parameters: Vec<(String, String)>,
    app_data: Option<String>,
    session: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Expect {
    Begun { url: String, cookie: bool, record: Map<String, Value> },
    Refused { error: ExpectedError },
}

type SetText = fn(LoginRequest, String) -> LoginRequest;

impl Request {
    fn make(&self) -> Result<LoginRequest, Error> {
        let mut request = LoginRequest::new(self.scopes.make()?);
        let texts: [(&Option<String>, SetText); 7] = [
            (&self.redirect_uri, LoginRequest::redirect_uri),
            (&self.login_hint, LoginRequest::login_hint),
            (&self.acr_values, LoginRequest::acr_values),
            (&self.prefer_acr_values, LoginRequest::prefer_acr_values),
            (&self.ui_locales, LoginRequest::ui_locales),
            (&self.tenant_hint, LoginRequest::tenant_hint),
            (&self.app_data, LoginRequest::app_data),
        ];
        for (text, set) in texts {
            if let Some(text) = text {
                request = set(request, text.clone());
            }
        }
        if let Some(mode) = &self.response_mode {
            request = request.response_mode(response_mode(mode));
        }
        if let Some(seconds) = self.max_age {
            request = request.max_age(Duration::from_secs(seconds));
        }
        if let Some(seconds) = self.expires_after {
            request = request.expires_after(Duration::from_secs(seconds));
        }
        if let Some(session) = &self.session {
            request = request.session(SessionId::new(session)?);
        }
        request = self.prompt.iter().map(|word| prompt(word)).fold(request, LoginRequest::prompt);
        request = self.resources.iter().fold(request, LoginRequest::resource);
        Ok(self.parameters.iter().fold(request, |request, (name, value)| request.parameter(name, value)))
    }
}

fn response_mode(name: &str) -> ResponseMode {
    match name {
        "query" => ResponseMode::Query,
        "form_post" => ResponseMode::FormPost,
        other => panic!("no such response mode: {other}"),
    }
}

fn prompt(name: &str) -> Prompt {
    match name {
        "none" => Prompt::None,
        "login" => Prompt::Login,
        "consent" => Prompt::Consent,
        "select_account" => Prompt::SelectAccount,
        other => panic!("no such prompt: {other}"),
    }
}

impl Case {
    fn begin(&self) -> Result<BegunLogin, Error> {
        let app = self.application.login()?;
        match app.begin_login(self.request.make()?, Seed::new([7; 32])).step(Reply::Start, NOW) {
            Step::Done(outcome) => outcome,
            other => panic!("a login begins without any effect, and asked for {other:?}"),
        }
    }

    fn check(&self) -> Result<(), String> {
        match (self.begin(), &self.expect) {
            (Ok(begun), Expect::Begun { url, cookie, record }) => {
                let written = begun.pending.to_record().map_err(|error| error.to_string())?;
                let written: Map<String, Value> = serde_json::from_str(written.expose_secret()).unwrap();
                same("url", &begun.url, &filled(url, &begun.url, &written)?)?;
                same("cookie", &begun.binding.is_some(), cookie)?;
                record.iter().try_for_each(|(name, value)| same(name, &written.get(name), &Some(value)))
            }
            (Err(error), Expect::Refused { error: expected }) => expected.check(&error),
            (Ok(begun), Expect::Refused { error }) => {
                Err(format!("expected {}, got the URL {}", error.code, begun.url))
            }
            (Err(error), Expect::Begun { .. }) => Err(format!("refused: {error}")),
        }
    }
}

/// The expected URL with the unguessable values of the one that came out, which have to fit the record.
fn filled(expected: &str, url: &str, record: &Map<String, Value>) -> Result<String, String> {
    let mut filled = expected.to_owned();
    for name in ["state", "nonce", "code_challenge"] {
        let placeholder = format!("{{{name}}}");
        if !expected.contains(&placeholder) {
            continue;
        }
        let value = parameter(url, name).ok_or(format!("the URL has no {name}"))?;
        same(&format!("a {name} of 43 characters of base64url"), &is_unguessable(value), &true)?;
        filled = filled.replace(&placeholder, value);
    }
    same("the record's state", &record["state"].as_str(), &parameter(url, "state"))?;
    let challenge = record["code_verifier"].as_str().map(s256);
    same("the challenge of the record's verifier", &challenge.as_deref(), &parameter(url, "code_challenge"))?;
    Ok(filled)
}

fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|pair| pair.1)
}

fn is_unguessable(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// RFC 7636 section 4.2, worked out here: the yardstick is not the library's own.
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[test]
fn every_authorization_request_comes_out_as_written() {
    run(&cases::<Case>(FILE).cases, |case| &case.name, Case::check);
}
