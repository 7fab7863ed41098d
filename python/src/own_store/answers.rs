//! What the methods of a store may answer.

use std::time::Duration;

use grantline::{Millis, SecretBytes, Snapshot, Versioned};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBoolMethods, PyByteArray, PyBytes, PyMemoryView, PyString};

/// What a method has to answer, and how it is read.
pub(super) struct Expected<T> {
    /// For a message: "... and not ...".
    pub(super) words: &'static str,
    /// The outer error is the application's: an iterator may raise.
    pub(super) read: fn(&Bound<'_, PyAny>) -> PyResult<Result<T, Nonsense>>,
}

/// Anything else.
pub(super) struct Nonsense;

pub(super) const ANYTHING: Expected<()> = Expected { words: "anything", read: |_| Ok(Ok(())) };

pub(super) const YES_OR_NO: Expected<bool> = Expected {
    words: "True or False",
    read: |answer| Ok(answer.cast::<PyBool>().map(PyBoolMethods::is_true).map_err(|_| Nonsense)),
};

pub(super) const PERHAPS_BYTES: Expected<Option<SecretBytes>> =
    Expected { words: "bytes or None", read: perhaps_bytes };

pub(super) const NAMES: Expected<Vec<String>> = Expected { words: "an iterable of texts", read: names };

pub(super) const SNAPSHOT: Expected<Snapshot> =
    Expected { words: "a Snapshot of a clock in seconds, a version and bytes", read: snapshot };

/// Database drivers have all of these.
fn perhaps_bytes(answer: &Bound<'_, PyAny>) -> PyResult<Result<Option<SecretBytes>, Nonsense>> {
    if answer.is_none() {
        return Ok(Ok(None));
    }
    if answer.is_instance_of::<PyMemoryView>() {
        return perhaps_bytes(&answer.call_method0("tobytes")?);
    }
    let bytes = match (answer.cast::<PyBytes>(), answer.cast::<PyByteArray>()) {
        (Ok(bytes), _) => bytes.as_bytes().to_vec(),
        (_, Ok(bytes)) => bytes.to_vec(),
        _ => return Ok(Err(Nonsense)),
    };
    Ok(Ok(Some(SecretBytes::new(bytes))))
}

/// A text is iterable too, letter by letter.
fn names(answer: &Bound<'_, PyAny>) -> PyResult<Result<Vec<String>, Nonsense>> {
    if answer.is_instance_of::<PyString>() || !answer.hasattr("__iter__")? {
        return Ok(Err(Nonsense));
    }
    let mut names = Vec::new();
    for name in answer.try_iter()? {
        match name?.cast::<PyString>().ok().and_then(|name| name.extract().ok()) {
            Some(name) => names.push(name),
            None => return Ok(Err(Nonsense)),
        }
    }
    Ok(Ok(names))
}

fn snapshot(answer: &Bound<'_, PyAny>) -> PyResult<Result<Snapshot, Nonsense>> {
    let Ok((clock, version, bytes)) = answer.extract::<(f64, Option<String>, Bound<'_, PyAny>)>() else {
        return Ok(Err(Nonsense));
    };
    let clock = Duration::try_from_secs_f64(clock).ok().and_then(|it| u64::try_from(it.as_millis()).ok());
    Ok(match (clock.map(Millis), version, perhaps_bytes(&bytes)?) {
        (Some(clock), None, Ok(None)) => Ok(Snapshot { clock, kept: None }),
        (Some(clock), Some(version), Ok(Some(bytes))) => {
            Ok(Snapshot { clock, kept: Some(Versioned { version, bytes }) })
        }
        _ => Err(Nonsense),
    })
}
