//! The introspection endpoint (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app_state::{AppState, Shared};
use crate::config::Application;
use crate::token::{TokenError, access_token, authenticated_form, no_store};

pub(crate) async fn endpoint(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response();
    }
    match introspect(&app, &method, &headers, &body) {
        Ok(answer) => (no_store(), Json(answer)).into_response(),
        Err(error) => error.into_response(&app, &headers),
    }
}

/// The hint may be wrong (section 2.1), so it is not looked at. What is not a good token of the caller's own is
/// `active: false` and no more (section 2.2).
fn introspect(
    app: &AppState,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, TokenError> {
    let (application, params) = authenticated_form(app, method, headers, body)?;
    if application.is_public() {
        return Err(TokenError::invalid_client("a public client may not introspect: it cannot authenticate"));
    }
    let token = params.get("token").ok_or(TokenError::invalid_request("token is missing"))?;
    let known =
        of_access_token(app, application, token).or_else(|| of_refresh_token(app, application, token));
    Ok(known.unwrap_or_else(|| json!({"active": false})))
}

fn of_access_token(app: &AppState, application: &Application, token: &str) -> Option<Value> {
    let mut claims = app.keys.verify(access_token::TYP, token)?;
    let good = claims["iss"] == app.issuer.as_str()
        && claims["client_id"] == application.client_id.as_str()
        && claims["exp"].as_u64().is_some_and(|exp| app.clock.now_s() < exp);
    if !good {
        return None;
    }
    // A string here (section 2.2), whatever it is in the token.
    claims["scope"] = access_token::scopes(&claims).join(" ").into();
    claims["active"] = true.into();
    claims["token_type"] = "Bearer".into();
    Some(claims)
}

fn of_refresh_token(app: &AppState, application: &Application, token: &str) -> Option<Value> {
    let now = app.clock.now();
    let state = app.state();
    let (grant, expires_at) = state.refresh_tokens.look(token, application, now)?;
    Some(json!({
        "active": true,
        "iss": app.issuer,
        "client_id": grant.client_id,
        "sub": grant.sub,
        "sid": grant.authentication.sid,
        "scope": grant.scopes.join(" "),
        "exp": expires_at / 1000,
    }))
}
