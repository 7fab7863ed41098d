//! Where authorization requests stop that must not, or at Visma Connect do not, return to the client.

use std::borrow::Cow;

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use url::form_urlencoded;

use super::response::redirect;
use crate::clock::after;
use crate::pages;
use crate::params::Params;
use crate::portal;
use crate::random;
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(super) const PATH: &str = "/error";

/// How long an errorId can be looked up, in seconds.
const LIFETIME_S: u64 = 3600;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    nonce: &'a str,
    error_id: &'a str,
    error: &'a str,
    reason: &'a str,
    /// Where the portal tells what led here; empty where nothing did.
    request: String,
}

/// Sends the browser to the error page.
pub(super) fn stop(visit: &Visit, refusal: Refusal) -> Response {
    visit.refused(&refusal);
    let code = refusal.code;
    let error_id = remember(visit, refusal);
    visit.answered(&[("error", code)]);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("errorId", &error_id).finish();
    redirect(visit, &format!("{PATH}?{query}"))
}

/// Shows the error page at once, for a problem of the pages themselves.
pub(super) fn render(visit: &Visit, refusal: &Refusal) -> Response {
    visit.refused(refusal);
    visit.answered(&[("error", refusal.code)]);
    let error_id = remember(visit, refusal.clone());
    html(StatusCode::BAD_REQUEST, &error_id, refusal)
}

/// Shows the error page for a request that asks for something else than a login.
pub(crate) fn refuse_page(
    visit: &Visit,
    check: &'static str,
    reason: impl Into<Cow<'static, str>>,
) -> Response {
    render(visit, &Refusal::invalid_request(check, reason))
}

fn remember(visit: &Visit, refusal: Refusal) -> String {
    let (id, now) = (random::identifier(), visit.clock.now());
    visit.state().problems.insert(id.clone(), refusal, after(now, LIFETIME_S), now);
    visit.gave_error_id(&id);
    id
}

pub(crate) async fn show(visit: Visit, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or("").as_bytes()).unwrap_or_default();
    let id = params.get("errorId").unwrap_or("");
    let known = visit.state().problems.get(id, visit.clock.now()).cloned();
    if let Some(refusal) = known {
        visit.passed("errorId", "known");
        return html(StatusCode::BAD_REQUEST, id, &refusal);
    }
    let refusal = Refusal::new("errorId", "unknown", "no such errorId, or older than an hour");
    visit.refused(&refusal);
    html(StatusCode::NOT_FOUND, id, &refusal)
}

fn html(status: StatusCode, error_id: &str, refusal: &Refusal) -> Response {
    let nonce = random::identifier();
    let request =
        if status == StatusCode::NOT_FOUND { String::new() } else { portal::path_of_error(error_id) };
    let page = ErrorPage { nonce: &nonce, error_id, error: refusal.code, reason: refusal.words(), request };
    pages::html(status, &page, &nonce)
}
