//! Error answers of the token endpoint (RFC 6749, section 5.2).

use axum::Json;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::response::no_store;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Answers with an error.
pub(crate) fn refuse(visit: &Visit, refusal: &Refusal, request: &HeaderMap) -> Response {
    visit.refused(refusal);
    let mut body = json!({"error": refusal.code});
    // Visma Connect tells nothing about a refused grant or client; the journal does.
    if !(visit.is_visma() && matches!(refusal.code, "invalid_grant" | "invalid_client")) {
        body["error_description"] = refusal.description.as_ref().into();
    }
    let mut response = (status(visit, refusal.code), no_store(), Json(body)).into_response();
    let with_header = request.contains_key(AUTHORIZATION);
    if refusal.code == "invalid_client" && with_header && !visit.is_visma() {
        let challenge = HeaderValue::from_static(r#"Basic realm="grantline", charset="UTF-8""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn status(visit: &Visit, code: &str) -> StatusCode {
    match code {
        "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
        "invalid_client" if !visit.is_visma() => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    }
}
