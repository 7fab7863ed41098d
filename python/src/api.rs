//! Tokens on API requests: what `grantline._attach` asks.

use grantline::Misuse;
use grantline::core::{self, ApiOrigins, AttachedRequest};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::raised;
use crate::token::AccessToken;

/// What decides about the requests to one API.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct ApiAccess(core::ApiAccess);

#[pymethods]
impl ApiAccess {
    #[new]
    fn new(origins: &Bound<'_, PyAny>) -> PyResult<Self> {
        // A text is iterable too, letter by letter.
        if origins.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("origins are a list of texts, such as ['https://api.example']"));
        }
        let origins =
            origins.try_iter()?.map(|origin| origin?.extract()).collect::<PyResult<Vec<String>>>()?;
        Ok(Self(core::ApiAccess::new(ApiOrigins::new(origins).map_err(raised)?)))
    }

    /// Whether tokens may go to this URL.
    fn allows(&self, url: &str) -> bool {
        self.0.allows(url)
    }

    /// Whether a request to this URL gets a token. Raises `MisuseError` (`authorization_present`) if it has something in
    /// its place already.
    fn admits(&self, url: &str, has_authorization: bool) -> PyResult<bool> {
        match self.0.allows(url) {
            true if has_authorization => Err(raised(Misuse::AuthorizationPresent.into())),
            allowed => Ok(allowed),
        }
    }

    /// Judges the response to a request that went out with a token.
    #[allow(clippy::needless_pass_by_value, reason = "it is made of Python's list")]
    fn judge(
        &self,
        status: u16,
        challenges: Vec<String>,
        token: &AccessToken,
        is_retry: bool,
        repeatable: bool,
    ) -> Verdict {
        let sent = AttachedRequest { token: token.native(), is_retry, repeatable };
        let (retries, invalidates, refusal) =
            match self.0.judge(status, challenges.iter().map(String::as_str), sent) {
                core::Verdict::Accepted => (false, false, None),
                core::Verdict::RefreshAndRetry => (true, true, None),
                core::Verdict::InvalidateAndPassOn(refusal) => (false, true, Some(refusal)),
                core::Verdict::PassOn(refusal) => (false, false, Some(refusal)),
            };
        Verdict { retries, invalidates, refusal: refusal.map(ApiRefusal) }
    }
}

/// What to do with an API's response.
#[pyclass(frozen, get_all, module = "grantline")]
pub(crate) struct Verdict {
    /// Send the request once more, with a fresh token.
    retries: bool,
    /// The token is not handed out again.
    invalidates: bool,
    /// What to tell the application.
    refusal: Option<ApiRefusal>,
}

/// An API refused a request that had a token. Its text says what that means.
#[pyclass(frozen, module = "grantline")]
#[derive(Clone)]
pub(crate) struct ApiRefusal(core::ApiRefusal);

#[pymethods]
impl ApiRefusal {
    /// A stable name for the reason: `api_token_invalid`, `api_token_invalid_though_new`, `api_insufficient_scope`,
    /// `api_token_not_seen`, `api_unexplained`.
    #[getter]
    fn code(&self) -> &'static str {
        self.0.code()
    }

    /// What to do about it: as of an error.
    #[getter]
    fn advice(&self) -> &'static str {
        self.0.advice().name()
    }

    /// The response's status.
    #[getter]
    fn status(&self) -> u16 {
        self.0.status
    }

    /// The scopes that the API wants (RFC 6750 section 3), where it says so. The server's word: ask for one only if it
    /// is among those that the application knows.
    #[getter]
    fn scopes(&self) -> Option<Vec<&str>> {
        Some(self.0.scopes.as_ref()?.iter().collect())
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<grantline.ApiRefusal {} {}>", self.code(), self.0.status)
    }
}
