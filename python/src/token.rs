//! Access tokens, their scopes, and where they come from.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use grantline::UnixMillis;
use pyo3::prelude::*;

use crate::ending::Lasting;
use crate::{asynchronous, blocking};

/// An access token, with what the server said about it.
///
/// It is redacted wherever it is printed; `expose_secret()` gives the token itself.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct AccessToken(Arc<grantline::AccessToken>);

impl AccessToken {
    pub(crate) fn new(token: Arc<grantline::AccessToken>) -> Self {
        Self(token)
    }

    pub(crate) fn native(&self) -> &grantline::AccessToken {
        &self.0
    }
}

#[pymethods]
impl AccessToken {
    /// The token itself, for an `Authorization: Bearer` header. Keep it out of logs and URLs.
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// When it ends, in UTC; `None` where the server did not say.
    #[getter]
    fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at().map(moment)
    }

    /// The scopes that were granted; those asked for, where the server named none (RFC 6749 section 5.1).
    #[getter]
    fn scopes(&self) -> Vec<&str> {
        self.0.scopes().iter().collect()
    }

    /// Which rotation of its grant it belongs to: a later token has a higher one.
    #[getter]
    fn generation(&self) -> u64 {
        self.0.generation().0
    }

    /// False if the store did not take the tokens that came with this one. It is as good as any, and saving is tried
    /// again; but should this process end first, the session is lost with it. Of a service nothing is lost but a request.
    #[getter]
    fn is_saved(&self) -> bool {
        self.0.is_saved()
    }

    fn __repr__(&self) -> String {
        format!("<grantline.AccessToken generation={} (redacted)>", self.generation())
    }
}

pub(crate) fn moment(time: UnixMillis) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(time.0)
}

/// The moment to judge at, by the clock unless given. Python hands none before 1970 over.
pub(crate) fn moment_or_now(given: Option<SystemTime>) -> UnixMillis {
    let since_1970 = |moment: SystemTime| moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    given.map_or_else(|| grantline::now().wall, |moment| UnixMillis(0).plus(since_1970(moment)))
}

/// The scopes of a request, where a list of texts does not say it.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Scopes(pub(crate) grantline::Scopes);

#[pymethods]
impl Scopes {
    /// No `scope` parameter at all: the server grants what the registration allows (RFC 6749 section 3.3).
    #[staticmethod]
    fn all_allowed() -> Self {
        Self(grantline::Scopes::all_allowed())
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "grantline.Scopes.all_allowed()"
    }
}

/// A handle for asking again and again for the same token. While the token is fresh, asking costs one native call
/// that takes no lock.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct TokenSource {
    source: grantline::TokenSource,
    #[allow(dead_code, reason = "the end of the process waits for a client as long as somebody holds it")]
    client: Arc<Lasting>,
}

impl TokenSource {
    pub(crate) fn new(source: grantline::TokenSource, client: &Arc<Lasting>) -> Self {
        Self { source, client: Arc::clone(client) }
    }
}

#[pymethods]
impl TokenSource {
    /// A token that is good now: from memory, or from the server. All who ask meanwhile share one request.
    fn fresh_token(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.source.fresh_token()).map(AccessToken::new)
    }

    /// As `fresh_token`, for asyncio.
    async fn fresh_token_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.source.fresh_token()).await.map(AccessToken::new)
    }

    /// A token later than the one in hand, although that is still fresh: after an API refused it.
    fn refresh(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.source.refresh()).map(AccessToken::new)
    }

    /// As `refresh`, for asyncio.
    async fn refresh_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.source.refresh()).await.map(AccessToken::new)
    }

    /// An API refused this token although it is not past its time: it is not handed out again, and whoever asks next
    /// gets a later one. If there is a later one already, nothing happens.
    fn invalidate(&self, token: &AccessToken) {
        self.source.invalidate(token.native());
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.TokenSource>"
    }
}
