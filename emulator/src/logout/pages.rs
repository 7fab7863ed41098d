//! The pages on the way out.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::pages;
use crate::random;

/// Where the confirmation is posted to.
pub(crate) const CONFIRM_PATH: &str = "/connect/endsession/confirm";

#[derive(Template)]
#[template(path = "logout.html")]
struct ConfirmPage<'a> {
    nonce: &'a str,
    action: &'a str,
    user: &'a str,
}

#[derive(Template)]
#[template(path = "logged_out.html")]
struct EndedPage<'a> {
    nonce: &'a str,
    logged_out: bool,
    reason: Option<&'a str>,
}

/// Asks whether it was the user who wants to log out.
pub(super) fn confirm(user: &str) -> Response {
    let nonce = random::identifier();
    pages::html(StatusCode::OK, &ConfirmPage { nonce: &nonce, action: CONFIRM_PATH, user }, &nonce)
}

/// `reason`: why the user is not back at the application.
pub(super) fn ended(logged_out: bool, reason: Option<&str>) -> Response {
    let nonce = random::identifier();
    pages::html(StatusCode::OK, &EndedPage { nonce: &nonce, logged_out, reason }, &nonce)
}
