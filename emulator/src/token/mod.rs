//! The token endpoint (RFC 6749, section 3.2).

pub(crate) mod access_token;
mod client;
mod client_credentials;
mod code;
mod error;
pub(crate) mod id_token;
mod refresh;
mod response;
mod secret_words;

use axum::body::Bytes;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

pub(crate) use error::refuse;

use crate::config::Application;
use crate::params::{Params, is_form};
use crate::refusal::Refusal;
use crate::state::Grant;
use crate::visit::Visit;
use response::TokenResponse;
pub(crate) use response::no_store;

const REQUEST: &str = "request";

pub(crate) async fn endpoint(visit: Visit, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method != Method::POST && !visit.is_visma() {
        return not_allowed(&visit, &method);
    }
    match answer(&visit, &method, &headers, &body) {
        Ok(response) => response.into_response(),
        Err(refusal) => refuse(&visit, &refusal, &headers),
    }
}

/// The answer to everything but a POST.
pub(crate) fn not_allowed(visit: &Visit, method: &Method) -> Response {
    visit.failed(REQUEST, format!("the method is {method}: send a POST"));
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response()
}

fn answer(
    visit: &Visit,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<TokenResponse, Refusal> {
    let (application, params) = authenticated_form(visit, method, headers, body)?;
    let grant_type = params.get("grant_type");
    match grant_type {
        Some("client_credentials") => client_credentials::grant(visit, application, &params),
        Some("authorization_code") => code::grant(visit, application, &params),
        Some("refresh_token") => refresh::grant(visit, application, &params),
        Some(other) => Err(Refusal::new("grant_type", "unsupported_grant_type", "no such grant_type here")
            .because(format!(
                "grant_type \"{other}\" does not work here: authorization_code, refresh_token and \
                 client_credentials do"
            ))),
        None => Err(Refusal::invalid_request("grant_type", "grant_type is missing")),
    }
}

/// The parameters of a form, and the client that authenticated with it; the revocation endpoint takes the same (RFC
/// 7009, section 2.1).
pub(crate) fn authenticated_form<'a>(
    visit: &'a Visit,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(&'a Application, Params), Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if method != Method::POST || !is_form(content_type) {
        let description = "send a POST with an application/x-www-form-urlencoded body";
        let sent =
            content_type.map_or("no content type".to_owned(), |value| format!("the content type {value}"));
        return Err(Refusal::invalid_request(REQUEST, description)
            .because(format!("a {method} with {sent}: {description}")));
    }
    let params = Params::parse(body)
        .map_err(|repeated| Refusal::invalid_request(REQUEST, format!("\"{}\" occurs twice", repeated.0)))?;
    visit.passed(REQUEST, "a POST with a form, each parameter once");
    let application = client::authenticate(visit, headers, &params)?;
    Ok((application, params))
}

/// A user may have been removed since.
fn known_user(visit: &Visit, grant: &Grant) -> Result<(), Refusal> {
    let gone = "the user is not known any more";
    let user = visit.config.user_by_sub(&grant.sub).ok_or(Refusal::invalid_grant("user", gone))?;
    visit.passed("user", user.username.as_str());
    Ok(())
}
