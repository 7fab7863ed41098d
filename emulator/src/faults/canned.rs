//! Replies that a test wrote out, in the place of the real ones.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fault, FaultError, FaultKind};

/// What is answered word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
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
}

impl Reply {
    /// The answer, or `None` when only a delay was asked for.
    pub(super) fn response(&self) -> Result<Option<Response>, FaultError> {
        let Some(status) = self.status else {
            return Ok(None);
        };
        // 1xx is not an answer, and hyper refuses to send one.
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = status.ok_or(FaultError::Status)?;
        let fields = response.headers_mut();
        fields.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            let refused = || FaultError::Header(name.clone());
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

/// The fault `reply` in the short form of `/admin/replies`: for the next request to a path, once unless more is said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// The path it waits for, such as `/connect/token`.
    pub path: String,
    /// Only requests of this client (form, query, Basic user name or access token); it need not exist.
    #[serde(default)]
    pub client_id: Option<String>,
    /// See [`Reply::status`].
    #[serde(default)]
    pub status: Option<u16>,
    /// See [`Reply::headers`].
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// See [`Reply::body`].
    #[serde(default)]
    pub body: String,
    /// See [`Reply::delay_ms`].
    #[serde(default)]
    pub delay_ms: u64,
    /// See [`Reply::drop_answer`].
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
}

impl From<CannedReply> for Fault {
    fn from(canned: CannedReply) -> Self {
        let CannedReply { path, client_id, status, headers, body, delay_ms, drop_answer, times } = canned;
        let reply = Reply { status, headers, body, delay_ms, drop_answer };
        Self { fault: FaultKind::Reply(reply), client_id, path: Some(path), times: Some(times) }
    }
}
