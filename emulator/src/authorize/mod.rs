//! The authorization endpoint (RFC 6749, section 3.1) with its login, consent and error pages.

mod at_once;
mod consent;
mod cookies;
mod error_page;
mod interaction;
mod login;
mod proof_key;
pub(crate) mod redirect_uri;
mod request;
mod response;
mod target;
mod transaction;

pub use at_once::{Landing, LoginError};
pub(crate) use at_once::{LoginAtOnce, log_in};
pub(crate) use cookies::{Cookie, Cookies};
pub(crate) use error_page::refuse_page;
pub(crate) use login::authentication;
pub(crate) use proof_key::ProofKeyChallenge;
pub(crate) use request::MFA_ACR;
pub(crate) use response::redirect;
pub(crate) use transaction::Transaction;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::app_state::Shared;
use crate::params::Params;
use crate::refusal::Refusal;
use crate::visit::Visit;
use request::AuthorizationRequest;
use target::Target;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/connect/authorize", get(endpoint).post(endpoint))
        .route(login::PATH, get(login::show).post(login::submit))
        .route(consent::PATH, get(consent::show).post(consent::submit))
        .route(error_page::PATH, get(error_page::show))
}

/// Parameters come in the query of a GET or the form of a POST (OpenID Connect Core 1.0, section 3.1.2.1).
async fn endpoint(visit: Visit, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let encoded = if method == Method::POST { &body } else { uri.query().unwrap_or("").as_bytes() };
    let params = match Params::parse(encoded) {
        Ok(params) => params,
        Err(repeated) => {
            let reason = format!("\"{}\" occurs twice", repeated.0);
            return error_page::stop(&visit, Refusal::invalid_request("parameters", reason));
        }
    };
    let target = match Target::find(&visit, &params) {
        Ok(target) => target,
        Err(refusal) => return error_page::stop(&visit, refusal),
    };
    let request = match AuthorizationRequest::parse(&visit, target.clone(), &params) {
        Ok(request) => request,
        Err(error) => return response::refuse(&visit, &target, error),
    };
    interaction::begin(&visit, &Cookies::of(&visit, &headers), request)
}
