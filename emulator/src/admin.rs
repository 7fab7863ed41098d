//! Test controls over HTTP, for this machine only.

mod applications;
mod extract;
mod faults;
mod grants;
mod openapi;
mod requests;
mod sessions;
mod tenants;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app_state::Shared;
use crate::bounded::{self, TOO_LARGE};
use crate::control::ControlError;

/// What a refusal says.
#[derive(Serialize, ToSchema)]
struct Problem {
    /// What is wrong, and what to do.
    error: String,
    /// The key of the configuration that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
}

pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route("/admin/faults", post(faults::add).get(faults::list).delete(faults::clear))
        .route("/admin/faults/{number}", delete(faults::clear_one))
        .route("/admin/replies", post(faults::add_reply).delete(faults::clear_replies))
        .route("/admin/keys", post(faults::rotate_keys))
        .route("/admin/requests", get(requests::list))
        .route("/admin/requests/live", get(requests::follow))
        .route("/admin/requests/{number}", get(requests::one))
        .route("/admin/clock", post(faults::set_clock).get(faults::clock))
        .route("/admin/grants", post(grants::begin).get(grants::list))
        .route("/admin/logins", post(grants::log_in))
        .route("/admin/sessions", get(sessions::list))
        .route("/admin/logouts", post(sessions::log_out))
        .route("/admin/approvals", post(sessions::approve).delete(sessions::withdraw))
        .route("/admin/deliveries", get(sessions::deliveries))
        .route("/admin/deliveries/{number}/repeat", post(sessions::repeat))
        .route("/admin/applications", get(applications::list).post(applications::register))
        .route(
            "/admin/applications/{client_id}",
            get(applications::one).put(applications::change).delete(applications::remove),
        )
        .route("/admin/applications/{client_id}/secrets", post(applications::new_secret))
        .route("/admin/tenants", get(tenants::list).post(tenants::add))
        .route("/admin/tenants/{id}", put(tenants::rename).delete(tenants::remove))
        .route("/admin/users", get(users::list).post(users::add))
        .route("/admin/users/{username}", put(users::change).delete(users::remove))
        .route("/admin/lifetimes", post(grants::set_lifetime))
        .route(openapi::PATH, get(openapi::document))
        .route_layer(from_fn_with_state(Arc::clone(shared), guard))
        .route_layer(from_fn(bounded))
}

/// Refuses other machines, pages of other sites, and names that were made to point here.
async fn guard(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if app.access.allows(peer, request.headers()) {
        return next.run(request).await;
    }
    let message = "the test controls answer only to programs on this machine that call them by its loopback address; start the \
         emulator with --portal-host for another name";
    refuse(StatusCode::FORBIDDEN, message)
}

/// Refuses a body that is too large in the words of the test controls.
async fn bounded(request: Request, next: Next) -> Response {
    match bounded::whole(request).await {
        Ok(request) => next.run(request).await,
        Err(_) => refuse(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE),
    }
}

fn refuse(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(Problem { error: message.into(), key: None })).into_response()
}

fn refused(error: &ControlError) -> Response {
    (error.status(), Json(Problem { error: error.to_string(), key: error.key() })).into_response()
}

fn done(result: Result<(), ControlError>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    }
}
