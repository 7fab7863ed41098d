//! The tenants: listed, added, renamed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::{Problem, done, refused};
use crate::app_state::Shared;
use crate::config::Tenant;
use crate::control::{TenantDetails, tenants};

#[derive(Serialize, ToSchema)]
pub(super) struct TenantList {
    count: usize,
    tenants: Vec<Tenant>,
}

/// The tenants.
#[utoipa::path(
    get, path = "/admin/tenants", operation_id = "listTenants",
    responses(
        (status = 200, body = TenantList, description = "As it is now"),
    )
)]
pub(super) async fn list(State(app): State<Shared>) -> Json<TenantList> {
    let tenants = app.config().tenants.clone();
    Json(TenantList { count: tenants.len(), tenants })
}

/// A new tenant.
#[utoipa::path(
    post, path = "/admin/tenants", operation_id = "addTenant",
    request_body = TenantDetails,
    responses(
        (status = 201, body = Tenant, description = "What was made"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn add(State(app): State<Shared>, JsonBody(details): JsonBody<TenantDetails>) -> Response {
    match tenants::add(&app, details) {
        Ok(tenant) => (StatusCode::CREATED, Json(tenant)).into_response(),
        Err(error) => refused(&error),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

/// Another name for a tenant.
#[utoipa::path(
    put, path = "/admin/tenants/{id}", operation_id = "renameTenant",
    params(("id" = String, Path, description = "Its UUID")),
    request_body = Name,
    responses(
        (status = 200, body = Tenant, description = "What became of it"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn rename(
    State(app): State<Shared>,
    Path(id): Path<String>,
    JsonBody(Name { name }): JsonBody<Name>,
) -> Response {
    match tenants::rename(&app, &id, name) {
        Ok(tenant) => Json(tenant).into_response(),
        Err(error) => refused(&error),
    }
}

/// Removes a tenant.
#[utoipa::path(
    delete, path = "/admin/tenants/{id}", operation_id = "removeTenant",
    params(("id" = String, Path, description = "Its UUID")),
    responses(
        (status = 204, description = "Done"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn remove(State(app): State<Shared>, Path(id): Path<String>) -> Response {
    done(tenants::remove(&app, &id))
}
