//! A login, from its start to its session: the data.

use std::sync::Arc;
use std::time::SystemTime;

use grantline::{LoginRequest, Prompt, ResponseMode, SessionId, UnixMillis};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{OneOrMany, Parameters, ScopesArgument, Span, word};
use crate::ending::Lasting;
use crate::error::raised;
use crate::identity::IdTokenClaims;
use crate::session::Session;
use crate::token::moment;

/// A login that has begun: send the browser to `url`, keep `pending`, and set the cookie of `binding`.
#[pyclass(frozen, get_all, module = "grantline")]
pub(crate) struct BegunLogin {
    /// Where the browser goes.
    url: String,
    /// What to keep until the callback comes.
    pending: Py<PendingLogin>,
    /// The cookie for the browser; `None` for native and single-page applications.
    binding: Option<Py<BrowserBinding>>,
}

impl BegunLogin {
    pub(crate) fn new(begun: grantline::BegunLogin) -> PyResult<Self> {
        Python::attach(|py| {
            let pending = Py::new(py, PendingLogin(begun.pending))?;
            let binding = begun.binding.map(|binding| Py::new(py, BrowserBinding(binding))).transpose()?;
            Ok(Self { url: begun.url, pending, binding })
        })
    }
}

#[pymethods]
impl BegunLogin {
    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.BegunLogin (redacted)>"
    }
}

/// A login in progress. Keep its record where only the application can read it, under its state, and hand the login
/// over when the callback comes. It holds the proof key, so it is a secret.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct PendingLogin(pub(crate) grantline::PendingLogin);

#[pymethods]
impl PendingLogin {
    /// The `state` parameter: the key under which the application keeps the record.
    #[getter]
    fn state(&self) -> &str {
        self.0.state()
    }

    /// When it stops being good, in UTC.
    #[getter]
    fn expires_at(&self) -> SystemTime {
        moment(self.0.expires_at())
    }

    /// The redirect URI of this login.
    #[getter]
    fn redirect_uri(&self) -> &str {
        self.0.redirect_uri()
    }

    /// The record to keep: JSON text that begins with its version. A secret.
    fn to_record(&self) -> PyResult<String> {
        let record = self.0.to_record().map_err(raised)?;
        Ok(record.expose_secret().to_owned())
    }

    /// Reads a record that `to_record` wrote, by this release or an older one.
    ///
    /// Raises `MisuseError` (`record_malformed`, `record_too_new`).
    #[staticmethod]
    fn from_record(record: &str) -> PyResult<Self> {
        grantline::PendingLogin::from_record(record).map(Self).map_err(raised)
    }

    fn __repr__(&self) -> String {
        format!("<grantline.PendingLogin redirect_uri={:?} (redacted)>", self.redirect_uri())
    }
}

/// A login that has begun and whose record is in the client's store: send the browser to `url`, and set the cookie of
/// `binding`.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct StoredLogin {
    /// Where the browser goes.
    #[pyo3(get)]
    url: String,
    /// The cookie for the browser; `None` for native and single-page applications.
    #[pyo3(get)]
    binding: Option<Py<BrowserBinding>>,
    expires_at: UnixMillis,
}

impl StoredLogin {
    pub(crate) fn new(begun: grantline::StoredLogin) -> PyResult<Self> {
        let binding = begun.binding.map(|binding| Python::attach(|py| Py::new(py, BrowserBinding(binding))));
        Ok(Self { url: begun.url, binding: binding.transpose()?, expires_at: begun.expires_at })
    }
}

#[pymethods]
impl StoredLogin {
    /// Until when the callback has to come, in UTC.
    #[getter]
    fn expires_at(&self) -> SystemTime {
        moment(self.expires_at)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.StoredLogin (redacted)>"
    }
}

/// The cookie that ties a browser to the login that it began.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct BrowserBinding(grantline::BrowserBinding);

#[pymethods]
impl BrowserBinding {
    /// The cookie's name.
    #[getter]
    fn cookie_name(&self) -> &str {
        self.0.cookie_name()
    }

    /// The cookie's value. Keep it out of logs.
    fn expose_value(&self) -> &str {
        self.0.expose_value()
    }

    /// The whole value of a `Set-Cookie` header. Keep it out of logs.
    fn set_cookie(&self) -> String {
        self.0.set_cookie().expose_secret().to_owned()
    }

    fn __repr__(&self) -> String {
        format!("<grantline.BrowserBinding cookie_name={:?} (redacted)>", self.cookie_name())
    }
}

/// A login that became a session.
#[pyclass(frozen, get_all, module = "grantline")]
pub(crate) struct LoggedIn {
    /// The session, which is saved.
    session: Py<Session>,
    /// What the application gave the login to carry.
    app_data: Option<String>,
    /// Who logged in, by a valid ID token; `None`, if the login did not ask for `openid`, so that nobody was identified.
    identity: Option<Py<IdTokenClaims>>,
}

impl LoggedIn {
    pub(crate) fn new(done: grantline::LoggedIn, client: &Arc<Lasting>) -> PyResult<Self> {
        Python::attach(|py| {
            let session = Py::new(py, Session::new(done.session, client))?;
            let identity = done.identity.map(|claims| Py::new(py, IdTokenClaims(claims))).transpose()?;
            Ok(Self { session, app_data: done.app_data, identity })
        })
    }
}

#[pymethods]
impl LoggedIn {
    fn __repr__(&self) -> String {
        format!("<grantline.LoggedIn session={:?}>", self.session.get().id())
    }
}

const RESPONSE_MODES: &[(&str, ResponseMode)] =
    &[("query", ResponseMode::Query), ("form_post", ResponseMode::FormPost)];

const PROMPTS: &[(&str, Prompt)] = &[
    ("none", Prompt::None),
    ("login", Prompt::Login),
    ("consent", Prompt::Consent),
    ("select_account", Prompt::SelectAccount),
];

/// What the keyword arguments of a function that begins a login ask for. They are taken from the dictionary, since all
/// those functions have them.
pub(crate) fn login_request(
    function: &str,
    scopes: ScopesArgument,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<LoginRequest> {
    let mut request = LoginRequest::new(scopes.0);
    for (name, value) in options.into_iter().flatten() {
        if !value.is_none() {
            request = with_option(function, request, name.extract()?, &value)?;
        }
    }
    Ok(request)
}

/// The request with one more of the keyword arguments of a function.
pub(crate) fn with_option(
    function: &str,
    request: LoginRequest,
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<LoginRequest> {
    Ok(match name {
        "redirect_uri" => request.redirect_uri(value.extract::<String>()?),
        "response_mode" => request.response_mode(word(name, value.extract()?, RESPONSE_MODES)?),
        "prompt" => {
            let prompts = value.extract::<OneOrMany>()?.into_vec();
            prompts.iter().try_fold(request, |request, prompt| {
                word(name, prompt, PROMPTS).map(|it| request.prompt(it))
            })?
        }
        "login_hint" => request.login_hint(value.extract::<String>()?),
        "max_age" => request.max_age(value.extract::<Span>()?.0),
        "expires_after" => request.expires_after(value.extract::<Span>()?.0),
        "acr_values" => request.acr_values(value.extract::<String>()?),
        "prefer_acr_values" => request.prefer_acr_values(value.extract::<String>()?),
        "ui_locales" => request.ui_locales(value.extract::<String>()?),
        "tenant_hint" => request.tenant_hint(value.extract::<String>()?),
        "resource" => {
            value.extract::<OneOrMany>()?.into_vec().into_iter().fold(request, LoginRequest::resource)
        }
        "parameters" => {
            let Parameters(pairs) = value.extract()?;
            pairs.into_iter().fold(request, |request, (name, value)| request.parameter(name, value))
        }
        "session_id" => request.session(SessionId::new(value.extract::<String>()?).map_err(raised)?),
        "app_data" => request.app_data(value.extract::<String>()?),
        "dangerous_without_pkce" if value.extract()? => request.dangerous_without_pkce(),
        "dangerous_without_pkce" => request,
        _ => {
            return Err(PyTypeError::new_err(format!(
                "{function}() got an unexpected keyword argument '{name}'"
            )));
        }
    })
}
