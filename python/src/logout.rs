//! The end of a user's session at the provider: asked for here, or told by the provider.

use std::time::SystemTime;

use grantline::LogoutRequest;
use pyo3::prelude::*;

use crate::callback::Callback;
use crate::session::Revocation;
use crate::token::moment;

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
    /// Where the browser goes; `None`, if the provider offers no such end. It holds the user's ID token: do not log it.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
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
