//! Errors become the exceptions of `grantline.exceptions`: one class per fault, the text as it is here.

use grantline::{Advice, Error};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::json;

/// The exception for an error. The classes are Python's, since a native exception type cannot have fields of its
/// own in the stable ABI.
#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
pub(crate) fn raised(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error).unwrap_or_else(|broken| broken))
}

pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    fields.set_item(intern!(py, "message"), error.to_string())?;
    fields.set_item(intern!(py, "code"), error.code())?;
    fields.set_item(intern!(py, "advice"), error.advice().name())?;
    if let Advice::Retry { after: Some(after) } = error.advice() {
        fields.set_item(intern!(py, "retry_after"), after)?;
    }
    if let Error::Server(refusal) = error {
        fields.set_item(intern!(py, "error"), &refusal.error)?;
        fields.set_item(intern!(py, "error_description"), &refusal.description)?;
        fields.set_item(intern!(py, "error_uri"), &refusal.uri)?;
        fields.set_item(intern!(py, "status"), refusal.status)?;
        fields
            .set_item(intern!(py, "members"), json::loaded(py, &Value::Object(refusal.members.clone()))?)?;
    }
    let class = class_of_fault(py, error.fault().name())?;
    Ok(PyErr::from_value(class.call((), Some(&fields))?))
}

/// The class of a fault, by its name.
pub(crate) fn class_of_fault<'py>(py: Python<'py>, fault: &str) -> PyResult<Bound<'py, PyAny>> {
    static CLASSES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let import = || py.import("grantline.exceptions")?.getattr("BY_FAULT").map(Bound::unbind);
    CLASSES.get_or_try_init(py, import)?.bind(py).get_item(fault)
}
