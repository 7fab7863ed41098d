//! Faults, prepared replies, keys and the clock.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::ask::{Asked, Body};
use super::refuse;
use crate::app_state::{AppState, Shared};
use crate::faults::{CannedReply, Fault};
use crate::keys::KeyRotation;

pub(super) async fn add(State(app): State<Shared>, Body(fault): Body<Fault>) -> Response {
    queue(&app, fault)
}

pub(super) async fn add_reply(State(app): State<Shared>, Body(reply): Body<CannedReply>) -> Response {
    queue(&app, reply.into())
}

fn queue(app: &AppState, fault: Fault) -> Response {
    match app.faults.add(fault) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn list(State(app): State<Shared>) -> Json<Value> {
    let faults = app.faults.list();
    Json(json!({"count": faults.len(), "faults": faults}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meant {
    client_id: Option<String>,
}

/// All, or those of one client.
pub(super) async fn clear(State(app): State<Shared>, Asked(meant): Asked<Meant>) -> StatusCode {
    app.faults.clear(|fault| meant.client_id.is_none() || fault.client_id == meant.client_id);
    StatusCode::NO_CONTENT
}

pub(super) async fn clear_replies(State(app): State<Shared>) -> StatusCode {
    app.faults.clear(Fault::is_reply);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    rotate: KeyRotation,
}

/// Answers with the key set as it is then.
pub(super) async fn rotate_keys(
    State(app): State<Shared>,
    Body(Rotation { rotate }): Body<Rotation>,
) -> Response {
    let rotated = app.keys.rotate(rotate);
    app.keys.made().await;
    match rotated.and_then(|()| app.keys.jwks(app.config().signing_algorithms())) {
        Ok(keys) => Json(keys).into_response(),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "the system made no keys; try again"),
    }
}

/// One of two ways to move the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// Forward, from where it is.
    advance_s: Option<u64>,
    /// Ahead of the system's clock, or behind it if negative.
    offset_s: Option<i64>,
}

pub(super) async fn set_clock(State(app): State<Shared>, Body(step): Body<Move>) -> Response {
    match step {
        Move { advance_s: Some(seconds), offset_s: None } => app.clock.advance(Duration::from_secs(seconds)),
        Move { advance_s: None, offset_s: Some(seconds) } => app.clock.set_offset(seconds),
        Move { .. } => return refuse(StatusCode::BAD_REQUEST, "give advance_s or offset_s, one of them"),
    }
    clock(State(app)).await.into_response()
}

pub(super) async fn clock(State(app): State<Shared>) -> Json<Value> {
    Json(json!({"now_s": app.clock.now_s()}))
}
