//! The end of a process: what was sent is waited for, whoever sent it.
//!
//! `grantline/_ending.py` says when.

use std::mem;
use std::ops::Deref;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use grantline::Call;
use pyo3::prelude::*;

use crate::{asynchronous, blocking};

/// A client that the end of the process waits for, although its last handle may be gone by then.
pub(crate) struct Lasting(grantline::Client);

/// All clients, as far as this process has to wait for them.
///
/// The lock is taken by who holds the GIL alone, and the GIL is not released under it: so no fork finds it taken.
static CLIENTS: Mutex<Clients> = Mutex::new(Clients { process: 0, held: Vec::new(), left: Vec::new() });

struct Clients {
    process: u32,
    /// Those that somebody holds a handle on.
    held: Vec<Weak<Lasting>>,
    /// Those that nobody does, and that may be waiting for an answer yet.
    left: Vec<(grantline::Client, Call<()>)>,
}

/// How long a client that nobody holds may go on: the engine's deadlines end everything sooner.
const LONG: Duration = Duration::from_secs(3600);

impl Lasting {
    pub(crate) fn new(_: Python<'_>, client: grantline::Client) -> Arc<Self> {
        let lasting = Arc::new(Self(client));
        let mut clients = clients();
        clients.held.retain(|client| client.strong_count() > 0);
        clients.held.push(Arc::downgrade(&lasting));
        lasting
    }
}

impl Deref for Lasting {
    type Target = grantline::Client;

    fn deref(&self) -> &grantline::Client {
        &self.0
    }
}

/// Python drops its objects with the GIL held.
impl Drop for Lasting {
    fn drop(&mut self) {
        let mut call = self.0.shutdown_within(LONG);
        if call.wait_for(Duration::ZERO).is_none() {
            let mut clients = clients();
            clients.left.retain_mut(|(_, call)| call.wait_for(Duration::ZERO).is_none());
            clients.left.push((self.0.clone(), call));
        }
    }
}

fn clients() -> MutexGuard<'static, Clients> {
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if clients.process != process::id() {
        clients.process = process::id();
        // What the parent waits for is the parent's. It is not even dropped here: its locks may be taken for ever.
        mem::forget(mem::take(&mut clients.left));
    }
    clients
}

/// Closes every client, waits for what was sent, 10 seconds at most, and then ends the thread that wakes event loops.
/// Ctrl-C ends the waiting.
#[pyfunction]
pub(crate) fn end_process(py: Python<'_>) -> PyResult<()> {
    let closed = close_all(py);
    asynchronous::stop(py);
    closed
}

fn close_all(py: Python<'_>) -> PyResult<()> {
    let (held, left) = {
        let mut clients = clients();
        (clients.held.clone(), mem::take(&mut clients.left))
    };
    let held: Vec<_> = held.iter().filter_map(Weak::upgrade).collect();
    let ends =
        held.iter().map(|client| client.shutdown()).chain(left.iter().map(|(client, _)| client.shutdown()));
    // All of them first: their limits run side by side.
    for end in ends.collect::<Vec<_>>() {
        // What was given up is told to whoever waits for it.
        let _ = blocking::wait(py, end)?;
    }
    Ok(())
}
