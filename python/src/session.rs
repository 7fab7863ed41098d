//! Sessions of users who logged in.

use pyo3::prelude::*;

use crate::token::AccessToken;
use crate::{asynchronous, blocking};

/// A handle on a user's session.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Session(pub(crate) grantline::Session);

#[pymethods]
impl Session {
    /// Its name: keep it, for instance in the user's cookie session, and find the session again with
    /// `app.session(id)`.
    #[getter]
    fn id(&self) -> &str {
        self.0.id().as_str()
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
    /// refresh token is saved before anybody sees the access token.
    ///
    /// Raises `ServerRefused` with the advice `log_in_again` where there is no session (`session_unknown`), it has
    /// ended (`session_ended`) or cannot be refreshed (`no_refresh_token`). Whatever else keeps the server from
    /// answering loses nothing.
    fn fresh_token(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.0.fresh_token()).map(AccessToken::new)
    }

    /// As `fresh_token`, for asyncio.
    async fn fresh_token_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.0.fresh_token()).await.map(AccessToken::new)
    }

    /// A new access token, although the one in hand is still fresh. Raises as `fresh_token` does.
    fn refresh(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.0.refresh()).map(AccessToken::new)
    }

    /// As `refresh`, for asyncio. Cancelling the task does not cancel the refresh: it goes on, and is saved.
    async fn refresh_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.0.refresh()).await.map(AccessToken::new)
    }

    fn __repr__(&self) -> String {
        format!("<grantline.Session id={:?}>", self.id())
    }
}
