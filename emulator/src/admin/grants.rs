//! What became of the grants; logins without pages, grants without a login; the lifetime of their access tokens.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{JsonBody, QueryParams};
use super::{Problem, done, refuse};
use crate::app_state::Shared;
use crate::authorize::{self, Landing, LoginAtOnce};
use crate::control::applications;
use crate::grants::{self, BegunGrant, GrantRequest};
use crate::state::GrantReport;
use crate::visit::Visit;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GrantsQuery {
    /// Only those of this client.
    client_id: Option<String>,
    /// Only the one of this number.
    id: Option<u64>,
}

/// Grants, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct GrantList {
    count: usize,
    grants: Vec<GrantReport>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct BegunGrants {
    grants: Vec<BegunGrant>,
}

/// What became of grants.
#[utoipa::path(
    get, path = "/admin/grants", operation_id = "listGrants",
    params(GrantsQuery),
    responses(
        (status = 200, body = GrantList, description = "As it is now"),
    )
)]
pub(super) async fn list(
    State(app): State<Shared>,
    QueryParams(query): QueryParams<GrantsQuery>,
) -> Json<GrantList> {
    let reports = app.grants(|grant| {
        query.client_id.as_ref().is_none_or(|client_id| *client_id == grant.client_id)
            && query.id.is_none_or(|id| id == grant.id)
    });
    Json(GrantList { count: reports.len(), grants: reports })
}

/// Grants without a login.
#[utoipa::path(
    post, path = "/admin/grants", operation_id = "beginGrants",
    request_body = GrantRequest,
    responses(
        (status = 200, body = BegunGrants, description = "What became of it"),
        (status = 400, body = Problem, description = "No such application, user or scope"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn begin(State(app): State<Shared>, JsonBody(request): JsonBody<GrantRequest>) -> Response {
    match grants::begin(&app, &request) {
        Ok(grants) => Json(BegunGrants { grants }).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// A login without pages.
#[utoipa::path(
    post, path = "/admin/logins", operation_id = "logIn",
    request_body = LoginAtOnce,
    responses(
        (status = 200, body = Landing, description = "What became of it"),
        (status = 400, body = Problem, description = "No such user, or the authorization request is refused"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn log_in(State(app): State<Shared>, JsonBody(login): JsonBody<LoginAtOnce>) -> Response {
    let visit = Visit::begin(&app, app.keys.made().await);
    match authorize::log_in(&visit, &login) {
        Ok(landing) => Json(landing).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifetime {
    client_id: String,
    /// In seconds; with 0 they have expired on arrival.
    access_token_s: u64,
}

/// How long the access tokens of an application live.
#[utoipa::path(
    post, path = "/admin/lifetimes", operation_id = "setLifetime",
    request_body = Lifetime,
    responses(
        (status = 204, description = "Done"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn set_lifetime(
    State(app): State<Shared>,
    JsonBody(lifetime): JsonBody<Lifetime>,
) -> Response {
    done(applications::set_access_token_lifetime(&app, &lifetime.client_id, lifetime.access_token_s))
}
