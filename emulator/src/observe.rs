//! What every request passes first: its body is read within the limits, it is journaled, and a
//! reply that a test prepared takes the place of the real one.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream::once;
use tokio::sync::futures::Notified;

use crate::app_state::Shared;
use crate::basic;
use crate::bearer;
use crate::journal::RecordedRequest;
use crate::limits;
use crate::params::{Params, is_form};

/// A response extension: why the request was refused, for the journal.
#[derive(Clone)]
pub(crate) struct Reason(pub(crate) String);

pub(crate) async fn observe(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Some(body) = read_bounded(body).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the request body is larger than 64 KiB\n").into_response();
    };
    let record = describe(&shared, &parts, &body);
    let client_id = record.client_id.clone();
    // Both before the journal shows the request: who waits for its arrival may clear the replies at once.
    let cleared = shared.replies.cleared();
    let reply = shared.replies.take(parts.uri.path(), client_id.as_deref());
    let number = shared.journal.arrived(record);

    let delay = Duration::from_millis(reply.as_ref().map_or(0, |reply| reply.delay_ms));
    let drop_answer = reply.as_ref().is_some_and(|reply| reply.drop_answer);
    let canned = reply.and_then(|reply| reply.response().ok().flatten());
    let response = match canned {
        Some(response) => response,
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    };
    hold(delay, cleared).await;
    if drop_answer {
        return closed_connection();
    }

    let reason = response.extensions().get::<Reason>().map(|reason| reason.0.clone());
    shared.journal.answered(number, response.status().as_u16(), reason);
    response
}

/// An answer whose body fails before its first byte: the server then closes the connection, and nothing was written.
fn closed_connection() -> Response {
    let failing = once(async { Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset)) });
    Response::new(Body::from_stream(failing))
}

/// Waits for the reply's delay, or until all replies are cleared.
async fn hold(delay: Duration, cleared: Notified<'_>) {
    if delay.is_zero() {
        return;
    }
    tokio::select! {
        () = tokio::time::sleep(delay) => {}
        () = cleared => {}
    }
}

/// The body, or `None` when it is too large. The rest of a large one is read and dropped: a
/// client that is still sending would otherwise see a reset connection in the place of the 413.
async fn read_bounded(mut body: Body) -> Option<Bytes> {
    let mut kept = Vec::new();
    let mut total = 0;
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        total += data.len();
        if total > limits::DRAIN {
            return None;
        }
        if total <= limits::BODY {
            kept.extend_from_slice(&data);
        }
    }
    (total <= limits::BODY).then(|| kept.into())
}

fn describe(shared: &Shared, parts: &Parts, body: &[u8]) -> RecordedRequest {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let encoded =
        if is_form(header(CONTENT_TYPE)) { body } else { parts.uri.query().unwrap_or("").as_bytes() };
    let params = Params::parse(encoded).unwrap_or_default();
    let authorization = header(AUTHORIZATION);
    let client_id = authorization
        .and_then(|value| basic::credentials(value).map(|credentials| credentials.client_id))
        .or_else(|| params.get("client_id").map(str::to_owned))
        .or_else(|| bearer::client_of(&shared.key, authorization));
    let short = |value: &str| value.chars().take(100).collect::<String>();
    RecordedRequest {
        path: short(parts.uri.path()),
        grant_type: params.get("grant_type").map(short),
        client_id: client_id.as_deref().map(short),
        tenant_id: params.get("tenant_id").map(short),
        status: None,
        reason: None,
    }
}
