//! What became of the grants; logins without pages, grants without a login; the lifetime of their access tokens.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::refuse;
use crate::app_state::Shared;
use crate::authorize::{self, LoginAtOnce};
use crate::grants::{self, GrantRequest};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantsQuery {
    client_id: Option<String>,
    id: Option<u64>,
}

pub(super) async fn list(
    State(app): State<Shared>,
    query: Result<Query<GrantsQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    let reports = app.grants(|grant| {
        query.client_id.as_ref().is_none_or(|client_id| *client_id == grant.client_id)
            && query.id.is_none_or(|id| id == grant.id)
    });
    Json(json!({"count": reports.len(), "grants": reports})).into_response()
}

pub(super) async fn begin(
    State(app): State<Shared>,
    request: Result<Json<GrantRequest>, JsonRejection>,
) -> Response {
    let request = match request {
        Ok(Json(request)) => request,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    match grants::begin(&app, &request) {
        Ok(begun) => Json(json!({"grants": begun})).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn log_in(
    State(app): State<Shared>,
    login: Result<Json<LoginAtOnce>, JsonRejection>,
) -> Response {
    let login = match login {
        Ok(Json(login)) => login,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    match authorize::log_in(&app, &login) {
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

pub(super) async fn set_lifetime(
    State(app): State<Shared>,
    lifetime: Result<Json<Lifetime>, JsonRejection>,
) -> Response {
    match lifetime {
        Ok(Json(Lifetime { client_id, access_token_s })) => {
            app.lifetimes.set(&client_id, access_token_s);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(rejection) => refuse(rejection.status(), rejection.body_text()),
    }
}
