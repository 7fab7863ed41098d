//! What can be known of a token: from its server, or by looking into it.

use std::time::SystemTime;

use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::json;
use crate::token::moment;

/// What the provider knows of a token (RFC 7662 section 2.2). It prints no member.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Introspection(pub(crate) grantline::Introspection);

#[pymethods]
impl Introspection {
    /// Whether the token is good now. If it is not, nothing else is known of it.
    #[getter]
    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    /// The user, or whoever else granted it (`sub`).
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.0.subject()
    }

    /// The client that it was issued to.
    #[getter]
    fn client_id(&self) -> Option<&str> {
        self.0.client_id()
    }

    /// Its scopes; `None` where the server named none.
    #[getter]
    fn scopes(&self) -> Option<Vec<String>> {
        Some(self.0.scopes()?.iter().map(str::to_owned).collect())
    }

    /// When it stops being good, in UTC; `None` where the server did not say.
    #[getter]
    fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at().map(moment)
    }

    /// Any member, as `json.loads` gives it; `None` where it is not there.
    fn member<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.member(name).map(|value| json::loaded(py, value)).transpose()
    }

    /// All members, as a new dictionary.
    #[getter]
    fn members<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.0.members().clone()))
    }

    fn __repr__(&self) -> &'static str {
        if self.0.is_active() {
            "<grantline.Introspection active (redacted)>"
        } else {
            "<grantline.Introspection inactive>"
        }
    }
}

/// What stands in a JSON Web Token. **Nobody has verified it**: anybody may have written it. It prints nothing of that.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Inspection {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

#[pymethods]
impl Inspection {
    /// The header, as a new dictionary.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.header.clone()))
    }

    /// The claims, as a new dictionary.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.claims.clone()))
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Inspection (redacted)>"
    }
}

/// Looks into a token, for a person: it decides nothing, since an access token is the API's business (RFC 9068 section 6),
/// and verifies nothing. `None`: the token is opaque, and only its server knows what it means.
///
/// >>> from grantline import inspect
/// >>> inspect("3f5e0c")
/// >>> inspect("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2ln").claims
/// {'sub': 'anna'}
#[pyfunction]
pub(crate) fn inspect(token: &str) -> Option<Inspection> {
    match grantline::inspect(token) {
        grantline::Inspection::Jwt { header, claims } => Some(Inspection { header, claims }),
        grantline::Inspection::Opaque => None,
    }
}
