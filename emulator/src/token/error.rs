//! Error answers of the token endpoint (RFC 6749, section 5.2).

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::response::no_store;
use crate::app_state::AppState;
use crate::observe::Reason;

#[derive(Debug)]
pub(crate) struct TokenError {
    code: &'static str,
    reason: Cow<'static, str>,
}

impl TokenError {
    pub(crate) fn new(code: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code, reason: reason.into() }
    }

    pub(crate) fn invalid_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", reason)
    }

    pub(crate) fn invalid_client(reason: &'static str) -> Self {
        Self::new("invalid_client", reason)
    }

    pub(crate) fn invalid_grant(reason: &'static str) -> Self {
        Self::new("invalid_grant", reason)
    }

    pub(crate) fn invalid_scope(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_scope", reason)
    }

    pub(crate) fn into_response(self, app: &AppState, request: &HeaderMap) -> Response {
        let mut body = json!({"error": self.code});
        // Visma Connect tells nothing about a refused grant or client; the journal does.
        if !(app.is_visma() && matches!(self.code, "invalid_grant" | "invalid_client")) {
            body["error_description"] = self.reason.as_ref().into();
        }
        let mut response = (self.status(app), no_store(), Json(body)).into_response();
        let with_header = request.contains_key(AUTHORIZATION);
        if self.code == "invalid_client" && with_header && !app.is_visma() {
            let challenge = HeaderValue::from_static(r#"Basic realm="grantline", charset="UTF-8""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(Reason(self.reason.into_owned()));
        response
    }

    fn status(&self, app: &AppState) -> StatusCode {
        match self.code {
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            "invalid_client" if !app.is_visma() => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<aws_lc_rs::error::Unspecified> for TokenError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::new("server_error", "signing failed")
    }
}
