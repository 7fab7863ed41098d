//! HTML pages: plain, self-contained, locked down.

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::random;

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    nonce: &'a str,
    action: &'a str,
    params: &'a [(&'a str, &'a str)],
}

/// The page that posts an authorization response to the client (OAuth 2.0 Form Post Response Mode).
pub(crate) fn form_post(redirect_uri: &str, params: &[(&str, &str)]) -> Response {
    let nonce = random::identifier();
    let page = FormPost { nonce: &nonce, action: redirect_uri, params };
    html(StatusCode::OK, &page, &nonce)
}

/// Answers with `page`, whose style and script carry `nonce`.
///
/// There is no `form-action`: browsers hold every redirect after a form to it, so it would also rule
/// over where a client sends its user on from its callback.
pub(crate) fn html(status: StatusCode, page: &impl Template, nonce: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    page_with(status, page, &policy, "no-referrer")
}

/// Answers with `page` under this Content-Security-Policy and Referrer-Policy.
pub(crate) fn page_with(
    status: StatusCode,
    page: &impl Template,
    policy: &str,
    referrer: &'static str,
) -> Response {
    let (Ok(body), Ok(policy)) = (page.render(), HeaderValue::from_str(policy)) else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be shown\n").into_response();
    };
    let fields = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static(referrer)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, fields, body).into_response()
}
