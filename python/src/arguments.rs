//! What Python callers may hand over in more than one form.

use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyMapping, PyString};

use crate::error::raised;
use crate::token::Scopes;

/// A `timedelta`, or seconds.
#[derive(Clone, Copy)]
pub(crate) struct Span(pub(crate) Duration);

impl<'py> FromPyObject<'_, 'py> for Span {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyDelta>() {
            return object.extract().map(Self);
        }
        let seconds: f64 = object
            .extract()
            .map_err(|_| PyTypeError::new_err("a duration is a timedelta or a number of seconds"))?;
        Duration::try_from_secs_f64(seconds)
            .map(Self)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// A list of scopes, or `Scopes.all_allowed()`.
pub(crate) struct ScopesArgument(pub(crate) grantline::Scopes);

impl<'py> FromPyObject<'_, 'py> for ScopesArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(scopes) = object.cast::<Scopes>() {
            return Ok(Self(scopes.get().0.clone()));
        }
        // A text is iterable too, letter by letter.
        if object.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("scopes are a list of texts, such as ['openid', 'profile']"));
        }
        let scopes = object.try_iter()?.map(|scope| scope?.extract()).collect::<PyResult<Vec<String>>>()?;
        grantline::Scopes::list(scopes).map(Self).map_err(raised)
    }
}

/// A text, or several.
#[derive(FromPyObject)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// Further parameters: a mapping, or pairs.
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl<'py> FromPyObject<'_, 'py> for Parameters {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<PyMapping>() {
            Ok(mapping) => mapping.items()?.extract().map(Self),
            Err(_) => object.extract().map(Self),
        }
    }
}

/// A word of a fixed vocabulary: another one is a `ValueError`, as usual in Python.
pub(crate) fn word<T: Copy>(parameter: &str, given: &str, known: &[(&str, T)]) -> PyResult<T> {
    known.iter().find(|(name, _)| *name == given).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("{parameter} is one of {known:?}, not {given:?}"))
    })
}
