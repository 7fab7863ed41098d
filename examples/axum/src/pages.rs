//! The pages. The templates escape whatever is put into them.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use crate::portal::Invoice;

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home {
    pub(crate) user: Option<String>,
}

#[derive(Template)]
#[template(path = "invoices.html")]
pub(crate) struct Invoices {
    pub(crate) invoices: Vec<Invoice>,
}

#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) status: StatusCode,
}

impl Message {
    pub(crate) fn new(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self { title, text, code: None, status }
    }
}

impl IntoResponse for Home {
    fn into_response(self) -> Response {
        show(StatusCode::OK, &self)
    }
}

impl IntoResponse for Invoices {
    fn into_response(self) -> Response {
        show(StatusCode::OK, &self)
    }
}

impl IntoResponse for Message {
    fn into_response(self) -> Response {
        show(self.status, &self)
    }
}

fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// No page loads anything from elsewhere, is kept in a cache, stands in a frame, or tells other sites its URL.
pub(crate) async fn locked_down(mut response: Response) -> Response {
    let policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    let fields = [
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
