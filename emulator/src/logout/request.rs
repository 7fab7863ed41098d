//! The logout request (RP-Initiated Logout 1.0, section 2), checked.

use serde_json::Value;
use url::form_urlencoded;

use crate::authorize::redirect_uri;
use crate::params::Params;
use crate::token::id_token;
use crate::visit::Visit;

pub(super) struct LogoutRequest {
    /// Whom an ID token of this server names.
    pub(super) hint: Option<Hint>,
    /// Where the user goes then, with `state`.
    pub(super) landing: Option<String>,
    /// Why the user does not go where the request says.
    pub(super) stays_because: Option<String>,
}

/// What is wrong with a logout request.
pub(super) struct Wrong {
    pub(super) check: &'static str,
    pub(super) reason: String,
}

impl Wrong {
    fn new(check: &'static str, reason: impl Into<String>) -> Self {
        Self { check, reason: reason.into() }
    }
}

const HINT: &str = "id_token_hint";
const LANDING: &str = "post_logout_redirect_uri";

pub(super) struct Hint {
    pub(super) client_id: String,
    pub(super) sub: String,
    pub(super) sid: Option<String>,
}

impl LogoutRequest {
    /// Visma Connect's kind leaves out what is wrong; the standard lets a server say so.
    pub(super) fn parse(visit: &Visit, params: &Params) -> Result<Self, Wrong> {
        let hint = match params.get(HINT).map(|token| Hint::parse(visit, token)).transpose() {
            Ok(hint) => hint,
            Err(wrong) => {
                left_out(visit, wrong)?;
                None
            }
        };
        if let Some(hint) = &hint {
            visit.passed(HINT, format!("an ID token of {}", hint.client_id));
        }
        if let Some(wrong) = other_client(params.get("client_id"), hint.as_ref()) {
            left_out(visit, wrong)?;
        }
        let Some(uri) = params.get(LANDING) else {
            return Ok(Self { hint, landing: None, stays_because: None });
        };
        match checked(visit, hint.as_ref(), uri) {
            Ok(()) => {
                visit.passed(LANDING, "registered");
                let landing = Some(with_state(uri, params.get("state")));
                Ok(Self { hint, landing, stays_because: None })
            }
            Err(wrong) => {
                let stays_because = Some(wrong.reason.clone());
                left_out(visit, wrong)?;
                Ok(Self { hint, landing: None, stays_because })
            }
        }
    }
}

/// What is wrong is written down and left out, or the error.
fn left_out(visit: &Visit, wrong: Wrong) -> Result<(), Wrong> {
    if !visit.is_visma() {
        return Err(wrong);
    }
    visit.failed(wrong.check, wrong.reason);
    Ok(())
}

fn other_client(client_id: Option<&str>, hint: Option<&Hint>) -> Option<Wrong> {
    let (client_id, hint) = client_id.zip(hint)?;
    let words = format!(
        "client_id is not the one that id_token_hint was issued to: \"{client_id}\", and the ID token is of {}",
        hint.client_id
    );
    (client_id != hint.client_id).then(|| Wrong::new("client", words))
}

/// Section 3: only to a registered URI, and only of the client that the hint names.
fn checked(visit: &Visit, hint: Option<&Hint>, uri: &str) -> Result<(), Wrong> {
    let hint = hint.ok_or(Wrong::new(LANDING, "post_logout_redirect_uri without an id_token_hint"))?;
    let gone = || Wrong::new("client", format!("no application has the client_id \"{}\"", hint.client_id));
    let application = visit.config.application(&hint.client_id).ok_or_else(gone)?;
    let registered = &application.post_logout_redirect_uris;
    if registered.iter().any(|registered| redirect_uri::equal(visit.config.mode, registered, uri)) {
        return Ok(());
    }
    Err(Wrong::new(LANDING, redirect_uri::unregistered(LANDING, &application.client_id, registered, uri)))
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let separator = if uri.contains('?') { '&' } else { '?' };
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{uri}{separator}{encoded}")
}

impl Hint {
    /// An expired one is fine (section 2).
    fn parse(visit: &Visit, token: &str) -> Result<Self, Wrong> {
        let none =
            |why: &str| Wrong::new(HINT, format!("id_token_hint is not an ID token of this server: {why}"));
        let claims = visit.keys.examine(id_token::TYP, token).map_err(|flaw| none(&flaw.to_string()))?;
        if claims["iss"] != visit.issuer.as_str() {
            return Err(none("its iss is another"));
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let named = text("aud").zip(text("sub"));
        let (client_id, sub) = named.ok_or_else(|| none("it lacks aud or sub"))?;
        Ok(Self { client_id, sub, sid: text("sid") })
    }
}
