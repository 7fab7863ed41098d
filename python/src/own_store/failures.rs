//! What goes wrong in a store of the application.
//!
//! The text of an exception is not passed on, but for a `StoreError`: a database's may quote the row that it was about.

use grantline::{StoreFailure, StoreFailureKind};
use pyo3::prelude::*;

use crate::error::class_of_fault;

const KINDS: &[StoreFailureKind] = &[
    StoreFailureKind::Unavailable,
    StoreFailureKind::Full,
    StoreFailureKind::Denied,
    StoreFailureKind::Damaged,
    StoreFailureKind::TooNew,
    StoreFailureKind::Misbehaved,
];

/// A method raised this.
pub(super) fn raised(py: Python<'_>, method: &str, error: &PyErr) -> StoreFailure {
    told(py, error).unwrap_or_else(|| {
        let class =
            error.get_type(py).qualname().map_or_else(|_| "an exception".to_owned(), |it| it.to_string());
        let place = place(py, error).unwrap_or_default();
        misbehaved(format!("{method}() raised {class}{place}"))
    })
}

/// A method answered this.
pub(super) fn wrong_answer(method: &str, answer: &Bound<'_, PyAny>, expected: &str) -> StoreFailure {
    let class =
        answer.get_type().qualname().map_or_else(|_| "something else".to_owned(), |it| it.to_string());
    misbehaved(format!("{method}() answers {expected}, and answered {class}"))
}

pub(super) fn misbehaved(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Misbehaved, detail)
}

pub(super) fn unavailable(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Unavailable, detail)
}

/// A `StoreError` says what kind of failure it is, and why.
fn told(py: Python<'_>, error: &PyErr) -> Option<StoreFailure> {
    let error = error.value(py);
    let class = class_of_fault(py, "store").ok()?;
    let code: String = match error.is_instance(&class).ok()? {
        true => error.getattr("code").ok()?.extract().ok()?,
        false => return None,
    };
    let kind = KINDS.iter().find(|kind| kind.code() == code)?;
    Some(StoreFailure::new(*kind, error.str().ok()?.to_string()))
}

/// Where it was raised: ` (store.py, line 7)`.
fn place(py: Python<'_>, error: &PyErr) -> Option<String> {
    let frames = py.import("traceback").ok()?.call_method1("extract_tb", (error.traceback(py)?, -1)).ok()?;
    let frame = frames.get_item(0).ok()?;
    let file: std::path::PathBuf = frame.getattr("filename").ok()?.extract().ok()?;
    let line: u32 = frame.getattr("lineno").ok()?.extract().ok()?;
    Some(format!(" ({}, line {line})", file.file_name()?.to_string_lossy()))
}
