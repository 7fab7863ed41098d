//! Where the application's code runs: apart from grantline's own thread, which it may not hold up.

use std::sync::{Arc, Weak};
use std::time::Duration;

use grantline_core::{StoreFailure, StoreFailureKind};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::clock;

/// How many threads a store may hold. The process has some hundred for everything that blocks, names of hosts too: a store
/// that hangs must not take HTTP with it.
pub(super) const THREADS: usize = 64;

/// The threads of one store.
#[derive(Clone)]
pub(super) struct Threads(Arc<Semaphore>);

/// Whether somebody waits for the result.
#[derive(Clone)]
pub(super) struct Awaited(Weak<()>);

impl Awaited {
    /// To be asked before anything is written: after a time limit the question may have been put again, and answered.
    pub(super) fn still(&self) -> Result<(), StoreFailure> {
        match self.0.strong_count() {
            0 => Err(StoreFailure::new(StoreFailureKind::Unavailable, "nobody waits for it any more")),
            _ => Ok(()),
        }
    }
}

impl Threads {
    /// Does the work on a thread that it may block, as soon as one is free. If whoever asked goes away then, it goes on.
    pub(super) async fn apart<T, F>(
        &self,
        work: impl FnOnce(Awaited) -> F + Send + 'static,
    ) -> Result<T, StoreFailure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreFailure>>,
    {
        // It is never closed.
        let thread = Arc::clone(&self.0).acquire_owned().await;
        let runtime = Handle::current();
        let waiting = Arc::new(());
        let awaited = Awaited(Arc::downgrade(&waiting));
        let done = spawn_blocking(move || {
            let reply = runtime.block_on(work(awaited));
            drop(thread);
            reply
        })
        .await;
        drop(waiting);
        done.unwrap_or_else(|_| Err(StoreFailure::new(StoreFailureKind::Misbehaved, "it panicked")))
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(THREADS)))
    }
}

/// What an operation, or one call of the application's store, gives, if it comes in time.
pub(super) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, StoreFailure>>,
) -> Result<T, StoreFailure> {
    clock::within(limit, limit, answer).await.unwrap_or_else(|| {
        let detail = format!("it did not answer within {limit:?}");
        Err(StoreFailure::new(StoreFailureKind::Unavailable, detail))
    })
}
