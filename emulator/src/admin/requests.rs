//! What reached the emulator.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::Asked;
use super::refuse;
use crate::app_state::Shared;
use crate::journal::RequestFilter;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    client_id: Option<String>,
    path: Option<String>,
    /// Only the newest so many.
    last: Option<usize>,
    /// Waits until this many have arrived...
    #[serde(default)]
    wait_for: usize,
    /// ...or this many milliseconds have passed.
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn ten_seconds() -> u64 {
    10_000
}

pub(super) async fn list(State(app): State<Shared>, Asked(which): Asked<Which>) -> Json<Value> {
    let filter = RequestFilter { client_id: which.client_id, path: which.path };
    let limit = Duration::from_millis(which.timeout_ms);
    let all = app.journal.wait_async(&filter, which.wait_for, limit).await;
    let requests = match which.last {
        Some(count) => app.journal.newest(&filter, count),
        None => all,
    };
    Json(json!({"count": requests.len(), "requests": requests}))
}

pub(super) async fn one(State(app): State<Shared>, Path(number): Path<u64>) -> Response {
    match app.journal.get(number) {
        Some(request) => Json(request).into_response(),
        None => {
            refuse(StatusCode::NOT_FOUND, format!("request {number} is not among those that are remembered"))
        }
    }
}
