//! The style sheet, the script and the icon.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/portal.css"))
}

pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/portal.js"))
}

pub(super) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}

/// They change with the program only, and are small: nothing is kept that the next one would have to get rid of.
fn asset(content_type: &'static str, text: &'static str) -> Response {
    let fields =
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (fields, text).into_response()
}
