//! The introspection endpoint (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::clock::ago;
use crate::config::Application;
use crate::refusal::Refusal;
use crate::token::{access_token, authenticated_form, no_store, not_allowed, refuse};
use crate::visit::Visit;

const TOKEN: &str = "token";

pub(crate) async fn endpoint(visit: Visit, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method != Method::POST {
        return not_allowed(&visit, &method);
    }
    match introspect(&visit, &method, &headers, &body) {
        Ok(answer) => (no_store(), Json(answer)).into_response(),
        Err(refusal) => refuse(&visit, &refusal, &headers),
    }
}

/// The hint may be wrong (section 2.1), so it is not looked at. What is not a good token of the caller's own is
/// `active: false` and no more (section 2.2); the journal tells why.
fn introspect(visit: &Visit, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let (application, params) = authenticated_form(visit, method, headers, body)?;
    if application.is_public() {
        let description = "a public client may not introspect: it cannot authenticate";
        return Err(Refusal::invalid_client("client", description));
    }
    let token = params.get("token").ok_or(Refusal::invalid_request(TOKEN, "token is missing"))?;
    if let Some(known) = of_refresh_token(visit, application, token) {
        visit.passed(TOKEN, "a refresh token that can be exchanged");
        return Ok(known);
    }
    match of_access_token(visit, application, token) {
        Ok(known) => {
            visit.passed(TOKEN, "an access token that is valid");
            Ok(known)
        }
        Err(why) => {
            visit.failed(TOKEN, format!("not active: {why}"));
            Ok(json!({"active": false}))
        }
    }
}

/// The error is why it is not active.
fn of_access_token(visit: &Visit, application: &Application, token: &str) -> Result<Value, String> {
    if visit.state().refresh_tokens.knows(token) {
        return Err("a refresh token that is used, ended, expired or another client's".to_owned());
    }
    let mut claims = visit.keys.examine(access_token::TYP, token).map_err(|flaw| flaw.to_string())?;
    if claims["iss"] != visit.issuer.as_str() {
        return Err("its iss is another server".to_owned());
    }
    let client_id = claims["client_id"].as_str().unwrap_or_default();
    if client_id != application.client_id {
        return Err(format!("it was issued to {client_id}, and {} asks", application.client_id));
    }
    let (exp, now) = (claims["exp"].as_u64().unwrap_or_default(), visit.clock.now());
    if exp <= now / 1000 {
        return Err(format!("it expired {}", ago(exp.saturating_mul(1000), now)));
    }
    // A string here (section 2.2), whatever it is in the token.
    claims["scope"] = access_token::scopes(&claims).join(" ").into();
    claims["active"] = true.into();
    claims["token_type"] = "Bearer".into();
    Ok(claims)
}

fn of_refresh_token(visit: &Visit, application: &Application, token: &str) -> Option<Value> {
    let now = visit.clock.now();
    let state = visit.state();
    let (grant, expires_at) = state.refresh_tokens.look(token, application, now)?;
    Some(json!({
        "active": true,
        "iss": visit.issuer,
        "client_id": grant.client_id,
        "sub": grant.sub,
        "sid": grant.authentication.sid,
        "scope": grant.scopes.join(" "),
        "exp": expires_at / 1000,
    }))
}
