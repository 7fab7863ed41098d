//! What a provider says of a user.

use pyo3::prelude::*;
use serde_json::Value;

use crate::json;

/// What the provider says of a user (OpenID Connect Core section 5.3). It prints no other claim than the subject.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct UserInfo(pub(crate) grantline::UserInfo);

#[pymethods]
impl UserInfo {
    /// The user, by the name that the ID token has as well (`sub`).
    #[getter]
    fn subject(&self) -> &str {
        self.0.subject()
    }

    /// A claim, as `json.loads` gives it; `None` where it is not there. Text in it is the user's: escape it.
    fn claim<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.claim(name).map(|value| json::loaded(py, value)).transpose()
    }

    /// All claims, as a new dictionary.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.0.claims().clone()))
    }

    fn __repr__(&self) -> String {
        format!("<grantline.UserInfo subject={:?} (redacted)>", self.0.subject())
    }
}
