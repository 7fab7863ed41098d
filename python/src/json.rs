//! JSON, as Python has it.

use pyo3::prelude::*;
use serde_json::Value;

/// What `json.loads` makes of it.
pub(crate) fn loaded<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (value.to_string(),))
}
