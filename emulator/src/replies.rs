//! Replies that a test prepared in the place of the real ones.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A reply for the next matching request, in the place of the real answer or as a delay of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// The path it waits for, such as `/connect/token`.
    pub path: String,
    /// Only requests of this client (form, query, Basic user name or access token); it need not exist.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The status; left out, the request is processed and its real answer given.
    #[serde(default)]
    pub status: Option<u16>,
    /// Header fields; `content-type: application/json` unless one is given.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// How long the answer is held back, in milliseconds of real time, after the request was
    /// processed and its tokens were rotated.
    #[serde(default)]
    pub delay_ms: u64,
    /// The connection is closed in the place of the answer, after the request was processed and its tokens were
    /// rotated.
    #[serde(default)]
    pub drop_answer: bool,
    /// How many requests it is for.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl CannedReply {
    /// An answer of `status` and the JSON text `body` for the next request to `path`.
    pub fn json(path: &str, status: u16, body: impl Into<String>) -> Self {
        Self { status: Some(status), body: body.into(), ..Self::delay(path, Duration::ZERO) }
    }

    /// The real answer to the next request to `path`, held back.
    pub fn delay(path: &str, by: Duration) -> Self {
        Self {
            path: path.to_owned(),
            client_id: None,
            status: None,
            headers: BTreeMap::new(),
            body: String::new(),
            delay_ms: u64::try_from(by.as_millis()).unwrap_or(u64::MAX),
            drop_answer: false,
            times: 1,
        }
    }

    /// The next request to `path` is processed, and the connection closed in the place of its answer.
    pub fn dropped(path: &str) -> Self {
        Self { drop_answer: true, ..Self::delay(path, Duration::ZERO) }
    }

    /// Only for requests of this client.
    #[must_use]
    pub fn for_client(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// With this header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// For this many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, path: &str, client_id: Option<&str>) -> bool {
        self.path == path && (self.client_id.is_none() || self.client_id.as_deref() == client_id)
    }

    /// The answer, or `None` when only a delay was asked for.
    pub(crate) fn response(&self) -> Result<Option<Response>, ReplyError> {
        let Some(status) = self.status else {
            return Ok(None);
        };
        // 1xx is not an answer, and hyper refuses to send one.
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = status.ok_or(ReplyError::Status)?;
        let fields = response.headers_mut();
        fields.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            let refused = || ReplyError::Header(name.clone());
            let value = HeaderValue::from_str(value).map_err(|_| refused())?;
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
            if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
                return Err(refused());
            }
            fields.insert(name, value);
        }
        Ok(Some(response))
    }
}

/// Why a prepared reply was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Not the status of an answer.
    #[error("status is not an HTTP status of an answer: give 200 to 999, or leave it out to delay only")]
    Status,
    /// Not an HTTP header field, or one of the message's framing.
    #[error(
        "header \"{0}\" cannot be set: HTTP does not allow its name or value, or the server sets it itself"
    )]
    Header(String),
    /// A reply for no request.
    #[error("times is 0: give at least 1")]
    Times,
}

#[derive(Default)]
pub(crate) struct Replies {
    waiting: Mutex<Vec<CannedReply>>,
    cleared: Notify,
}

impl Replies {
    pub(crate) fn add(&self, reply: CannedReply) -> Result<(), ReplyError> {
        if reply.times == 0 {
            return Err(ReplyError::Times);
        }
        reply.response()?;
        self.lock().push(reply);
        Ok(())
    }

    /// Forgets all replies and lets those go that are being held back.
    pub(crate) fn clear(&self) {
        self.lock().clear();
        self.cleared.notify_waiters();
    }

    /// Takes one use of the oldest reply that matches.
    pub(crate) fn take(&self, path: &str, client_id: Option<&str>) -> Option<CannedReply> {
        let mut waiting = self.lock();
        let index = waiting.iter().position(|reply| reply.matches(path, client_id))?;
        let reply = waiting.get_mut(index)?;
        reply.times -= 1;
        let taken = reply.clone();
        if taken.times == 0 {
            waiting.remove(index);
        }
        Some(taken)
    }

    /// Ends at the next [`Self::clear`], also when that comes before it is awaited.
    pub(crate) fn cleared(&self) -> Notified<'_> {
        self.cleared.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<CannedReply>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
