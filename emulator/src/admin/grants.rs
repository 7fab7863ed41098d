//! What became of the grants; logins without pages, grants without a login; the lifetime of their access tokens.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Asked, Body};
use super::{done, refuse};
use crate::app_state::Shared;
use crate::authorize::{self, LoginAtOnce};
use crate::control::applications;
use crate::grants::{self, GrantRequest};
use crate::visit::Visit;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantsQuery {
    client_id: Option<String>,
    id: Option<u64>,
}

pub(super) async fn list(State(app): State<Shared>, Asked(query): Asked<GrantsQuery>) -> Json<Value> {
    let reports = app.grants(|grant| {
        query.client_id.as_ref().is_none_or(|client_id| *client_id == grant.client_id)
            && query.id.is_none_or(|id| id == grant.id)
    });
    Json(json!({"count": reports.len(), "grants": reports}))
}

pub(super) async fn begin(State(app): State<Shared>, Body(request): Body<GrantRequest>) -> Response {
    match grants::begin(&app, &request) {
        Ok(begun) => Json(json!({"grants": begun})).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn log_in(State(app): State<Shared>, Body(login): Body<LoginAtOnce>) -> Response {
    match authorize::log_in(&Visit::begin(&app), &login) {
        Ok(landing) => Json(landing).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifetime {
    client_id: String,
    access_token_s: u64,
}

pub(super) async fn set_lifetime(State(app): State<Shared>, Body(lifetime): Body<Lifetime>) -> Response {
    done(applications::set_access_token_lifetime(&app, &lifetime.client_id, lifetime.access_token_s))
}
