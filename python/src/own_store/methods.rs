//! Calling the methods of a store, sync and async ones.
//!
//! The driver calls them on threads that may block, so a sync method just runs there, and the GIL is taken for the call
//! alone. An awaitable that it answers is awaited on the event loop that ran where the store was made.

use std::sync::{Mutex, PoisonError};

use futures_channel::oneshot;
use grantline::fork::Owned;
use grantline::{StoreFailure, StoreFailureKind};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

use super::answers::{Expected, Nonsense};
use super::failures;

/// The application's object.
pub(crate) struct Methods {
    object: Py<PyAny>,
    /// It runs in the process that this was made in.
    event_loop: Option<Owned<Py<PyAny>>>,
}

/// The answer of a method.
enum Answer<T> {
    Known(T),
    Awaited(oneshot::Receiver<Result<T, StoreFailure>>),
}

impl Methods {
    /// Errors: `TypeError` if it lacks a method; `RuntimeError` if one is async and no event loop runs here.
    pub(crate) fn of(object: &Bound<'_, PyAny>, names: &[&str]) -> PyResult<Self> {
        let py = object.py();
        let running = py.import("asyncio")?.call_method0("get_running_loop");
        let is_async = py.import("inspect")?.getattr("iscoroutinefunction")?;
        for name in names {
            let method = object.getattr(*name).ok().filter(Bound::is_callable).ok_or_else(|| {
                PyTypeError::new_err(format!(
                    "a store of this kind has the methods {names:?}, and this one has no {name}()"
                ))
            })?;
            if running.is_err() && is_async.call1((method,))?.is_truthy()? {
                let problem = format!("{name}() is async: make the Store where its event loop runs");
                return Err(PyRuntimeError::new_err(problem));
            }
        }
        let event_loop = running.ok().map(|event_loop| Owned::new(event_loop.unbind()));
        Ok(Self { object: object.clone().unbind(), event_loop })
    }

    pub(super) async fn ask<A, T>(
        &self,
        method: &'static str,
        arguments: A,
        expected: Expected<T>,
    ) -> Result<T, StoreFailure>
    where
        A: for<'py> PyCallArgs<'py> + Send,
        T: Send + 'static,
    {
        match self.call(method, arguments, expected)? {
            Answer::Known(answer) => Ok(answer),
            Answer::Awaited(answer) => match answer.await {
                Ok(answer) => answer,
                Err(_) => Err(failures::unavailable(format!("the event loop of {method}() has ended"))),
            },
        }
    }

    fn call<A, T>(
        &self,
        method: &'static str,
        arguments: A,
        expected: Expected<T>,
    ) -> Result<Answer<T>, StoreFailure>
    where
        A: for<'py> PyCallArgs<'py>,
        T: Send + 'static,
    {
        let answered = Python::try_attach(|py| {
            let answer = self.object.bind(py).call_method1(method, arguments);
            let answer = answer.map_err(|error| failures::raised(py, method, &error))?;
            if is_awaitable(&answer).map_err(|error| failures::raised(py, method, &error))? {
                return self.begin(&answer, method, expected).map(Answer::Awaited);
            }
            read(&answer, method, &expected).map(Answer::Known)
        });
        answered.unwrap_or_else(|| Err(failures::unavailable("the interpreter is about to end")))
    }

    /// Has the event loop await it.
    fn begin<T: Send + 'static>(
        &self,
        awaitable: &Bound<'_, PyAny>,
        method: &'static str,
        expected: Expected<T>,
    ) -> Result<oneshot::Receiver<Result<T, StoreFailure>>, StoreFailure> {
        let (give, answer) = oneshot::channel();
        let begun = self.running_loop(awaitable.py(), method).and_then(|event_loop| {
            let begun = begin_on(event_loop, awaitable, done(give, method, expected));
            begun.map_err(|error| failures::raised(awaitable.py(), method, &error))
        });
        if begun.is_err() {
            // A coroutine that nobody runs complains. What is none has nothing to close.
            let _ = awaitable.call_method0("close");
        }
        begun.map(|()| answer)
    }

    fn running_loop<'py>(&self, py: Python<'py>, method: &str) -> Result<&Bound<'py, PyAny>, StoreFailure> {
        let Some(event_loop) = &self.event_loop else {
            return Err(failures::misbehaved(format!(
                "{method}() is async, and the Store was made where no event loop ran"
            )));
        };
        let Some(event_loop) = event_loop.get() else {
            let detail = "its methods are async, and their event loop is the parent's of this process: make a Store here";
            return Err(StoreFailure::new(StoreFailureKind::Denied, detail));
        };
        let event_loop = event_loop.bind(py);
        match event_loop.call_method0("is_running").and_then(|running| running.is_truthy()) {
            Ok(true) => Ok(event_loop),
            _ => Err(failures::unavailable(format!("the event loop of {method}() does not run"))),
        }
    }
}

/// A coroutine of a generator has no `__await__`.
fn is_awaitable(answer: &Bound<'_, PyAny>) -> PyResult<bool> {
    answer.py().import("inspect")?.call_method1("isawaitable", (answer,))?.is_truthy()
}

fn begin_on(event_loop: &Bound<'_, PyAny>, awaitable: &Bound<'_, PyAny>, done: Done) -> PyResult<()> {
    let py = event_loop.py();
    let coroutine = py.import("grantline._awaiting")?.call_method1("awaited", (awaitable,))?;
    let future = py
        .import("asyncio")?
        .call_method1("run_coroutine_threadsafe", (&coroutine, event_loop))
        // The loop may have been closed this moment, and a coroutine that nobody runs complains.
        .inspect_err(|_| drop(coroutine.call_method0("close")))?;
    future.call_method1("add_done_callback", (PyCFunction::new_closure(py, None, None, done)?,))?;
    Ok(())
}

type Done = Box<dyn Fn(&Bound<'_, PyTuple>, Option<&Bound<'_, PyDict>>) -> PyResult<()> + Send + Sync>;

/// What a future calls at its end, in its loop's thread. If it never does, the answer's receiver hears of that too.
fn done<T: Send + 'static>(
    give: oneshot::Sender<Result<T, StoreFailure>>,
    method: &'static str,
    expected: Expected<T>,
) -> Done {
    let give = Mutex::new(Some(give));
    Box::new(move |arguments, _| {
        let future = arguments.get_item(0)?;
        if let Some(give) = give.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever asked may have given up.
            let _ = give.send(outcome(&future, method, &expected));
        }
        Ok(())
    })
}

fn outcome<T>(future: &Bound<'_, PyAny>, method: &str, expected: &Expected<T>) -> Result<T, StoreFailure> {
    let py = future.py();
    let cancelled = future.call_method0("cancelled").and_then(|cancelled| cancelled.is_truthy());
    if cancelled.unwrap_or(false) {
        return Err(failures::unavailable(format!("{method}() was cancelled")));
    }
    let answer = future.call_method0("result").map_err(|error| failures::raised(py, method, &error))?;
    read(&answer, method, expected)
}

fn read<T>(answer: &Bound<'_, PyAny>, method: &str, expected: &Expected<T>) -> Result<T, StoreFailure> {
    match (expected.read)(answer) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Nonsense)) => Err(failures::wrong_answer(method, answer, expected.words)),
        Err(error) => Err(failures::raised(answer.py(), method, &error)),
    }
}
