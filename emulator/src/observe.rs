//! What every request passes first: its body is read within the limits, it is journaled, and it meets the faults that
//! wait for it.

use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::Shared;
use crate::basic;
use crate::bearer;
use crate::faults::closed_connection;
use crate::journal::{AuthMethod, RecordedRequest};
use crate::limits;
use crate::params::{Params, is_form, values};

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
    // Both before the journal shows the request: who waits for its arrival may clear the faults at once.
    let mut held = shared.faults.held();
    let mut faults = shared.faults.take_http(parts.uri.path(), client_id.as_deref());
    let number = shared.journal.arrived(record);

    if faults.loses_request() {
        return closed_connection();
    }
    let mut response = match faults.take_response() {
        Some(response) => response,
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    };
    held.wait(faults.delay()).await;
    if faults.loses_reply() {
        return closed_connection();
    }
    if let Ok(date) = HeaderValue::from_str(&shared.clock.http_date()) {
        response.headers_mut().entry(DATE).or_insert(date);
    }
    let reason = response.extensions().get::<Reason>().map(|reason| reason.0.clone());
    shared.journal.answered(number, response.status().as_u16(), reason);
    faults.deliver(response, held)
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
        .or_else(|| bearer::client_of(&shared.keys, authorization));
    let first = |length, value: &str| value.chars().take(length).collect::<String>();
    let short = |value: &str| first(100, value);
    RecordedRequest {
        path: short(parts.uri.path()),
        grant_type: params.get("grant_type").map(short),
        client_id: client_id.as_deref().map(short),
        auth_method: auth_method(parts.uri.path(), authorization, &params),
        tenant_id: params.get("tenant_id").map(short),
        scope: params.get("scope").map(|scope| first(limits::SCOPE, scope)),
        resource: values(encoded, "resource").take(10).map(|resource| short(&resource)).collect(),
        status: None,
        reason: None,
    }
}

fn auth_method(path: &str, authorization: Option<&str>, params: &Params) -> Option<AuthMethod> {
    let scheme = authorization.and_then(|value| value.split(' ').next()).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(AuthMethod::ClientSecretBasic);
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(AuthMethod::Bearer);
    }
    if params.get("client_secret").is_some() {
        return Some(AuthMethod::ClientSecretPost);
    }
    let of_clients = matches!(path, "/connect/token" | "/connect/revocation" | "/connect/introspect");
    (of_clients && params.get("client_id").is_some()).then_some(AuthMethod::None)
}
