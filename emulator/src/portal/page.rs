//! What all pages of the portal share: their frame and their headers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use super::asked::Asked;
use crate::control::ControlError;
use crate::pages;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// With `no-referrer` a form would be posted with `Origin: null`.
const REFERRER: &str = "same-origin";

/// What stands around a page.
pub(super) struct Frame {
    /// Which part of the navigation it belongs to.
    pub(super) section: &'static str,
    /// What was just done; may be empty.
    pub(super) done: &'static str,
}

impl Frame {
    pub(super) fn of(section: &'static str) -> Self {
        Self { section, done: "" }
    }

    /// After a redirect that says what was done.
    pub(super) fn after(section: &'static str, asked: &Asked) -> Self {
        Self { section, done: asked.get("done").and_then(sentence).unwrap_or("") }
    }
}

/// The sentences are ours, so that no link can make a page say something.
fn sentence(done: &str) -> Option<&'static str> {
    Some(match done {
        "registered" => "The application is registered.",
        "changed" => "The change is made; it holds from the next request on.",
        "ended" => "It is over; applications with a back-channel logout URI were told.",
        "removed" => "It is removed.",
        "added" => "It is added.",
        "approved" => "The service is approved; it gets tokens from the next request on.",
        "withdrawn" => "The approval is withdrawn; the next request for a token is refused.",
        "sent" => "It was sent again; the last attempt tells what came of it.",
        "moved" => "The clock is moved.",
        "rotated" => "There are new keys.",
        "armed" => "The fault waits for its requests.",
        "cleared" => "Cleared. What was held back is let go.",
        _ => return None,
    })
}

/// Where the browser goes after a form.
pub(super) fn done(path: &str, what: &str) -> Response {
    go(&with_params(path, &[("done", what)]))
}

/// The same to the page of one thing.
pub(super) fn done_at(path: &str, id: &str, what: &str) -> Response {
    go(&with_params(path, &[("id", id), ("done", what)]))
}

pub(super) fn go(target: &str) -> Response {
    Redirect::to(target).into_response()
}

/// The URL of the page about `id`.
pub(super) fn link(path: &str, id: &str) -> String {
    with_params(path, &[("id", id)])
}

pub(super) fn with_params(path: &str, params: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{path}?{query}")
}

pub(super) fn show(page: &impl Template) -> Response {
    answer(StatusCode::OK, page)
}

pub(super) fn answer(status: StatusCode, page: &impl Template) -> Response {
    pages::page_with(status, page, POLICY, REFERRER)
}

#[derive(Template)]
#[template(path = "portal/problem.html")]
struct Problem<'a> {
    frame: Frame,
    heading: &'a str,
    words: &'a str,
}

/// A page that says why there is no other.
pub(super) fn problem(status: StatusCode, heading: &str, words: &str) -> Response {
    answer(status, &Problem { frame: Frame::of(""), heading, words })
}

pub(super) fn unknown(kind: &str, id: &str) -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", &format!("There is no {kind} \"{id}\"."))
}

#[derive(Template)]
#[template(path = "portal/confirm.html")]
pub(super) struct Confirm<'a> {
    pub(super) frame: Frame,
    pub(super) heading: String,
    pub(super) words: &'a str,
    pub(super) action: String,
    /// What the button says.
    pub(super) verb: &'a str,
    pub(super) back: String,
}

/// Why something that needs no form was not done.
pub(super) fn refused(heading: &str, error: &ControlError) -> Response {
    problem(error.status(), heading, &error.to_string())
}
