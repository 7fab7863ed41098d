//! What reached the emulator.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::QueryParams;
use super::{Problem, refuse};
use crate::app_state::Shared;
use crate::journal::{RecordedRequest, RequestFilter};
use crate::live::{self, RequestBatch};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those of this client.
    client_id: Option<String>,
    /// Only those to this path.
    path: Option<String>,
    /// Only those that a check refused.
    #[serde(default)]
    refused: bool,
    /// Only the one whose error page shows this `errorId`.
    error_id: Option<String>,
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

/// Requests, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestList {
    count: usize,
    requests: Vec<RecordedRequest>,
}

/// What reached the emulator: all but the test controls and the pages that change something.
#[utoipa::path(
    get, path = "/admin/requests", operation_id = "listRequests",
    params(Which),
    responses(
        (status = 200, body = RequestList, description = "As it is now"),
    )
)]
pub(super) async fn list(
    State(app): State<Shared>,
    QueryParams(which): QueryParams<Which>,
) -> Json<RequestList> {
    let Which { client_id, path, refused, error_id, .. } = which;
    let filter = RequestFilter { client_id, path, refused, error_id };
    let limit = Duration::from_millis(which.timeout_ms);
    let all = app.journal.wait_async(&filter, which.wait_for, limit).await;
    let requests = match which.last {
        Some(count) => app.journal.newest(&filter, count),
        None => all,
    };
    Json(RequestList { count: requests.len(), requests })
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Followed {
    /// Only those of this client.
    client_id: Option<String>,
    /// Only those to this path.
    path: Option<String>,
    /// Only those that a check refused.
    #[serde(default)]
    refused: bool,
}

/// Requests as they arrive and are answered, for as long as somebody reads: server-sent events (HTML standard, section
/// 9.2), the newest first as they are, then a batch every 200 ms at most.
#[utoipa::path(
    get, path = "/admin/requests/live", operation_id = "followRequests",
    params(Followed),
    responses(
        (status = 200, body = RequestBatch, content_type = "text/event-stream", description = "The data of each event"),
    )
)]
pub(super) async fn follow(
    State(app): State<Shared>,
    QueryParams(followed): QueryParams<Followed>,
) -> Response {
    let Followed { client_id, path, refused } = followed;
    let filter = RequestFilter { client_id, path, refused, error_id: None };
    live::follow(app, filter, |batch| serde_json::to_string(batch).unwrap_or_default())
}

/// One request.
#[utoipa::path(
    get, path = "/admin/requests/{number}", operation_id = "readRequest",
    params(("number" = u64, Path, description = "Its number, from 1 in the order of arrival")),
    responses(
        (status = 200, body = RecordedRequest, description = "As it is now"),
        (status = 404, body = Problem, description = "There is none"),
    )
)]
pub(super) async fn one(State(app): State<Shared>, Path(number): Path<u64>) -> Response {
    match app.journal.get(number) {
        Some(request) => Json(request).into_response(),
        None => {
            refuse(StatusCode::NOT_FOUND, format!("request {number} is not among those that are remembered"))
        }
    }
}
