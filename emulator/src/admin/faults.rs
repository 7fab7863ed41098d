//! Faults, prepared replies, keys and the clock.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

use super::extract::{JsonBody, QueryParams};
use super::{Problem, done, refuse};
use crate::app_state::Shared;
use crate::faults::{CannedReply, Fault, WaitingFault};
use crate::keys::KeyRotation;

/// A fault.
#[utoipa::path(
    post, path = "/admin/faults", operation_id = "addFault",
    request_body = Fault,
    responses(
        (status = 201, body = AddedFault, description = "It waits"),
        (status = 400, body = Problem, description = "It could never happen, or too many wait"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn add(State(app): State<Shared>, JsonBody(fault): JsonBody<Fault>) -> Response {
    match app.faults.add(fault) {
        Ok(number) => (StatusCode::CREATED, Json(AddedFault { number })).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct AddedFault {
    /// By which it is cleared.
    number: u64,
}

/// A reply word for word.
#[utoipa::path(
    post, path = "/admin/replies", operation_id = "addReply",
    request_body = CannedReply,
    responses(
        (status = 204, description = "Done"),
        (status = 400, body = Problem, description = "HTTP does not allow it, or too many wait"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn add_reply(State(app): State<Shared>, JsonBody(reply): JsonBody<CannedReply>) -> Response {
    match app.faults.add(reply.into()) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// Faults, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct FaultList {
    count: usize,
    faults: Vec<WaitingFault>,
}

/// The faults that wait.
#[utoipa::path(
    get, path = "/admin/faults", operation_id = "listFaults",
    responses(
        (status = 200, body = FaultList, description = "As it is now"),
    )
)]
pub(super) async fn list(State(app): State<Shared>) -> Json<FaultList> {
    let faults = app.faults.list();
    Json(FaultList { count: faults.len(), faults })
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Meant {
    /// Only the faults of this client.
    client_id: Option<String>,
}

/// No fault any more, or none of one client.
#[utoipa::path(
    delete, path = "/admin/faults", operation_id = "clearFaults",
    params(Meant),
    responses(
        (status = 204, description = "Done"),
    )
)]
pub(super) async fn clear(State(app): State<Shared>, QueryParams(meant): QueryParams<Meant>) -> StatusCode {
    app.faults.clear(|waiting| meant.client_id.is_none() || waiting.fault.client_id == meant.client_id);
    StatusCode::NO_CONTENT
}

/// One fault does not wait any more.
#[utoipa::path(
    delete, path = "/admin/faults/{number}", operation_id = "clearFault",
    params(("number" = u64, Path, description = "Its number, from 1")),
    responses(
        (status = 204, description = "Done"),
        (status = 404, body = Problem, description = "None of this number waits"),
    )
)]
pub(super) async fn clear_one(State(app): State<Shared>, Path(number): Path<u64>) -> Response {
    done(app.faults.clear_one(number))
}

/// No prepared reply any more.
#[utoipa::path(
    delete, path = "/admin/replies", operation_id = "clearReplies",
    responses(
        (status = 204, description = "Done"),
    )
)]
pub(super) async fn clear_replies(State(app): State<Shared>) -> StatusCode {
    app.faults.clear(|waiting| waiting.fault.is_reply());
    StatusCode::NO_CONTENT
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// How the keys change.
    rotate: KeyRotation,
}

/// New keys. Answers with the key set as it is then.
#[utoipa::path(
    post, path = "/admin/keys", operation_id = "rotateKeys",
    request_body = Rotation,
    responses(
        (status = 200, body = serde_json::Value, description = "A JWK set (RFC 7517)"),
        (status = 409, body = Problem, description = "As many generations of keys are published as there may be"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn rotate_keys(
    State(app): State<Shared>,
    JsonBody(Rotation { rotate }): JsonBody<Rotation>,
) -> Response {
    if let Err(error) = app.keys.rotate(rotate) {
        return refuse(StatusCode::CONFLICT, error.to_string());
    }
    match app.keys.made().await.jwks(app.config().signing_algorithms()) {
        Ok(keys) => Json(keys).into_response(),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "the system made no keys; try again"),
    }
}

/// One of two ways to move the clock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// Forward, from where it is.
    advance_s: Option<u64>,
    /// Ahead of the system's clock, or behind it if negative.
    offset_s: Option<i64>,
}

/// What the emulator's clock shows.
#[derive(Serialize, ToSchema)]
pub(super) struct Shown {
    /// Seconds since 1970-01-01T00:00:00Z.
    now_s: u64,
}

/// Moves the clock.
#[utoipa::path(
    post, path = "/admin/clock", operation_id = "setClock",
    request_body = Move,
    responses(
        (status = 200, body = Shown, description = "What became of it"),
        (status = 400, body = Problem, description = "Neither of the two ways, or both"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn set_clock(State(app): State<Shared>, JsonBody(step): JsonBody<Move>) -> Response {
    match step {
        Move { advance_s: Some(seconds), offset_s: None } => app.clock.advance(Duration::from_secs(seconds)),
        Move { advance_s: None, offset_s: Some(seconds) } => app.clock.set_offset(seconds),
        Move { .. } => return refuse(StatusCode::BAD_REQUEST, "give advance_s or offset_s, one of them"),
    }
    clock(State(app)).await.into_response()
}

/// What the clock shows.
#[utoipa::path(
    get, path = "/admin/clock", operation_id = "readClock",
    responses(
        (status = 200, body = Shown, description = "As it is now"),
    )
)]
pub(super) async fn clock(State(app): State<Shared>) -> Json<Shown> {
    Json(Shown { now_s: app.clock.now_s() })
}
