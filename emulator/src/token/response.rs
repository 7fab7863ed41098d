//! Successful answers of the token endpoint (RFC 6749, section 5.1).

use axum::Json;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{access_token, id_token};
use crate::config::Application;
use crate::refusal::Refusal;
use crate::state::Grant;
use crate::visit::Visit;

#[derive(Serialize)]
pub(crate) struct TokenResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    access_token: String,
    expires_in: u64,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

impl TokenResponse {
    /// For a service: an access token and nothing else.
    pub(crate) fn for_service(
        visit: &Visit,
        application: &Application,
        scopes: &[String],
        tenant_id: Option<&str>,
    ) -> Result<Self, Refusal> {
        let claims = access_token::service_claims(visit, application, scopes, tenant_id);
        Ok(Self {
            id_token: None,
            access_token: access_token::issue(visit, &application.client_id, claims)?,
            expires_in: application.access_token_s,
            token_type: "Bearer",
            refresh_token: None,
            scope: scopes.join(" "),
        })
    }

    /// For a user's grant: an ID token too when `openid` was granted.
    pub(crate) fn for_user(
        visit: &Visit,
        application: &Application,
        grant: &Grant,
        refresh_token: Option<String>,
        nonce: Option<&str>,
    ) -> Result<Self, Refusal> {
        let claims = access_token::user_claims(visit, application, grant);
        let access_token = access_token::issue(visit, &application.client_id, claims)?;
        let id_token = match grant.holds("openid") {
            true => id_token::issue(visit, application, grant, &access_token, nonce)?,
            false => None,
        };
        Ok(Self {
            id_token,
            access_token,
            expires_in: application.access_token_s,
            token_type: "Bearer",
            refresh_token,
            scope: grant.scopes.join(" "),
        })
    }
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        (no_store(), Json(self)).into_response()
    }
}

pub(crate) fn no_store() -> [(HeaderName, &'static str); 2] {
    [(CACHE_CONTROL, "no-store, no-cache, max-age=0"), (PRAGMA, "no-cache")]
}
