//! The end of a user's session at the provider: asked for here, or told by the provider.

use std::time::SystemTime;

use grantline::{AwsLcVerifier, KeySet, LogoutRequest, SecretText};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::application::registration;
use crate::callback::Callback;
use crate::error::{exception, raised};
use crate::provider::Provider;
use crate::session::Revocation;
use crate::token::{moment, moment_or_now};

/// A session that is over here, and on its way to be over at the provider.
#[pyclass(frozen, get_all, module = "grantline")]
pub(crate) struct BegunLogout {
    /// Where the browser goes.
    redirect: Py<LogoutRedirect>,
    /// What the server said to the revocation of the refresh token.
    revocation: Py<Revocation>,
}

impl BegunLogout {
    pub(crate) fn new(begun: grantline::BegunLogout) -> PyResult<Self> {
        Python::attach(|py| {
            let redirect = Py::new(py, LogoutRedirect(begun.redirect))?;
            let revocation = Py::new(py, Revocation::new(begun.revocation)?)?;
            Ok(Self { redirect, revocation })
        })
    }
}

#[pymethods]
impl BegunLogout {
    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.BegunLogout (redacted)>"
    }
}

/// The way of a browser to the end of its user's session at the provider.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct LogoutRedirect(grantline::LogoutRedirect);

#[pymethods]
impl LogoutRedirect {
    /// Where the browser goes. `None`: the provider offers no such end, unless `failure` says otherwise. It holds the user's
    /// ID token: do not log it.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Why there is no URL although the provider may offer such an end: its metadata could not be had. The session is over
    /// here all the same.
    #[getter]
    fn failure(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let failure = self.0.failure.as_ref().map(|error| exception(py, error));
        Ok(failure.transpose()?.map(|error| error.into_value(py).into_any()))
    }

    /// What comes back with the browser, if it comes back: keep it until then, for instance in a cookie.
    #[getter]
    fn state(&self) -> &str {
        &self.0.state
    }

    /// Whether a browser that came back came from this logout. If not, the session is over all the same: only that the
    /// provider ended its own is not known then.
    fn is_answered_by(&self, callback: &Callback) -> bool {
        self.0.is_answered_by(&callback.0)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.LogoutRedirect (redacted)>"
    }
}

/// What a valid logout token says (OpenID Connect Back-Channel Logout section 2.4).
#[pyclass(frozen, module = "grantline")]
pub(crate) struct LogoutNotice(pub(crate) grantline::LogoutNotice);

#[pymethods]
impl LogoutNotice {
    /// Whose sessions are over. Without a `session_id`: all of them.
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Which session is over, as `IdTokenClaims.session_id` named it.
    #[getter]
    fn session_id(&self) -> Option<&str> {
        self.0.session_id.as_deref()
    }

    /// When it was issued, in UTC.
    #[getter]
    fn issued_at(&self) -> SystemTime {
        moment(self.0.issued_at)
    }

    fn __repr__(&self) -> String {
        match &self.0.subject {
            Some(subject) => format!("<grantline.LogoutNotice subject={subject:?} (redacted)>"),
            None => "<grantline.LogoutNotice (redacted)>".to_owned(),
        }
    }
}

/// Verifies a logout token with keys that are at hand, and checks everything that it says (OpenID Connect Back-Channel
/// Logout section 2.6). Whether it came before is not known here: `WebApp.check_logout_notice` looks after that, with the
/// keys that the provider publishes.
///
/// `logout_token`: in the compact form. `provider`, `client_id`: by whom and for whom it has to be. `key_set`: the
/// provider's, as JSON text (RFC 7517 section 5). `now`: a `datetime` with a time zone; by the clock unless given.
/// `id_token_algorithm`, `trusted_audiences`, `clock_tolerance`: as the applications take them.
///
/// Raises `ServerMisbehaved` (`logout_token_...`, `id_token_...`, `key_set_malformed`) and `MisuseError` (`client_id_missing`,
/// `clock_tolerance_too_long`).
#[pyfunction]
#[pyo3(
    signature = (logout_token, *, provider, client_id, key_set, now=None, **settings),
    text_signature = "(logout_token, *, provider, client_id, key_set, now=None, id_token_algorithm=None, trusted_audiences=None, clock_tolerance=None)"
)]
pub(crate) fn check_logout_token(
    logout_token: String,
    provider: &Provider,
    client_id: String,
    key_set: &str,
    now: Option<SystemTime>,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<LogoutNotice> {
    let registration = registration(provider, client_id, Vec::new(), settings)?;
    let token = SecretText::new(logout_token);
    let keys = KeySet::from_json(key_set).map_err(raised)?;
    registration
        .check_logout_token(&token, &keys, &AwsLcVerifier::default(), moment_or_now(now))
        .map(LogoutNotice)
        .map_err(raised)
}

/// What the keyword arguments of `begin_logout` ask for.
pub(crate) fn logout_request(
    post_logout_redirect_uri: Option<String>,
    ui_locales: Option<String>,
) -> LogoutRequest {
    let mut request = LogoutRequest::new();
    if let Some(uri) = post_logout_redirect_uri {
        request = request.post_logout_redirect_uri(uri);
    }
    if let Some(locales) = ui_locales {
        request = request.ui_locales(locales);
    }
    request
}
