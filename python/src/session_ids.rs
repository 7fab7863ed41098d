//! The names of an application's sessions, one after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grantline::SessionId;
use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;

use crate::any_app::AnyApp;
use crate::ending::Lasting;
use crate::{asynchronous, blocking};

/// How many names are asked for at once.
const PAGE: u32 = 500;

/// The names of sessions, in the order of their bytes, for `for` and for `async for`. They are read from the store in
/// pages, as they are asked for; what begins or ends meanwhile may be missed.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct SessionIds {
    app: AnyApp,
    #[allow(dead_code, reason = "the end of the process waits for a client as long as somebody holds it")]
    client: Arc<Lasting>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    page: VecDeque<SessionId>,
    last: Option<SessionId>,
    was_last_page: bool,
}

impl SessionIds {
    pub(crate) fn new(app: &AnyApp, client: &Arc<Lasting>) -> Self {
        Self { app: app.clone(), client: Arc::clone(client), progress: Mutex::default() }
    }

    /// The next name of the page in hand. Without one: `Err` asks for the page after that name.
    fn in_hand(&self) -> Result<Option<String>, Option<SessionId>> {
        let mut progress = self.progress();
        match progress.page.pop_front() {
            Some(id) => Ok(Some(progress.last.insert(id).to_string())),
            None if progress.was_last_page => Ok(None),
            None => Err(progress.last.clone()),
        }
    }

    fn take(&self, page: Vec<SessionId>) {
        let mut progress = self.progress();
        progress.was_last_page = u32::try_from(page.len()).is_ok_and(|length| length < PAGE);
        progress.page = page.into();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl SessionIds {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        loop {
            match self.in_hand() {
                Ok(id) => return Ok(id),
                Err(after) => self.take(blocking::outcome(py, self.app.sessions(after.as_ref(), PAGE))?),
            }
        }
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.call_method0("_next_async")
    }

    /// PyO3 makes no coroutine of `__anext__` itself.
    async fn _next_async(&self) -> PyResult<String> {
        loop {
            match self.in_hand() {
                Ok(id) => return id.ok_or_else(|| PyStopAsyncIteration::new_err(())),
                Err(after) => {
                    self.take(asynchronous::outcome(self.app.sessions(after.as_ref(), PAGE)).await?);
                }
            }
        }
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.SessionIds>"
    }
}
