//! The token endpoint (RFC 6749, section 3.2).

pub(crate) mod access_token;
mod client;
mod client_credentials;
mod code;
mod error;
pub(crate) mod id_token;
mod refresh;
mod response;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

pub(crate) use error::TokenError;

use crate::app_state::{AppState, Shared};
use crate::config::Application;
use crate::params::{Params, is_form};
use response::TokenResponse;
pub(crate) use response::no_store;

pub(crate) async fn endpoint(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST && !app.is_visma() {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response();
    }
    match answer(&app, &method, &headers, &body) {
        Ok(response) => response.into_response(),
        Err(error) => error.into_response(&app, &headers),
    }
}

fn answer(
    app: &AppState,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<TokenResponse, TokenError> {
    let (application, params) = authenticated_form(app, method, headers, body)?;
    match params.get("grant_type") {
        Some("client_credentials") => client_credentials::grant(app, application, &params),
        Some("authorization_code") => code::grant(app, application, &params),
        Some("refresh_token") => refresh::grant(app, application, &params),
        Some(_) => Err(TokenError::new("unsupported_grant_type", "no such grant_type here")),
        None => Err(TokenError::invalid_request("grant_type is missing")),
    }
}

/// The parameters of a form, and the client that authenticated with it; the revocation endpoint takes the same (RFC
/// 7009, section 2.1).
pub(crate) fn authenticated_form<'a>(
    app: &'a AppState,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(&'a Application, Params), TokenError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if method != Method::POST || !is_form(content_type) {
        return Err(TokenError::invalid_request(
            "send a POST with an application/x-www-form-urlencoded body",
        ));
    }
    let params = Params::parse(body)
        .map_err(|repeated| TokenError::invalid_request(format!("\"{}\" occurs twice", repeated.0)))?;
    let application = client::authenticate(app, headers, &params)?;
    Ok((application, params))
}
