//! Bearer access tokens at the protected resources (RFC 6750).

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::app_state::AppState;
use crate::keys::Keys;
use crate::observe::Reason;
use crate::token::access_token;

/// Why a protected resource refused (RFC 6750, section 3.1).
pub(crate) enum BearerError {
    /// No token at all: a challenge without an error code.
    Missing,
    Invalid(&'static str),
    Scope(&'static str),
}

/// The claims of a valid access token that holds `scope`.
pub(crate) fn authorize(
    app: &AppState,
    headers: &HeaderMap,
    scope: &'static str,
) -> Result<Value, BearerError> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization.and_then(token_of).ok_or(BearerError::Missing)?;
    let refused = "the token is not one of this server's, or was altered";
    let claims = app.keys.verify(access_token::TYP, token).ok_or(BearerError::Invalid(refused))?;
    if claims["iss"] != app.issuer.as_str() {
        return Err(BearerError::Invalid(refused));
    }
    if claims["exp"].as_u64().is_none_or(|exp| exp <= app.clock.now_s()) {
        return Err(BearerError::Invalid("the token has expired"));
    }
    if !access_token::scopes(&claims).contains(&scope) {
        return Err(BearerError::Scope(scope));
    }
    Ok(claims)
}

/// The `client_id` of a token that this server signed, expired or not: a label for the journal.
pub(crate) fn client_of(keys: &Keys, authorization: Option<&str>) -> Option<String> {
    let claims = keys.verify(access_token::TYP, token_of(authorization?)?)?;
    claims["client_id"].as_str().map(str::to_owned)
}

fn token_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        let (status, challenge, reason) = match self {
            Self::Missing => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer realm="grantline""#.to_owned(),
                "no Bearer token".to_owned(),
            ),
            Self::Invalid(why) => (
                StatusCode::UNAUTHORIZED,
                format!(r#"Bearer realm="grantline", error="invalid_token", error_description="{why}""#),
                why.to_owned(),
            ),
            Self::Scope(scope) => (
                StatusCode::FORBIDDEN,
                format!(r#"Bearer realm="grantline", error="insufficient_scope", scope="{scope}""#),
                format!("the token does not hold the scope {scope}"),
            ),
        };
        let mut response = (status, [(WWW_AUTHENTICATE, challenge)]).into_response();
        response.extensions_mut().insert(Reason(reason));
        response
    }
}
