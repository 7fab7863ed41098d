//! Requests that no endpoint takes: to a path where there is none, or by a method that it does not take.

use axum::http::{Method, StatusCode, Uri};

use crate::discovery::{JWKS_PATH, METADATA_PATHS};
use crate::visit::Visit;
use crate::{health, logout, portal, suggestion};

const GET: &str = "GET, HEAD";
const POST: &str = "POST";
const BOTH: &str = "GET, HEAD, POST";

/// What is journaled, with the methods that are taken there.
const ENDPOINTS: [(&str, &str); 14] = [
    (METADATA_PATHS[0], GET),
    (METADATA_PATHS[1], GET),
    (JWKS_PATH, GET),
    ("/connect/authorize", BOTH),
    ("/connect/token", POST),
    ("/connect/revocation", POST),
    ("/connect/introspect", POST),
    ("/connect/userinfo", BOTH),
    ("/connect/endsession", BOTH),
    (logout::CONFIRM_PATH, POST),
    ("/login", BOTH),
    ("/consent", BOTH),
    ("/error", GET),
    ("/api/invoices", GET),
];

pub(crate) async fn not_found(visit: Visit, uri: Uri) -> StatusCode {
    let known = ENDPOINTS.iter().map(|(path, _)| *path).chain([health::PATH, portal::PATH]);
    let near = suggestion::of(known, uri.path());
    let near = near.map(|near| format!("; {near} is near")).unwrap_or_default();
    visit.failed("path", format!("there is no such endpoint{near}"));
    StatusCode::NOT_FOUND
}

/// The router adds the `Allow` header field.
pub(crate) async fn not_allowed(visit: Visit, method: Method, uri: Uri) -> StatusCode {
    let endpoint = ENDPOINTS.iter().find(|(path, _)| *path == uri.path());
    let taken = match endpoint {
        Some((_, methods)) if methods.contains(',') => format!("; {methods} are taken here"),
        Some((_, method)) => format!("; {method} is taken here"),
        None => String::new(),
    };
    visit.failed("method", format!("the method is {method}{taken}"));
    StatusCode::METHOD_NOT_ALLOWED
}
