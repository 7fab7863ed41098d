//! Client authentication at the token endpoint (RFC 6749, section 2.3).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::error::TokenError;
use crate::app_state::AppState;
use crate::basic::{self, BasicCredentials};
use crate::config::{Application, Secret};
use crate::limits;
use crate::params::Params;

pub(super) fn authenticate<'a>(
    app: &'a AppState,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a Application, TokenError> {
    let (client_id, secret) = presented(headers, params)?;
    if client_id.len() > limits::CLIENT_ID || secret.len() > limits::CLIENT_SECRET {
        return Err(TokenError::invalid_client("the client id or secret is longer than 100 characters"));
    }
    let application =
        app.config.application(&client_id).ok_or(TokenError::invalid_client("no such client_id"))?;
    match &application.secret {
        // A public client may send an empty secret, as in Basic authentication it must.
        None if secret.is_empty() => Ok(application),
        None => Err(TokenError::invalid_client("a secret was sent for a public client, which has none")),
        Some(_) if secret.is_empty() => Err(TokenError::invalid_client("the client secret is missing")),
        Some(expected) if same(expected, &secret) => Ok(application),
        Some(_) => Err(TokenError::invalid_client(
            "wrong client secret; in Basic authentication id and secret are form-encoded first",
        )),
    }
}

/// Client id and secret from the header or the body; the secret is empty when there is none.
fn presented(headers: &HeaderMap, params: &Params) -> Result<(String, String), TokenError> {
    let in_body = params.get("client_id");
    let body_secret = params.get("client_secret");
    let Some(header) = headers.get(AUTHORIZATION) else {
        let client_id = in_body.ok_or(TokenError::invalid_client("client_id is missing"))?;
        return Ok((client_id.to_owned(), body_secret.unwrap_or("").to_owned()));
    };
    let BasicCredentials { client_id, secret } = header.to_str().ok().and_then(basic::credentials).ok_or(
        TokenError::invalid_client("the Authorization header is not well-formed Basic authentication"),
    )?;
    // RFC 6749, section 2.3: one method in each request.
    if body_secret.is_some() || in_body.is_some_and(|other| other != client_id) {
        return Err(TokenError::invalid_request("client credentials both in the header and in the body"));
    }
    Ok((client_id, secret))
}

fn same(expected: &Secret, given: &str) -> bool {
    verify_slices_are_equal(expected.expose_secret().as_bytes(), given.as_bytes()).is_ok()
}
