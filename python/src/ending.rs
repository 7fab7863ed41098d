//! The end of a process: what was sent is waited for, whoever sent it.
//!
//! `grantline/_ending.py` says when.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use grantline::Call;
use grantline::fork::Owned;
use pyo3::prelude::*;

use crate::{asynchronous, blocking};

/// A client that the end of the process waits for, although its last handle may be gone by then.
pub(crate) struct Lasting(grantline::Client);

/// A client that nobody holds a handle on, and that may be waiting for an answer yet.
type Left = (grantline::Client, Call<()>);

/// All clients, as far as this process has to wait for them.
///
/// The lock is taken by who holds the GIL alone, and the GIL is not released under it: so no fork finds it taken. And
/// nothing is dropped under it that could run Python code.
static CLIENTS: Mutex<Clients> = Mutex::new(Clients { held: Vec::new(), left: Owned::nothing() });

struct Clients {
    held: Vec<Weak<Lasting>>,
    left: Owned<Vec<Left>>,
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
        let end = self.0.shutdown_within(LONG);
        let mut left = clients().take_left();
        left.push((self.0.clone(), end));
        left.retain_mut(|(_, end)| end.wait_for(Duration::ZERO).is_none());
        clients().leave(left);
    }
}

impl Clients {
    fn take_left(&mut self) -> Vec<Left> {
        self.left.take().unwrap_or_default()
    }

    fn leave(&mut self, clients: Vec<Left>) {
        let mut left = self.take_left();
        left.extend(clients);
        self.left = Owned::new(left);
    }
}

fn clients() -> MutexGuard<'static, Clients> {
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner)
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
        (clients.held.clone(), clients.take_left())
    };
    let held: Vec<_> = held.iter().filter_map(Weak::upgrade).collect();
    let ends = held.iter().map(|client| client.shutdown());
    // All of them first: their limits run side by side.
    let ends: Vec<_> = ends.chain(left.iter().map(|(client, _)| client.shutdown())).collect();
    for end in ends {
        // What was given up is told to whoever waits for it.
        let _ = blocking::wait(py, end)?;
    }
    Ok(())
}
