//! Where authorization requests stop that must not, or at Visma Connect do not, return to the client.

use std::borrow::Cow;
use std::fmt;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use url::form_urlencoded;

use super::response::redirect;
use crate::app_state::{AppState, Shared};
use crate::clock::after;
use crate::observe::Reason;
use crate::pages;
use crate::params::Params;
use crate::random;

pub(super) const PATH: &str = "/error";

/// How long an errorId can be looked up, in seconds.
const LIFETIME_S: u64 = 3600;

/// Why an authorization request stopped.
#[derive(Clone)]
pub(crate) struct Problem {
    error: &'static str,
    reason: Cow<'static, str>,
}

impl Problem {
    pub(super) fn new(error: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { error, reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.reason)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    nonce: &'a str,
    error_id: &'a str,
    error: &'a str,
    reason: &'a str,
}

/// Sends the browser to the error page.
pub(super) fn stop(app: &AppState, problem: Problem) -> Response {
    let reason = Reason(problem.to_string());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("errorId", &remember(app, problem))
        .finish();
    let mut response = redirect(app, &format!("{PATH}?{query}"));
    response.extensions_mut().insert(reason);
    response
}

/// Shows the error page at once, for a problem of the pages themselves.
pub(super) fn render(app: &AppState, status: StatusCode, problem: &Problem) -> Response {
    let error_id = remember(app, problem.clone());
    html(status, &error_id, problem)
}

/// Shows the error page for a request that asks for something else than a login.
pub(crate) fn refuse_page(app: &AppState, reason: impl Into<Cow<'static, str>>) -> Response {
    let problem = Problem::new("invalid_request", reason);
    let mut response = render(app, StatusCode::BAD_REQUEST, &problem);
    response.extensions_mut().insert(Reason(problem.to_string()));
    response
}

fn remember(app: &AppState, problem: Problem) -> String {
    let (id, now) = (random::identifier(), app.clock.now());
    app.state().problems.insert(id.clone(), problem, after(now, LIFETIME_S), now);
    id
}

pub(crate) async fn show(State(app): State<Shared>, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or("").as_bytes()).unwrap_or_default();
    let id = params.get("errorId").unwrap_or("");
    let known = app.state().problems.get(id, app.clock.now()).cloned();
    match known {
        Some(problem) => html(StatusCode::BAD_REQUEST, id, &problem),
        None => html(
            StatusCode::NOT_FOUND,
            id,
            &Problem::new("unknown", "no such errorId, or older than an hour"),
        ),
    }
}

fn html(status: StatusCode, error_id: &str, problem: &Problem) -> Response {
    let nonce = random::identifier();
    let page = ErrorPage { nonce: &nonce, error_id, error: problem.error, reason: &problem.reason };
    pages::html(status, &page, &nonce)
}
