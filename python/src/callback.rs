//! What a callback brings: the authorization response, and the browser's binding.

use pyo3::prelude::*;

/// An authorization response, as it came from the browser. Nothing of it is decoded before it is judged.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Callback(pub(crate) grantline::Callback);

#[pymethods]
impl Callback {
    /// The whole URL of the callback.
    #[staticmethod]
    fn url(url: String) -> Self {
        Self(grantline::Callback::url(url))
    }

    /// The raw query string of the callback, not decoded.
    #[staticmethod]
    fn query(query: String) -> Self {
        Self(grantline::Callback::query(query))
    }

    /// The raw body of a `form_post` callback, not decoded.
    #[staticmethod]
    fn form_post(body: String) -> Self {
        Self(grantline::Callback::form_post(body))
    }

    /// The state that it names, by which its pending login is found; `None` if it names none. Nothing is checked
    /// yet.
    #[getter]
    fn state(&self) -> Option<String> {
        self.0.state()
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Callback (redacted)>"
    }
}

/// What the browser that brought the callback shows of its binding.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Binding(pub(crate) grantline::Binding);

#[pymethods]
impl Binding {
    /// The `Cookie` header of the request that brought the callback, as it came; empty if there was none.
    #[staticmethod]
    fn cookie_header(header: String) -> Self {
        Self(grantline::Binding::cookie_header(header))
    }

    /// The value of the binding's cookie, for who reads cookies otherwise.
    #[staticmethod]
    fn cookie_value(value: String) -> Self {
        Self(grantline::Binding::cookie_value(value))
    }

    /// No check. Whoever can make a user's browser open a URL can then log that user in as somebody else.
    #[staticmethod]
    fn dangerous_unbound() -> Self {
        Self(grantline::Binding::DangerousUnbound)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Binding (redacted)>"
    }
}
