//! The logout request (RP-Initiated Logout 1.0, section 2), checked.

use serde_json::Value;
use url::form_urlencoded;

use crate::app_state::AppState;
use crate::authorize::redirect_uri;
use crate::params::Params;
use crate::token::id_token;

pub(super) struct LogoutRequest {
    /// Whom an ID token of this server names.
    pub(super) hint: Option<Hint>,
    /// Where the user goes then, with `state`.
    pub(super) landing: Option<String>,
    /// Why the user does not go where the request says.
    pub(super) stays_because: Option<&'static str>,
}

pub(super) struct Hint {
    pub(super) client_id: String,
    pub(super) sub: String,
    pub(super) sid: Option<String>,
}

impl LogoutRequest {
    /// The error is the reason. Visma Connect's kind leaves out what is wrong; the standard lets a server say so.
    pub(super) fn parse(app: &AppState, params: &Params) -> Result<Self, &'static str> {
        let hint = params.get("id_token_hint").map(|token| Hint::parse(app, token));
        if matches!(hint, Some(None)) && !app.is_visma() {
            return Err("id_token_hint is not an ID token of this server");
        }
        let hint = hint.flatten();
        let other_client =
            params.get("client_id").zip(hint.as_ref()).is_some_and(|(id, hint)| id != hint.client_id);
        if other_client && !app.is_visma() {
            return Err("client_id is not the one that id_token_hint was issued to");
        }
        let Some(uri) = params.get("post_logout_redirect_uri") else {
            return Ok(Self { hint, landing: None, stays_because: None });
        };
        match checked(app, hint.as_ref(), uri) {
            Ok(()) => {
                let landing = Some(with_state(uri, params.get("state")));
                Ok(Self { hint, landing, stays_because: None })
            }
            Err(reason) if app.is_visma() => Ok(Self { hint, landing: None, stays_because: Some(reason) }),
            Err(reason) => Err(reason),
        }
    }
}

/// Section 3: only to a registered URI, and only of the client that the hint names.
fn checked(app: &AppState, hint: Option<&Hint>, uri: &str) -> Result<(), &'static str> {
    let hint = hint.ok_or("post_logout_redirect_uri without an id_token_hint")?;
    let application = app.config.application(&hint.client_id).ok_or("no application has this client_id")?;
    let mut registered = application.post_logout_redirect_uris.iter();
    registered
        .any(|registered| redirect_uri::equal(app.config.mode, registered, uri))
        .then_some(())
        .ok_or("post_logout_redirect_uri is not registered for this application")
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let separator = if uri.contains('?') { '&' } else { '?' };
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{uri}{separator}{encoded}")
}

impl Hint {
    /// An expired one is fine (section 2).
    fn parse(app: &AppState, token: &str) -> Option<Self> {
        let claims = app.keys.verify(id_token::TYP, token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        (claims["iss"] == app.issuer.as_str()).then_some(())?;
        Some(Self { client_id: text("aud")?, sub: text("sub")?, sid: text("sid") })
    }
}
