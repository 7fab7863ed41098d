//! Bearer access tokens at the protected resources (RFC 6750).

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::clock::ago;
use crate::keys::KeyRing;
use crate::refusal::Refusal;
use crate::token::access_token;
use crate::visit::Visit;

const ACCESS_TOKEN: &str = "access_token";

const INVALID_TOKEN: &str = "invalid_token";
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

/// The claims of a valid access token that holds `scope`.
pub(crate) fn authorize(visit: &Visit, headers: &HeaderMap, scope: &'static str) -> Result<Value, Refusal> {
    let claims = valid(visit, presented(headers)?)?;
    visit.passed(ACCESS_TOKEN, format!("of {}", claims["client_id"].as_str().unwrap_or("nobody")));
    let held = access_token::scopes(&claims);
    if !held.contains(&scope) {
        let words = format!("the token does not hold the scope {scope}; it holds: {}", held.join(" "));
        return Err(Refusal::new("scope", INSUFFICIENT_SCOPE, scope).because(words));
    }
    visit.passed("scope", format!("holds {scope}"));
    Ok(claims)
}

fn presented(headers: &HeaderMap) -> Result<&str, Refusal> {
    // RFC 6750, section 3.1: a challenge without an error code, for there is no token at all.
    let missing = |words: &str| Refusal::new(ACCESS_TOKEN, "", "no Bearer token").because(words);
    let field = headers
        .get(AUTHORIZATION)
        .ok_or_else(|| missing("no Bearer token: no Authorization header field"))?;
    let other_scheme = || missing("no Bearer token: the Authorization header field has another scheme");
    field.to_str().ok().and_then(token_of).ok_or_else(other_scheme)
}

fn valid(visit: &Visit, token: &str) -> Result<Value, Refusal> {
    let refused = "the token is not one of this server's, or was altered";
    let claims = visit
        .keys
        .examine(access_token::TYP, token)
        .map_err(|flaw| invalid(refused).because(flaw.to_string()))?;
    if claims["iss"] != visit.issuer.as_str() {
        let issuer = claims["iss"].as_str().unwrap_or_default();
        return Err(invalid(refused)
            .because(format!("the token's iss is \"{issuer}\", and this is {}", visit.issuer)));
    }
    let now = visit.clock.now();
    match claims["exp"].as_u64() {
        Some(exp) if exp > now / 1000 => {}
        exp => {
            let at = exp.unwrap_or_default().saturating_mul(1000);
            return Err(
                invalid("the token has expired").because(format!("the token expired {}", ago(at, now)))
            );
        }
    }
    let client_id = claims["client_id"].as_str().unwrap_or_default();
    if visit.config.application(client_id).is_none() {
        let words = format!("the token's application, {client_id}, is not registered any more");
        return Err(invalid("the token's application is not known").because(words));
    }
    Ok(claims)
}

/// A token that is worth nothing; `description` reaches the client.
pub(crate) fn invalid(description: &'static str) -> Refusal {
    Refusal::new(ACCESS_TOKEN, INVALID_TOKEN, description)
}

/// The `client_id` of a token that this server signed, expired or not: a label for the journal.
pub(crate) fn client_of(keys: &KeyRing, authorization: Option<&str>) -> Option<String> {
    let claims = keys.verify(access_token::TYP, token_of(authorization?)?)?;
    claims["client_id"].as_str().map(str::to_owned)
}

fn token_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The answer of a protected resource that refuses (RFC 6750, section 3.1).
pub(crate) fn refuse(visit: &Visit, refusal: &Refusal) -> Response {
    visit.refused(refusal);
    let description = &refusal.description;
    let (status, challenge) = match refusal.code {
        INSUFFICIENT_SCOPE => (
            StatusCode::FORBIDDEN,
            format!(r#"Bearer realm="grantline", error="insufficient_scope", scope="{description}""#),
        ),
        INVALID_TOKEN => (
            StatusCode::UNAUTHORIZED,
            format!(r#"Bearer realm="grantline", error="invalid_token", error_description="{description}""#),
        ),
        _ => (StatusCode::UNAUTHORIZED, r#"Bearer realm="grantline""#.to_owned()),
    };
    (status, [(WWW_AUTHENTICATE, challenge)]).into_response()
}
