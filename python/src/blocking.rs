//! Waiting on a thread, without the GIL and with an eye on signals.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use grantline::{Call, Error};
use pyo3::prelude::*;

use crate::error::raised;

/// How long Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(100);

/// The outcome of a call.
pub(crate) fn outcome<T: Send + Unpin>(py: Python<'_>, call: Call<T>) -> PyResult<T> {
    wait(py, call)?.map_err(raised)
}

/// Waits for a call. One that is known at once, such as a token that is fresh, costs no release of the GIL.
///
/// Errors: a signal handler's exception ends the wait; the call is given up then, as by any caller who goes away.
pub(crate) fn wait<T: Send + Unpin>(py: Python<'_>, mut call: Call<T>) -> PyResult<Result<T, Error>> {
    if let Poll::Ready(outcome) = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop())) {
        return Ok(outcome);
    }
    loop {
        if let Some(outcome) = slice(py, &mut call, SLICE)? {
            return Ok(outcome);
        }
    }
}

/// As [`wait`], until that moment at most; `None` if it is not over by then.
pub(crate) fn wait_until<T: Send + Unpin>(
    py: Python<'_>,
    mut call: Call<T>,
    limit: Option<Instant>,
) -> PyResult<Option<Result<T, Error>>> {
    let Some(limit) = limit else { return wait(py, call).map(Some) };
    loop {
        let left = limit.saturating_duration_since(Instant::now());
        let outcome = slice(py, &mut call, left.min(SLICE))?;
        if outcome.is_some() || left.is_zero() {
            return Ok(outcome);
        }
    }
}

fn slice<T: Send + Unpin>(
    py: Python<'_>,
    call: &mut Call<T>,
    length: Duration,
) -> PyResult<Option<Result<T, Error>>> {
    let outcome = py.detach(|| call.wait_for(length));
    if outcome.is_none() {
        py.check_signals()?;
    }
    Ok(outcome)
}
