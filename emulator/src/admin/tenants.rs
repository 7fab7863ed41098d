//! The tenants: listed, added, renamed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::Body;
use super::{done, refused};
use crate::app_state::Shared;
use crate::control::{TenantDetails, tenants};

pub(super) async fn list(State(app): State<Shared>) -> Json<Value> {
    let config = app.config();
    Json(json!({"count": config.tenants.len(), "tenants": config.tenants}))
}

pub(super) async fn add(State(app): State<Shared>, Body(details): Body<TenantDetails>) -> Response {
    match tenants::add(&app, details) {
        Ok(tenant) => (StatusCode::CREATED, Json(tenant)).into_response(),
        Err(error) => refused(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

pub(super) async fn rename(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Body(Name { name }): Body<Name>,
) -> Response {
    match tenants::rename(&app, &id, name) {
        Ok(tenant) => Json(tenant).into_response(),
        Err(error) => refused(&error),
    }
}

pub(super) async fn remove(State(app): State<Shared>, Path(id): Path<String>) -> Response {
    done(tenants::remove(&app, &id))
}
