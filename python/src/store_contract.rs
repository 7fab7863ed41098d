//! The contract that is published for stores.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use grantline::store_contract::{Contract, Report};
use pyo3::exceptions::{PyAssertionError, PyRuntimeError};
use pyo3::prelude::*;

use crate::store::Store;

/// How long Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(100);

/// Opens the stores to check, and remembers what the application raised instead of opening one.
struct Opener {
    open: Py<PyAny>,
    raised: Mutex<Option<PyErr>>,
}

impl Opener {
    fn try_open(&self, py: Python<'_>) -> PyResult<(grantline::Store, bool)> {
        let store = self.open.call0(py)?.into_bound(py).cast_into::<Store>()?;
        Ok((store.get().in_this_process(py)?, store.get().is_shared()))
    }

    /// Any store will do once something was raised: the check is void.
    fn open(&self) -> grantline::Store {
        Python::attach(|py| match self.try_open(py) {
            Ok((store, _)) => store,
            Err(error) => {
                self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                grantline::Store::memory()
            }
        })
    }
}

/// Checks a store against the contract, and gives the number of rules that it kept. `grantline.testing` documents it.
#[pyfunction]
pub(crate) fn check_store(py: Python<'_>, open: Py<PyAny>) -> PyResult<usize> {
    let opener = Arc::new(Opener { open, raised: Mutex::new(None) });
    let (_, is_shared) = opener.try_open(py)?;
    let report = check(py, &opener, is_shared)?;
    if let Some(error) = opener.raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    match report.broken().is_empty() {
        true => Ok(report.kept()),
        false => Err(PyAssertionError::new_err(report.to_string())),
    }
}

/// On a thread of its own, so that signals are seen meanwhile.
fn check(py: Python<'_>, opener: &Arc<Opener>, is_shared: bool) -> PyResult<Report> {
    let opener = Arc::clone(opener);
    let contract = match is_shared {
        true => Contract::shared(move || opener.open()),
        false => Contract::one_process(move || opener.open()),
    };
    let (give, mut report) = channel();
    // Whoever waits for it may have been interrupted.
    thread::spawn(move || give.send(futures_executor::block_on(contract.check())));
    loop {
        let report = &mut report;
        match py.detach(move || report.recv_timeout(SLICE)) {
            Ok(report) => return Ok(report),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Err(PyRuntimeError::new_err("the check panicked")),
        }
    }
}
