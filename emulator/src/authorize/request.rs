//! The authorization request, checked.

use super::ProofKeyChallenge;
use super::target::{ResponseMode, Target};
use crate::config::Application;
use crate::limits;
use crate::params::{Params, scope_list};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// The `acr_values` entry that asks for multi-factor authentication.
pub(crate) const MFA_ACR: &str = "urn:idp:vismaconnect:mfa";

#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(super) target: Target,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<ProofKeyChallenge>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) max_age_s: Option<u64>,
    pub(super) login_hint: String,
    pub(super) tenant_hint: Option<String>,
    pub(super) mfa: bool,
}

/// OpenID Connect Core 1.0, section 3.1.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
}

impl AuthorizationRequest {
    pub(super) fn parse(visit: &Visit, target: Target, params: &Params) -> Result<Self, Refusal> {
        let application = visit.config.application(&target.client_id).ok_or(Refusal::new(
            "client",
            "unauthorized_client",
            "no application has this client_id",
        ))?;
        check_support(params)?;
        check_lengths(params)?;
        visit.passed("parameters", "supported, and none too long");
        let challenge = challenge(visit, application, params)?;
        let scopes = requested_scopes(application, params.get("scope"))?;
        visit.passed("scope", scopes.join(" "));
        Ok(Self {
            scopes,
            nonce: params.get("nonce").map(str::to_owned),
            challenge,
            prompts: prompts(params.get("prompt"))?,
            max_age_s: max_age(params.get("max_age"))?,
            login_hint: params.get("login_hint").unwrap_or("").to_owned(),
            tenant_hint: params.get("tenant_hint").map(str::to_owned),
            mfa: params
                .get("acr_values")
                .is_some_and(|values| values.split(' ').any(|value| value == MFA_ACR)),
            target,
        })
    }

    pub(super) fn prompts_for(&self, prompt: Prompt) -> bool {
        self.prompts.contains(&prompt)
    }
}

fn challenge(
    visit: &Visit,
    application: &Application,
    params: &Params,
) -> Result<Option<ProofKeyChallenge>, Refusal> {
    let invalid = |words| Refusal::invalid_request("code_challenge", words);
    let challenge = ProofKeyChallenge::parse(params).map_err(invalid)?;
    match &challenge {
        Some(_) => visit.passed("code_challenge", "there is one"),
        None if application.is_public() => {
            return Err(invalid("code_challenge is missing, and a public client must use PKCE"));
        }
        None => visit.passed("code_challenge", "none, which a client with a secret may do"),
    }
    Ok(challenge)
}

fn check_support(params: &Params) -> Result<(), Refusal> {
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(Refusal::new(
                "response_type",
                "unsupported_response_type",
                "only response_type=code works here",
            ));
        }
        None => return Err(Refusal::invalid_request("response_type", "response_type is missing")),
    }
    if ResponseMode::parse(params.get("response_mode")).is_none() {
        let description = "response_mode is not query, form_post or fragment";
        return Err(Refusal::invalid_request("response_mode", description));
    }
    // OpenID Connect Core 1.0, section 3.1.2.6.
    for (parameter, error) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if params.get(parameter).is_some() {
            return Err(Refusal::new(parameter, error, "request objects do not work here"));
        }
    }
    Ok(())
}

fn check_lengths(params: &Params) -> Result<(), Refusal> {
    for (name, limit) in [
        ("scope", limits::SCOPE),
        ("nonce", limits::NONCE),
        ("ui_locales", limits::UI_LOCALES),
        ("login_hint", limits::LOGIN_HINT),
        ("acr_values", limits::ACR_VALUES),
    ] {
        if params.get(name).is_some_and(|value| value.len() > limit) {
            let code = if name == "scope" { "invalid_scope" } else { "invalid_request" };
            return Err(Refusal::new(name, code, format!("{name} is longer than {limit} characters")));
        }
    }
    Ok(())
}

fn requested_scopes(application: &Application, requested: Option<&str>) -> Result<Vec<String>, Refusal> {
    let scopes = scope_list(requested.unwrap_or(""));
    if scopes.is_empty() {
        return Err(Refusal::invalid_scope("scope is missing"));
    }
    match scopes.iter().find(|scope| !application.scopes.contains(scope)) {
        Some(refused) => {
            let reason = format!("scope \"{refused}\" is not allowed for {}", application.client_id);
            Err(Refusal::invalid_scope(reason).because(application.refusal_of_scope(refused)))
        }
        None => Ok(scopes),
    }
}

fn prompts(text: Option<&str>) -> Result<Vec<Prompt>, Refusal> {
    let mut prompts = Vec::new();
    for word in text.unwrap_or("").split(' ').filter(|word| !word.is_empty()) {
        prompts.push(match word {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "consent" => Prompt::Consent,
            "select_account" => Prompt::SelectAccount,
            _ => {
                return Err(Refusal::invalid_request("prompt", format!("prompt \"{word}\" is unknown")));
            }
        });
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(Refusal::invalid_request("prompt", "prompt \"none\" excludes every other"));
    }
    Ok(prompts)
}

fn max_age(text: Option<&str>) -> Result<Option<u64>, Refusal> {
    let parse = |text: &str| {
        text.parse().map_err(|_| Refusal::invalid_request("max_age", "max_age is not a number of seconds"))
    };
    text.map(parse).transpose()
}
