//! HTTP as data: what a flow asks for, and what whoever performs it answers.

use std::time::Duration;

use crate::secret::{SecretBytes, SecretText};

/// The longest response body that a performer reads: 1 MiB, counted after any decoding.
pub const MAX_RESPONSE_BODY: usize = 1024 * 1024;

/// How long one request may take in all, unless the application says otherwise; also the longest that can be
/// said: a grace window, in which a lost answer can still be asked for again, is 5 to 60 seconds.
pub const DEFAULT_HTTP_TIMEOUT: Duration = Duration::from_secs(10);

/// The shortest time limit for one request.
pub const SHORTEST_HTTP_TIMEOUT: Duration = Duration::from_secs(2);

/// The request methods that flows use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

impl Method {
    /// The method as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One HTTP request, to be sent once.
///
/// The contract of whoever performs it: send it exactly once (no redirect followed, no silent
/// resend), read at most [`MAX_RESPONSE_BODY`] bytes, give up after `timeout`, verify the
/// server's certificate, keep no cookies, offer no compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL. It never holds a secret.
    pub url: String,
    /// Header names and values; a value may hold credentials.
    pub headers: Vec<(&'static str, SecretText)>,
    /// The body, for POST.
    pub body: Option<SecretBytes>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

/// One HTTP response, of whatever status.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header names in any case, with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`MAX_RESPONSE_BODY`] bytes.
    pub body: SecretBytes,
}

impl HttpResponse {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Without header values: a server may put anything into them.
impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &names)
            .field("body", &self.body)
            .finish()
    }
}

/// Whether a request that failed can have reached the server. It decides what may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not a byte of the request left: no connection was made.
    CertainlyNot,
    /// It may have arrived and had its effect, and the answer is lost.
    Maybe,
}

/// What went wrong between here and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpFailureKind {
    /// The host's name was not resolved.
    Dns,
    /// No connection to the host or to the proxy.
    Connect,
    /// The TLS handshake failed: certificate, name or version.
    Tls,
    /// The time limit ended.
    TimedOut,
    /// The connection broke before the response was complete.
    ConnectionLost,
    /// The response is longer than [`MAX_RESPONSE_BODY`].
    BodyTooLarge,
    /// What came is not HTTP.
    NotHttp,
    /// The performer itself could not do it: it is closing, or the request came too late for its deadline.
    NotPerformed,
}

/// A request that got no usable response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpFailure {
    /// What went wrong.
    pub kind: HttpFailureKind,
    /// Whether the request can have arrived.
    pub sent: Sent,
    /// The performer's own words, for a person. Holds no secret.
    pub detail: String,
}

impl HttpFailure {
    /// Whether nothing was done for the request at all.
    pub(crate) fn was_not_begun(&self) -> bool {
        self.kind == HttpFailureKind::NotPerformed && self.sent == Sent::CertainlyNot
    }
}

/// What the performer answers.
pub type HttpReply = Result<HttpResponse, HttpFailure>;
