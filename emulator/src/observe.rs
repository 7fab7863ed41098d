//! What every request passes first: its body is read within the limits, it is journaled, and it meets the faults that
//! wait for it.

mod answer;
mod arrival;

use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, DATE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::Shared;
use crate::bounded::{self, TOO_LARGE, TooLarge};
use crate::cors::Cors;
use crate::discovery::JWKS_PATH;
use crate::faults::{CHECK as FAULT, Held, HttpFaults, closed_connection};
use crate::journal::{Check, Conclusion, RecordedAnswer, Shortener};
use crate::logout;
use crate::visit::Visit;

/// The check that a request fails whose body is not read.
const BODY: &str = "body";
/// The check that a request fails whose answer nobody waited for.
const CONNECTION: &str = "connection";

pub(crate) async fn observe(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (mut parts, body) = request.into_parts();
    let body = bounded::read(body).await;
    let keys = match needs_keys(&parts) {
        true => shared.keys.made().await,
        false => shared.keys.ring(),
    };
    let visit = Visit::begin(&shared, keys);
    parts.extensions.insert(visit.clone());
    let record = arrival::describe(&visit, &parts, body.as_deref().unwrap_or_default());
    let client_id = record.client_id.clone();
    // Both before the journal shows the request: who waits for its arrival may clear the faults at once.
    let mut held = shared.faults.held();
    let cors = Cors::judge(&visit.config, &parts);
    let mut faults = match cors.is_preflight() {
        true => HttpFaults::default(),
        false => shared.faults.take_http(parts.uri.path(), client_id.as_deref()),
    };
    let entry =
        Entry { number: shared.journal.arrived(record), visit: visit.clone(), began, is_concluded: false };

    let request = body.map(|body| Request::from_parts(parts, Body::from(body)));
    let response = respond(&visit, &cors, &mut faults, &mut held, request, next).await;
    let Some(response) = response else {
        entry.conclude(None);
        return closed_connection();
    };
    let (mut response, answer) = answer::describe(&visit, response).await;
    if let Ok(date) = HeaderValue::from_str(&shared.clock.http_date()) {
        response.headers_mut().entry(DATE).or_insert(date);
    }
    cors.finish(&mut response);
    entry.conclude(Some(answer));
    faults.deliver(response, held)
}

/// A request in the journal that has no outcome there yet. One whose client goes away before the answer ends with it.
struct Entry {
    number: u64,
    visit: Visit,
    began: Instant,
    is_concluded: bool,
}

impl Entry {
    fn conclude(mut self, answer: Option<RecordedAnswer>) {
        self.write(answer);
        self.is_concluded = true;
    }

    fn write(&self, answer: Option<RecordedAnswer>) {
        self.visit.journal.concluded(self.number, conclusion(&self.visit, answer, self.began));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.is_concluded {
            self.visit.failed(CONNECTION, "the client closed the connection before the answer");
            self.write(None);
        }
    }
}

/// Where tokens are signed and checked, a request that comes soon after the start waits for the keys. Elsewhere none
/// does.
fn needs_keys(parts: &Parts) -> bool {
    let path = parts.uri.path();
    path == JWKS_PATH
        || path == logout::CONFIRM_PATH
        || ["/connect/", "/api/"].iter().any(|part| path.starts_with(part))
        || parts.headers.contains_key(AUTHORIZATION)
}

/// The handler's answer or that of a fault; `None` where a fault closes the connection instead.
async fn respond(
    visit: &Visit,
    cors: &Cors,
    faults: &mut HttpFaults,
    held: &mut Held,
    request: Result<Request, TooLarge>,
    next: Next,
) -> Option<Response> {
    if faults.loses_request() {
        visit.failed(FAULT, "a prepared fault closed the connection; the request was not looked at");
        return None;
    }
    let response = match faults.take_response() {
        Some(response) => {
            visit.failed(FAULT, "a prepared fault was answered; the request was not looked at");
            response
        }
        None => answer_to(visit, cors, request, next).await,
    };
    cors.note(visit);
    faults.note(visit);
    held.wait(faults.delay()).await;
    if faults.loses_reply() {
        visit.failed(FAULT, "a prepared fault closed the connection in the place of the answer");
        return None;
    }
    Some(response)
}

/// What is answered where no fault is.
async fn answer_to(visit: &Visit, cors: &Cors, request: Result<Request, TooLarge>, next: Next) -> Response {
    match (cors.preflight_answer(), request) {
        (Some(answer), _) => answer,
        (None, Ok(request)) => next.run(request).await,
        (None, Err(too_large)) => {
            visit.failed(BODY, TOO_LARGE);
            too_large.into_response()
        }
    }
}

fn conclusion(visit: &Visit, answer: Option<RecordedAnswer>, began: Instant) -> Conclusion {
    let findings = visit.take_findings();
    let shortener = Shortener::new(&visit.config);
    let checks = findings.checks.into_iter();
    Conclusion {
        checks: checks.map(|check| Check { words: shortener.text(&check.words), ..check }).collect(),
        answer,
        took: began.elapsed(),
        error_id: findings.error_id,
    }
}
