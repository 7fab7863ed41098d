//! Waiting on a thread, without the GIL and with an eye on signals.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use grantline::Call;
use pyo3::prelude::*;

use crate::error::raised;

/// How long Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(100);

/// The outcome of a call. One that is known at once, such as a token that is fresh, costs no release of the GIL.
/// A signal handler's exception ends the wait; the call is given up then, as by any caller who goes away.
pub(crate) fn outcome<T: Send + Unpin>(py: Python<'_>, mut call: Call<T>) -> PyResult<T> {
    if let Poll::Ready(outcome) = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop())) {
        return outcome.map_err(raised);
    }
    loop {
        if let Some(outcome) = py.detach(|| call.wait_for(SLICE)) {
            return outcome.map_err(raised);
        }
        py.check_signals()?;
    }
}
