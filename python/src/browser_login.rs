//! A login in the system's browser.

use std::sync::{Arc, OnceLock};

use grantline::{BrowserLoginOptions, LoginRequest};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use crate::arguments::{ScopesArgument, Span};
use crate::ending::Lasting;
use crate::error::raised;
use crate::login::{LoggedIn, with_option};
use crate::{asynchronous, blocking};

/// A login that waits for its user in the system's browser.
///
/// It ends when the user comes back, by `cancel`, at its time limit, at the end of its `with` block, and when nothing
/// refers to it any more. Its port is free again before the outcome is known.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct BrowserLogin {
    login: grantline::BrowserLogin,
    client: Arc<Lasting>,
    /// Whether the application's own function opened a browser.
    opened_by_hand: OnceLock<bool>,
}

#[pymethods]
impl BrowserLogin {
    /// Where the browser goes: to be shown to the user where no browser could be opened.
    #[getter]
    fn url(&self) -> &str {
        self.login.url()
    }

    /// Whether a browser was opened, once that is known: within a few seconds.
    fn browser_opened(&self, py: Python<'_>) -> PyResult<bool> {
        match self.opened_by_hand.get() {
            Some(opened) => Ok(*opened),
            None => blocking::outcome(py, self.login.browser_opened()),
        }
    }

    /// As `browser_opened`, for asyncio.
    async fn browser_opened_async(&self) -> PyResult<bool> {
        match self.opened_by_hand.get() {
            Some(opened) => Ok(*opened),
            None => asynchronous::outcome(self.login.browser_opened()).await,
        }
    }

    /// Takes the URL that the user copied from the browser's address bar: over SSH the browser is on another machine, and
    /// finds nobody at the redirect URI.
    ///
    /// Raises `ServerMisbehaved` if it is not this login's answer, which may still come.
    fn paste(&self, redirected_url: &str) -> PyResult<()> {
        self.login.paste(redirected_url).map_err(raised)
    }

    /// Ends the login. Its outcome is `Cancelled`, unless it has one.
    fn cancel(&self) {
        self.login.cancel();
    }

    /// Waits for the session. It may be asked for more than once; Ctrl-C ends the waiting, and the login goes on until it
    /// is cancelled.
    ///
    /// Raises `ServerMisbehaved` (`login_timed_out`) when nobody came back in time; `ServerRefused` (`access_denied`, say);
    /// whatever `NativeApp.complete_login` raises; `Cancelled`.
    fn outcome(&self, py: Python<'_>) -> PyResult<LoggedIn> {
        let done = blocking::outcome(py, self.login.outcome())?;
        LoggedIn::new(done, &self.client)
    }

    /// As `outcome`, for asyncio.
    async fn outcome_async(&self) -> PyResult<LoggedIn> {
        let done = asynchronous::outcome(self.login.outcome()).await?;
        LoggedIn::new(done, &self.client)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(&self, _error: Py<PyAny>, _value: Py<PyAny>, _traceback: Py<PyAny>) {
        self.login.cancel();
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.BrowserLogin (redacted)>"
    }
}

impl BrowserLogin {
    /// Opens the browser by the application's own function, on the caller's thread.
    fn open(&self, py: Python<'_>, open_browser: Option<&Py<PyAny>>) -> PyResult<()> {
        let Some(open_browser) = open_browser else { return Ok(()) };
        // As `webbrowser.open` does, it may say that it did not.
        let answer = open_browser.call1(py, (self.login.url(),))?;
        let opened = answer.is_none(py) || answer.is_truthy(py)?;
        self.opened_by_hand.get_or_init(|| opened);
        Ok(())
    }
}

/// What `begin_browser_login` and `log_in_with_browser` take.
pub(crate) struct Arguments {
    request: LoginRequest,
    options: BrowserLoginOptions,
    open_browser: Option<Py<PyAny>>,
    show_url: Option<Py<PyAny>>,
}

impl Arguments {
    /// From keyword arguments: those of `begin_login`, and those of the browser.
    pub(crate) fn new(scopes: ScopesArgument, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let options = BrowserLoginOptions::default();
        let mut arguments =
            Self { request: LoginRequest::new(scopes.0), options, open_browser: None, show_url: None };
        for (name, value) in given.into_iter().flatten() {
            if !value.is_none() {
                arguments = arguments.with(name.extract()?, &value)?;
            }
        }
        Ok(arguments)
    }

    fn with(mut self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match name {
            "time_limit" => self.options = self.options.time_limit(value.extract::<Span>()?.0),
            "port" => self.options = self.options.port(value.extract()?),
            "done_page" => self.options = self.options.done_page(value.extract::<LoginPage>()?.0),
            "failed_page" => self.options = self.options.failed_page(value.extract::<LoginPage>()?.0),
            "open_browser" if value.is_callable() => {
                self.options = self.options.without_browser();
                self.open_browser = Some(value.clone().unbind());
            }
            "open_browser" if value.cast::<PyBool>()?.is_true() => {}
            "open_browser" => self.options = self.options.without_browser(),
            "show_url" if value.is_callable() => self.show_url = Some(value.clone().unbind()),
            "show_url" => return Err(PyTypeError::new_err("show_url is a function that takes the URL")),
            _ => self.request = with_option("begin_browser_login", self.request, name, value)?,
        }
        Ok(self)
    }

    /// Begins the login.
    pub(crate) fn begin(
        self,
        py: Python<'_>,
        app: &grantline::NativeApp,
        client: &Arc<Lasting>,
    ) -> PyResult<BrowserLogin> {
        let call = app.begin_browser_login(self.request, self.options);
        let login = BrowserLogin::of(blocking::outcome(py, call)?, client);
        login.open(py, self.open_browser.as_ref())?;
        Ok(login)
    }

    /// As [`Self::begin`], in asyncio.
    pub(crate) async fn begin_async(
        self,
        app: &grantline::NativeApp,
        client: &Arc<Lasting>,
    ) -> PyResult<BrowserLogin> {
        let call = app.begin_browser_login(self.request, self.options);
        let login = BrowserLogin::of(asynchronous::outcome(call).await?, client);
        Python::attach(|py| login.open(py, self.open_browser.as_ref()))?;
        Ok(login)
    }

    /// Logs in, from begin to end.
    pub(crate) fn log_in(
        self,
        py: Python<'_>,
        app: &grantline::NativeApp,
        client: &Arc<Lasting>,
    ) -> PyResult<LoggedIn> {
        let show_url = self.show_url.as_ref().map(|show| show.clone_ref(py));
        let login = self.begin(py, app, client)?;
        if !login.browser_opened(py)? {
            match show_url {
                Some(show) => drop(show.call1(py, (login.url(),))?),
                None if print_url(py, login.url())? => {}
                None => blocking::outcome(py, login.login.require_browser())?,
            }
        }
        login.outcome(py)
    }

    /// As [`Self::log_in`], in asyncio.
    pub(crate) async fn log_in_async(
        self,
        app: &grantline::NativeApp,
        client: &Arc<Lasting>,
    ) -> PyResult<LoggedIn> {
        let show_url = Python::attach(|py| self.show_url.as_ref().map(|show| show.clone_ref(py)));
        let login = self.begin_async(app, client).await?;
        if !login.browser_opened_async().await? {
            match show_url {
                Some(show) => Python::attach(|py| show.call1(py, (login.url(),)).map(drop))?,
                None if Python::attach(|py| print_url(py, login.url()))? => {}
                None => asynchronous::outcome(login.login.require_browser()).await?,
            }
        }
        login.outcome_async().await
    }
}

/// Prints on `sys.stderr`, if there is one: a program with windows may have none.
fn print_url(py: Python<'_>, url: &str) -> PyResult<bool> {
    let stderr = py.import("sys")?.getattr("stderr")?;
    if stderr.is_none() {
        return Ok(false);
    }
    stderr.call_method1("write", (format!("Open this URL in a browser to log in: {url}\n"),))?;
    stderr.call_method0("flush")?;
    Ok(true)
}

impl BrowserLogin {
    fn of(login: grantline::BrowserLogin, client: &Arc<Lasting>) -> Self {
        Self { login, client: Arc::clone(client), opened_by_hand: OnceLock::new() }
    }
}

/// A page of the application's own, for the end of a login in the browser. It is shown under a policy that lets it load
/// nothing: no script, and no style, picture or font but what stands in it.
#[pyclass(frozen, from_py_object, module = "grantline")]
#[derive(Clone)]
pub(crate) struct LoginPage(grantline::LoginPage);

#[pymethods]
impl LoginPage {
    /// A title and a message as plain text, in grantline's own layout. `language`: a BCP 47 tag, such as `nb`.
    #[staticmethod]
    fn text(language: String, title: String, message: String) -> Self {
        Self(grantline::LoginPage::text(language, title, message))
    }

    /// A whole HTML document, sent as it is: what is put into it has to be escaped before.
    #[staticmethod]
    fn html(document: String) -> Self {
        Self(grantline::LoginPage::html(document))
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.LoginPage>"
    }
}
