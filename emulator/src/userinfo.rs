//! The userinfo endpoint (OpenID Connect Core 1.0, section 5.3).

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app_state::{AppState, Shared};
use crate::bearer::{self, BearerError};
use crate::faults::{FaultKind, UserinfoFault};
use crate::token::access_token;
use crate::wrong::{self, remove};

/// A refusal has no challenge in Visma mode, which lets a client show that it can do without (RFC 6750, section 3, asks
/// for one).
pub(crate) async fn endpoint(State(app): State<Shared>, headers: HeaderMap) -> Response {
    match answer(&app, &headers) {
        Ok(claims) => Json(claims).into_response(),
        Err(error) => {
            let mut response = error.into_response();
            if app.is_visma() {
                response.headers_mut().remove(WWW_AUTHENTICATE);
            }
            response
        }
    }
}

fn answer(app: &AppState, headers: &HeaderMap) -> Result<Value, BearerError> {
    let token = bearer::authorize(app, headers, "openid")?;
    let unknown = BearerError::Invalid("the token's user is not known");
    let user = token["sub"].as_str().and_then(|sub| app.config.user_by_sub(sub)).ok_or(unknown)?;
    let scopes = access_token::scopes(&token);
    let mut claims = json!({"sub": user.sub});
    if scopes.contains(&"profile") {
        claims["name"] = user.name.as_str().into();
    }
    if scopes.contains(&"email") {
        claims["email"] = user.username.as_str().into();
        claims["email_verified"] = true.into();
    }
    for name in ["sid", "idp", "acr", "amr", "auth_time"] {
        claims[name] = token[name].clone();
    }
    if app.is_visma() {
        // Seen on the live server: a number written as a string.
        claims["auth_time"] = token["auth_time"].to_string().into();
    }
    spoil(app, &token, &mut claims);
    Ok(claims)
}

fn spoil(app: &AppState, token: &Value, claims: &mut Value) {
    let fault = app.faults.take(None, token["client_id"].as_str(), |kind| match kind {
        FaultKind::Userinfo(fault) => Some(*fault),
        _ => None,
    });
    match fault {
        None => {}
        Some(UserinfoFault::OtherSubject) => claims["sub"] = wrong::SUB.into(),
        Some(UserinfoFault::NoSubject) => remove(claims, "sub"),
    }
}
