//! Sessions of users who logged in.

use std::sync::Arc;

use grantline::Error;
use pyo3::prelude::*;

use crate::ending::Lasting;
use crate::error::{exception, raised};
use crate::identity::IdTokenClaims;
use crate::logout::{BegunLogout, logout_request};
use crate::token::AccessToken;
use crate::user_info::UserInfo;
use crate::{asynchronous, blocking};

/// A handle on a user's session.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Session {
    session: grantline::Session,
    #[allow(dead_code, reason = "the end of the process waits for a client as long as somebody holds it")]
    client: Arc<Lasting>,
}

impl Session {
    pub(crate) fn new(session: grantline::Session, client: &Arc<Lasting>) -> Self {
        Self { session, client: Arc::clone(client) }
    }
}

#[pymethods]
impl Session {
    /// Its name: keep it, for instance in the user's cookie session, and find the session again with
    /// `app.session(id)`.
    #[getter]
    pub(crate) fn id(&self) -> &str {
        self.session.id().as_str()
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
    /// refresh token is saved before anybody sees the access token.
    ///
    /// Raises `ServerRefused` with the advice `log_in_again` where there is no session (`session_unknown`), it has
    /// ended (`session_ended`) or cannot be refreshed (`no_refresh_token`). Whoever asks first after the server has
    /// ended the session gets its own word, `invalid_grant` (at Visma Connect also `invalid_scope`), or
    /// `refresh_outcome_unknown` where the answer to an earlier refresh was lost, with the same advice. Whatever else
    /// keeps the server or the store from answering loses nothing.
    fn fresh_token(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.session.fresh_token()).map(AccessToken::new)
    }

    /// As `fresh_token`, for asyncio.
    async fn fresh_token_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.session.fresh_token()).await.map(AccessToken::new)
    }

    /// A new access token, although the one in hand is still fresh. Raises as `fresh_token` does.
    fn refresh(&self, py: Python<'_>) -> PyResult<AccessToken> {
        blocking::outcome(py, self.session.refresh()).map(AccessToken::new)
    }

    /// As `refresh`, for asyncio. Cancelling the task does not cancel the refresh: it goes on, and is saved.
    async fn refresh_async(&self) -> PyResult<AccessToken> {
        asynchronous::outcome(self.session.refresh()).await.map(AccessToken::new)
    }

    /// An API refused this token although it is not past its time: it is not handed out again, and whoever asks next
    /// gets a later one. If there is a later one already, nothing happens.
    fn invalidate(&self, token: &AccessToken) {
        self.session.invalidate(token.native());
    }

    /// Ends the session: in the store, so that nobody refreshes it any more, and at the server, where that takes the
    /// refresh token back (RFC 7009). It is over whatever the server says; a later login may use its name again.
    ///
    /// This client hands out its access token no more. Another process that has it in memory does so until it would
    /// fetch the next one, shortly before the token's end: an API that has to know sooner asks the server.
    ///
    /// Raises `StoreError` if the store did not take note: then it is not over.
    fn end(&self, py: Python<'_>) -> PyResult<Revocation> {
        blocking::outcome(py, self.session.end()).and_then(Revocation::new)
    }

    /// As `end`, for asyncio.
    async fn end_async(&self) -> PyResult<Revocation> {
        asynchronous::outcome(self.session.end()).await.and_then(Revocation::new)
    }

    /// Who logged in, by the session's valid ID token; `None`, if its login did not ask for `openid`. Read from the store.
    ///
    /// Raises `ServerRefused` (`session_unknown`, `session_ended`); `StoreError`.
    fn identity(&self, py: Python<'_>) -> PyResult<Option<IdTokenClaims>> {
        blocking::outcome(py, self.session.identity()).map(|identity| identity.map(IdTokenClaims))
    }

    /// As `identity`, for asyncio.
    async fn identity_async(&self) -> PyResult<Option<IdTokenClaims>> {
        asynchronous::outcome(self.session.identity()).await.map(|identity| identity.map(IdTokenClaims))
    }

    /// What the provider says of the user (OpenID Connect Core section 5.3): with a token of this session, which is replaced
    /// once if the provider refuses it. An answer about anybody but the user who logged in is refused.
    ///
    /// Raises as `identity` and `fresh_token` do; `ServerMisbehaved` (`user_info_subject_mismatch`); `ServerRefused`, such as
    /// `insufficient_scope`; `UnsupportedError` (`endpoint_missing`).
    fn user_info(&self, py: Python<'_>) -> PyResult<UserInfo> {
        blocking::outcome(py, self.session.user_info()).map(UserInfo)
    }

    /// As `user_info`, for asyncio.
    async fn user_info_async(&self) -> PyResult<UserInfo> {
        asynchronous::outcome(self.session.user_info()).await.map(UserInfo)
    }

    /// Ends the session here, as `end` does, and makes the URL that ends the user's session at the provider (OpenID Connect
    /// RP-Initiated Logout): send the browser there. The session ends first: where the provider's metadata cannot be had,
    /// there is no URL, and `redirect.failure` says why.
    ///
    /// `post_logout_redirect_uri`: where the browser comes back to, as it is registered; Visma Connect follows it only if
    /// the login asked for `openid`. `ui_locales`: the languages of the provider's page, separated by spaces.
    ///
    /// Raises `StoreError` if the store did not take note: then it is not over.
    #[pyo3(signature = (*, post_logout_redirect_uri=None, ui_locales=None))]
    fn begin_logout(
        &self,
        py: Python<'_>,
        post_logout_redirect_uri: Option<String>,
        ui_locales: Option<String>,
    ) -> PyResult<BegunLogout> {
        let call = self.session.begin_logout(logout_request(post_logout_redirect_uri, ui_locales));
        blocking::outcome(py, call).and_then(BegunLogout::new)
    }

    /// As `begin_logout`, for asyncio.
    #[pyo3(signature = (*, post_logout_redirect_uri=None, ui_locales=None))]
    async fn begin_logout_async(
        &self,
        post_logout_redirect_uri: Option<String>,
        ui_locales: Option<String>,
    ) -> PyResult<BegunLogout> {
        let call = self.session.begin_logout(logout_request(post_logout_redirect_uri, ui_locales));
        asynchronous::outcome(call).await.and_then(BegunLogout::new)
    }

    fn __repr__(&self) -> String {
        format!("<grantline.Session id={:?}>", self.id())
    }
}

/// Whether the server was told that a session is over.
#[pyclass(frozen, get_all, module = "grantline")]
pub(crate) struct Revocation {
    /// `done`: the server revoked the refresh token. `nothing_to_revoke`: there was no session, or none with a refresh
    /// token. `not_offered`: the provider has no revocation; the refresh token is forgotten here, and stays good there
    /// until it expires. `failed`: the server could not be told, which leaves it as `not_offered` does.
    outcome: &'static str,
    /// Why the server could not be told; `None` unless it `failed`.
    error: Option<Py<PyAny>>,
}

impl Revocation {
    pub(crate) fn new(revocation: grantline::Revocation) -> PyResult<Self> {
        let (outcome, error) = match revocation {
            grantline::Revocation::Done => ("done", None),
            grantline::Revocation::NothingToRevoke => ("nothing_to_revoke", None),
            grantline::Revocation::NotOffered => ("not_offered", None),
            grantline::Revocation::Failed(error) => ("failed", Some(error)),
            _ => {
                return Err(raised(Error::Internal(
                    "a session has ended in a way that Python does not know",
                )));
            }
        };
        let error = error
            .map(|error| {
                Python::attach(|py| exception(py, &error).map(|error| error.into_value(py).into_any()))
            })
            .transpose()?;
        Ok(Self { outcome, error })
    }
}

#[pymethods]
impl Revocation {
    fn __repr__(&self) -> String {
        format!("<grantline.Revocation {}>", self.outcome)
    }
}
