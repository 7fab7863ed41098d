//! What faults do to a request's answer on the wire.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{once, unfold};
use tokio::sync::watch;

use super::{CHECK, FaultError, FaultKind, Faults, Reply};
use crate::visit::Visit;

/// The faults that one request meets on the wire.
#[derive(Default)]
pub(crate) struct HttpFaults {
    latency: Duration,
    answer: Option<Answer>,
    way: Option<Way>,
}

/// What is answered in the place of the truth.
pub(super) struct Answer {
    /// `None`: the real answer.
    response: Option<Response>,
    delay: Duration,
    dropped: bool,
}

/// What becomes of an answer on its way.
enum Way {
    Truncated,
    Slow(Duration),
    LostRequest,
    LostReply,
}

impl FaultKind {
    /// What is answered in the place of the truth, if this is such a fault.
    pub(super) fn answer(&self) -> Option<Result<Answer, FaultError>> {
        let whole = |response| Answer { response: Some(response), delay: Duration::ZERO, dropped: false };
        match self {
            Self::Status { code, retry_after } => Some(refusal(*code, retry_after.as_deref()).map(whole)),
            Self::Html => Some(Ok(whole(html()))),
            Self::OversizedBody { bytes } => Some(Ok(whole(oversized(*bytes)))),
            Self::Reply(reply) => Some(written_out(reply)),
            _ => None,
        }
    }

    fn way(&self) -> Option<Way> {
        match self {
            Self::TruncatedBody => Some(Way::Truncated),
            Self::SlowBody { byte_every_ms } => Some(Way::Slow(Duration::from_millis(*byte_every_ms))),
            Self::LostRequest => Some(Way::LostRequest),
            Self::LostReply => Some(Way::LostReply),
            _ => None,
        }
    }

    fn latency(&self) -> Option<Duration> {
        match self {
            Self::Latency { ms } => Some(Duration::from_millis(*ms)),
            _ => None,
        }
    }
}

fn written_out(reply: &Reply) -> Result<Answer, FaultError> {
    let delay = Duration::from_millis(reply.delay_ms);
    Ok(Answer { response: reply.response()?, delay, dropped: reply.drop_answer })
}

fn refusal(code: u16, retry_after: Option<&str>) -> Result<Response, FaultError> {
    let status = StatusCode::from_u16(code).map_err(|_| FaultError::Code(code))?;
    let mut response = (status, "a fault that was asked for\n").into_response();
    if let Some(value) = retry_after {
        let value = HeaderValue::from_str(value).map_err(|_| FaultError::Header("retry-after".to_owned()))?;
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    Ok(response)
}

/// What a proxy or a captive portal answers.
fn html() -> Response {
    let page =
        "<!doctype html><html lang=\"en\"><title>Welcome</title><p>Log in to this network.</p></html>\n";
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// A JSON text in chunks, without a length in front.
fn oversized(bytes: u64) -> Response {
    const CHUNK: u64 = 64 * 1024;
    let opening = Bytes::from_static(br#"{"access_token":""#);
    let rest = unfold((Some(opening), bytes), |(opening, left)| async move {
        if let Some(opening) = opening {
            let left = left.saturating_sub(opening.len() as u64);
            return Some((Ok::<_, io::Error>(opening), (None, left)));
        }
        let length = usize::try_from(left.min(CHUNK)).ok().filter(|length| *length > 0)?;
        Some((Ok(Bytes::from(vec![b'a'; length])), (None, left - length as u64)))
    });
    ([(CONTENT_TYPE, "application/json")], Body::from_stream(rest)).into_response()
}

impl Faults {
    /// Takes one use of each fault that such a request meets on the wire.
    pub(crate) fn take_http(&self, path: &str, client_id: Option<&str>) -> HttpFaults {
        HttpFaults {
            latency: self.take(Some(path), client_id, FaultKind::latency).unwrap_or_default(),
            // What could not be answered was refused when it was asked for.
            answer: self.take(Some(path), client_id, |kind| kind.answer().and_then(Result::ok)),
            way: self.take(Some(path), client_id, FaultKind::way),
        }
    }
}

impl HttpFaults {
    pub(crate) fn loses_request(&self) -> bool {
        matches!(self.way, Some(Way::LostRequest))
    }

    pub(crate) fn loses_reply(&self) -> bool {
        matches!(self.way, Some(Way::LostReply)) || self.answer.as_ref().is_some_and(|answer| answer.dropped)
    }

    /// Writes down what becomes of the answer: what is true but late, and what does not arrive whole.
    pub(crate) fn note(&self, visit: &Visit) {
        if !self.delay().is_zero() {
            let words = format!("a prepared fault holds the answer back for {} ms", self.delay().as_millis());
            visit.passed(CHECK, words);
        }
        match self.way {
            Some(Way::Truncated) => visit.failed(CHECK, "a prepared fault cuts the answer off half way"),
            Some(Way::Slow(pace)) => {
                let words =
                    format!("a prepared fault lets a byte of the answer go every {} ms", pace.as_millis());
                visit.passed(CHECK, words);
            }
            None | Some(Way::LostRequest | Way::LostReply) => {}
        }
    }

    /// How long the answer is held back.
    pub(crate) fn delay(&self) -> Duration {
        self.latency.saturating_add(self.answer.as_ref().map_or(Duration::ZERO, |answer| answer.delay))
    }

    /// What is answered in the place of the truth.
    pub(crate) fn take_response(&mut self) -> Option<Response> {
        self.answer.as_mut().and_then(|answer| answer.response.take())
    }

    /// The answer as it comes over the wire.
    pub(crate) fn deliver(&self, response: Response, held: Held) -> Response {
        match self.way {
            Some(Way::Truncated) => truncated(response),
            Some(Way::Slow(pace)) => slow(response, pace, held),
            None | Some(Way::LostRequest | Way::LostReply) => response,
        }
    }
}

/// An answer whose body fails before its first byte: the server then closes the connection, and nothing was written.
pub(crate) fn closed_connection() -> Response {
    let failing = once(async { Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset)) });
    Response::new(Body::from_stream(failing))
}

/// Promises the whole body, sends half of it and fails. In between the server is let go once, to write what it has.
fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length(&body)));
    let half_of_it = unfold(Some(body), |body| async move {
        let Some(body) = body else {
            tokio::task::yield_now().await;
            return Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None));
        };
        let whole = collect(body).await;
        Some((Ok(whole.slice(..whole.len() / 2)), None))
    });
    Response::from_parts(parts, Body::from_stream(half_of_it))
}

/// At least one, so that an answer without a body is cut too.
fn length(body: &Body) -> u64 {
    body.size_hint().lower().max(1)
}

/// A byte at a time; the rest at once when faults are cleared.
fn slow(response: Response, pace: Duration, held: Held) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.size_hint().lower()));
    let drops = unfold((Some(body), Bytes::new(), held), move |(body, mut rest, mut held)| async move {
        if let Some(body) = body {
            rest = collect(body).await;
        }
        if rest.is_empty() {
            return None;
        }
        let next = if held.wait(pace).await { rest.split_to(1) } else { std::mem::take(&mut rest) };
        Some((Ok::<_, io::Error>(next), (None, rest, held)))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}

/// A body of our own, which is whole in memory.
async fn collect(body: Body) -> Bytes {
    axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default()
}

/// What holds an answer back until faults are cleared.
pub(crate) struct Held {
    cleared: watch::Receiver<u64>,
    let_go: bool,
}

impl Held {
    pub(super) fn new(cleared: watch::Receiver<u64>) -> Self {
        Self { cleared, let_go: false }
    }

    /// Waits so long, or until faults are cleared; whether the time was waited out.
    pub(crate) async fn wait(&mut self, delay: Duration) -> bool {
        if self.let_go || delay.is_zero() {
            return !self.let_go;
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => true,
            _ = self.cleared.changed() => {
                self.let_go = true;
                false
            }
        }
    }
}
