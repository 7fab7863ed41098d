//! HTTP performed by the application.

use std::sync::Arc;

/// One thing for the application's HTTP client to do.
#[derive(Debug, uniffi::Enum)]
pub enum HttpWork {
    /// Send the request once and report what became of it.
    Perform {
        /// Goes back with the reply.
        id: Arc<HttpWorkId>,
        /// What to send.
        request: Arc<HttpRequest>,
    },
    /// Nobody waits for this request any more: give it up.
    Cancel {
        /// Which one.
        id: Arc<HttpWorkId>,
    },
}

/// Which request it is; equal for the work and for its cancellation.
#[derive(Debug, PartialEq, Eq, Hash, uniffi::Object)]
#[uniffi::export(Eq, Hash)]
pub struct HttpWorkId(pub(crate) grantline::EffectId);

/// One HTTP request. Its headers and its body may hold credentials.
#[derive(Debug, uniffi::Object)]
pub struct HttpRequest(grantline::HttpRequest);

#[uniffi::export]
impl HttpRequest {
    /// `GET` or `POST`.
    pub fn method(&self) -> String {
        self.0.method.as_str().to_owned()
    }

    /// The absolute URL. It never holds a secret.
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// The headers; a value may hold credentials.
    pub fn expose_headers(&self) -> Vec<HttpHeader> {
        let header = |(name, value): &(&str, grantline::SecretText)| HttpHeader {
            name: (*name).to_owned(),
            value: value.expose_secret().to_owned(),
        };
        self.0.headers.iter().map(header).collect()
    }

    /// The body, for POST.
    pub fn expose_body(&self) -> Option<Vec<u8>> {
        self.0.body.as_ref().map(|body| body.expose_secret().to_vec())
    }

    /// How long the whole exchange may take.
    pub fn timeout_ms(&self) -> u64 {
        u64::try_from(self.0.timeout.as_millis()).unwrap_or(u64::MAX)
    }
}

/// A header. Not printed by the shells: its value may hold credentials.
#[derive(Clone, uniffi::Record)]
pub struct HttpHeader {
    /// The name, in any case.
    pub name: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for HttpHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: (redacted)", self.name)
    }
}

/// What went wrong between here and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HttpFailureKind {
    /// The host's name was not resolved.
    Dns,
    /// No connection to the host or to the proxy.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The time limit ended.
    TimedOut,
    /// The connection broke before the response was complete.
    ConnectionLost,
    /// The response is longer than 1 MiB.
    BodyTooLarge,
    /// What came is not HTTP.
    NotHttp,
    /// The performer itself could not do it.
    NotPerformed,
}

/// Whether a request that failed can have reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Sent {
    /// Not a byte of it left.
    CertainlyNot,
    /// It may have arrived.
    Maybe,
}

impl From<grantline::HttpWork> for HttpWork {
    fn from(work: grantline::HttpWork) -> Self {
        match work {
            grantline::HttpWork::Perform { id, request, .. } => {
                Self::Perform { id: Arc::new(HttpWorkId(id)), request: Arc::new(HttpRequest(request)) }
            }
            grantline::HttpWork::Cancel { id } => Self::Cancel { id: Arc::new(HttpWorkId(id)) },
        }
    }
}

impl From<HttpFailureKind> for grantline::HttpFailureKind {
    fn from(kind: HttpFailureKind) -> Self {
        match kind {
            HttpFailureKind::Dns => Self::Dns,
            HttpFailureKind::Connect => Self::Connect,
            HttpFailureKind::Tls => Self::Tls,
            HttpFailureKind::TimedOut => Self::TimedOut,
            HttpFailureKind::ConnectionLost => Self::ConnectionLost,
            HttpFailureKind::BodyTooLarge => Self::BodyTooLarge,
            HttpFailureKind::NotHttp => Self::NotHttp,
            HttpFailureKind::NotPerformed => Self::NotPerformed,
        }
    }
}

impl From<Sent> for grantline::Sent {
    fn from(sent: Sent) -> Self {
        match sent {
            Sent::CertainlyNot => Self::CertainlyNot,
            Sent::Maybe => Self::Maybe,
        }
    }
}
