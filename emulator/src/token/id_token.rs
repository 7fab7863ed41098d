//! The claims of ID tokens (OpenID Connect Core 1.0, section 2).

use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::config::Application;
use crate::random::{base64url, sha256};
use crate::state::{Grant, IDP};

pub(super) const TYP: &str = "JWT";

pub(super) fn claims(
    app: &AppState,
    application: &Application,
    grant: &Grant,
    access_token: &str,
    nonce: Option<&str>,
) -> Value {
    let now = app.clock.now_s();
    let authentication = &grant.authentication;
    let mut claims = json!({
        "iss": app.issuer,
        "aud": application.client_id,
        "iat": now,
        "exp": now.saturating_add(application.id_token_s),
        "sub": grant.sub,
        "sid": authentication.sid,
        "idp": IDP,
        "acr": authentication.acr(),
        "amr": authentication.amr(),
        "auth_time": authentication.auth_time_s,
        "llt": authentication.auth_time_s,
        "at_hash": at_hash(access_token),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    claims
}

/// The left half of the access token's SHA-256 (section 3.1.3.6, for RS256).
fn at_hash(access_token: &str) -> String {
    let hash = sha256(access_token.as_bytes());
    base64url(hash.split_at(hash.len() / 2).0)
}
