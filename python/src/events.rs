//! What happens to grants while nobody asks.

use std::sync::Arc;
use std::time::Instant;

use grantline::core::{EndReason, Event as NativeEvent, Subject};
use grantline::{Error, Generation, Notice, StoreFailure};
use pyo3::exceptions::{PyStopAsyncIteration, PyTimeoutError};
use pyo3::prelude::*;

use crate::arguments::Span;
use crate::ending::Lasting;
use crate::error::exception;
use crate::service::TenantChoice;
use crate::{asynchronous, blocking};

/// The events of a client, for `for` and for `async for`, until it is closed. Several listeners each get every event;
/// one that is slow holds up nobody, and is told how many it missed.
///
/// A thread that listens keeps the process from ending by itself: make it a daemon, or close the client.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Events {
    events: grantline::Events,
    #[allow(dead_code, reason = "the end of the process waits for a client as long as somebody holds it")]
    client: Arc<Lasting>,
}

impl Events {
    pub(crate) fn of(client: &Arc<Lasting>) -> Self {
        Self { events: client.events(), client: Arc::clone(client) }
    }
}

#[pymethods]
impl Events {
    /// The next event; `None` when there will be no more, since the client was closed.
    ///
    /// `timeout`: how long to wait at most, as a `timedelta` or in seconds. Raises `TimeoutError` when that is over;
    /// nothing is lost by it.
    #[pyo3(signature = (*, timeout=None))]
    fn get(&self, py: Python<'_>, timeout: Option<Span>) -> PyResult<Option<Event>> {
        let limit = timeout.and_then(|Span(limit)| Instant::now().checked_add(limit));
        let next = blocking::wait_until(py, self.events.next(), limit)?;
        let notice = next.ok_or_else(|| PyTimeoutError::new_err("nothing happened in time"))?;
        notice.ok().flatten().map(|notice| Event::of(py, notice)).transpose()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        self.get(py, None)
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.call_method0("_next_async")
    }

    /// PyO3 makes no coroutine of `__anext__` itself.
    async fn _next_async(&self) -> PyResult<Event> {
        let notice = asynchronous::outcome(self.events.next()).await?;
        let notice = notice.ok_or_else(|| PyStopAsyncIteration::new_err(()))?;
        Python::attach(|py| Event::of(py, notice))
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.Events>"
    }
}

/// Something that happened to a grant. It holds no secret.
#[pyclass(frozen, get_all, module = "grantline")]
#[derive(Default)]
pub(crate) struct Event {
    /// What happened. `refreshed`: there are new tokens; a session's are saved. `not_saved`: there are, and the store
    /// did not take them; they are handed out, and saving is tried again. `saved_late`: they are saved now.
    /// `refresh_failed`: there are none; the grant is kept. `answer_discarded`: a refresh was answered for another user,
    /// client or login, and nothing of the answer was kept. `session_ended`: a session is over. `store_trouble`: the
    /// store failed at something else; nothing was deleted. `missed`: this listener was too slow for some.
    name: String,
    /// The provider, of whose grant it is.
    issuer: Option<String>,
    /// The application, of whose grant it is.
    client_id: Option<String>,
    /// The session, if it is one's.
    session_id: Option<String>,
    /// Whose data a service token is for, if it is one's.
    tenant: Option<Py<TenantChoice>>,
    /// Which rotation of the grant the new tokens are.
    generation: Option<u64>,
    /// What went wrong, as the exception that a caller gets.
    error: Option<Py<PyAny>>,
    /// Why a session ended: `refused_by_server`, `refresh_outcome_unknown`, `ended_by_application`.
    reason: Option<&'static str>,
    /// The server's own word for that.
    server_error: Option<String>,
    /// How many events were missed.
    missed: Option<u64>,
}

impl Event {
    fn of(py: Python<'_>, notice: Notice) -> PyResult<Self> {
        match notice {
            Notice::Missed(count) => {
                Ok(Self { name: "missed".to_owned(), missed: Some(count), ..Self::default() })
            }
            Notice::Event(event) => Self { name: event.name().to_owned(), ..Self::default() }.with(py, event),
        }
    }

    fn with(self, py: Python<'_>, event: NativeEvent) -> PyResult<Self> {
        match event {
            NativeEvent::Refreshed { subject, generation }
            | NativeEvent::SavedLate { subject, generation } => {
                Ok(self.about(py, subject)?.rotated(generation))
            }
            NativeEvent::NotSaved { subject, generation, failure } => {
                self.about(py, subject)?.rotated(generation).because_of_the_store(py, failure)
            }
            NativeEvent::RefreshFailed { subject, error }
            | NativeEvent::AnswerDiscarded { subject, error } => self.about(py, subject)?.because(py, &error),
            NativeEvent::StoreTrouble { subject, failure } => {
                self.about(py, subject)?.because_of_the_store(py, failure)
            }
            NativeEvent::SessionEnded { key, why } => {
                self.about(py, Subject::Session(key)).map(|it| it.ended(why))
            }
            _ => Ok(self),
        }
    }

    fn about(self, py: Python<'_>, subject: Subject) -> PyResult<Self> {
        Ok(match subject {
            Subject::Session(key) => Self {
                issuer: Some(key.issuer),
                client_id: Some(key.client_id),
                session_id: Some(key.session.to_string()),
                ..self
            },
            Subject::Service { issuer, client_id, tenant } => Self {
                issuer: Some(issuer),
                client_id: Some(client_id),
                tenant: Some(Py::new(py, TenantChoice::new(tenant))?),
                ..self
            },
            _ => self,
        })
    }

    fn rotated(self, generation: Generation) -> Self {
        Self { generation: Some(generation.0), ..self }
    }

    fn because(self, py: Python<'_>, error: &Error) -> PyResult<Self> {
        let error = exception(py, error)?.into_value(py).into_any();
        Ok(Self { error: Some(error), ..self })
    }

    fn because_of_the_store(self, py: Python<'_>, failure: StoreFailure) -> PyResult<Self> {
        self.because(py, &Error::Store(failure))
    }

    fn ended(self, why: EndReason) -> Self {
        let reason = Some(why.name());
        let server_error = match why {
            EndReason::RefusedByServer { error } => Some(error),
            _ => None,
        };
        Self { reason, server_error, ..self }
    }
}

#[pymethods]
impl Event {
    fn __repr__(&self) -> String {
        let of = match (&self.session_id, &self.client_id) {
            (Some(session), _) => format!(" session_id={session:?}"),
            (None, Some(client)) => format!(" client_id={client:?}"),
            (None, None) => String::new(),
        };
        format!("<grantline.Event {}{of}>", self.name)
    }
}
