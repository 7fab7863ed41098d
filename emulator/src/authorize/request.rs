//! The authorization request, checked.

use super::ProofKeyChallenge;
use super::response::AuthorizationError;
use super::target::{ResponseMode, Target};
use crate::app_state::AppState;
use crate::config::Application;
use crate::limits;
use crate::params::{Params, scope_list};

/// The `acr_values` entry that asks for multi-factor authentication.
pub(crate) const MFA_ACR: &str = "urn:idp:vismaconnect:mfa";

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
    pub(super) fn parse(app: &AppState, target: Target, params: &Params) -> Result<Self, AuthorizationError> {
        let application = app
            .config
            .application(&target.client_id)
            .ok_or(AuthorizationError::new("unauthorized_client", "no application has this client_id"))?;
        check_support(params)?;
        check_lengths(params)?;
        let invalid = AuthorizationError::invalid_request;
        let challenge = ProofKeyChallenge::parse(params).map_err(invalid)?;
        if challenge.is_none() && application.is_public() {
            return Err(invalid("code_challenge is missing, and a public client must use PKCE"));
        }
        Ok(Self {
            scopes: requested_scopes(application, params.get("scope"))?,
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

fn check_support(params: &Params) -> Result<(), AuthorizationError> {
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(AuthorizationError::new(
                "unsupported_response_type",
                "only response_type=code works here",
            ));
        }
        None => return Err(AuthorizationError::invalid_request("response_type is missing")),
    }
    if ResponseMode::parse(params.get("response_mode")).is_none() {
        return Err(AuthorizationError::invalid_request("response_mode is not query, form_post or fragment"));
    }
    // OpenID Connect Core 1.0, section 3.1.2.6.
    for (parameter, error) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if params.get(parameter).is_some() {
            return Err(AuthorizationError::new(error, "request objects do not work here"));
        }
    }
    Ok(())
}

fn check_lengths(params: &Params) -> Result<(), AuthorizationError> {
    for (name, limit) in [
        ("scope", limits::SCOPE),
        ("nonce", limits::NONCE),
        ("ui_locales", limits::UI_LOCALES),
        ("login_hint", limits::LOGIN_HINT),
        ("acr_values", limits::ACR_VALUES),
    ] {
        if params.get(name).is_some_and(|value| value.len() > limit) {
            let code = if name == "scope" { "invalid_scope" } else { "invalid_request" };
            return Err(AuthorizationError::new(code, format!("{name} is longer than {limit} characters")));
        }
    }
    Ok(())
}

fn requested_scopes(
    application: &Application,
    requested: Option<&str>,
) -> Result<Vec<String>, AuthorizationError> {
    let scopes = scope_list(requested.unwrap_or(""));
    if scopes.is_empty() {
        return Err(AuthorizationError::new("invalid_scope", "scope is missing"));
    }
    match scopes.iter().find(|scope| !application.scopes.contains(scope)) {
        Some(refused) => {
            let reason = format!("scope \"{refused}\" is not allowed for {}", application.client_id);
            Err(AuthorizationError::new("invalid_scope", reason))
        }
        None => Ok(scopes),
    }
}

fn prompts(text: Option<&str>) -> Result<Vec<Prompt>, AuthorizationError> {
    let mut prompts = Vec::new();
    for word in text.unwrap_or("").split(' ').filter(|word| !word.is_empty()) {
        prompts.push(match word {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "consent" => Prompt::Consent,
            "select_account" => Prompt::SelectAccount,
            _ => {
                return Err(AuthorizationError::invalid_request(format!("prompt \"{word}\" is unknown")));
            }
        });
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(AuthorizationError::invalid_request("prompt \"none\" excludes every other"));
    }
    Ok(prompts)
}

fn max_age(text: Option<&str>) -> Result<Option<u64>, AuthorizationError> {
    let parse = |text: &str| {
        text.parse().map_err(|_| AuthorizationError::invalid_request("max_age is not a number of seconds"))
    };
    text.map(parse).transpose()
}
