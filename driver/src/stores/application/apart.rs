//! Where the application's code runs: apart from grantline's own thread, which it may not hold up.

use std::sync::{Arc, Weak};
use std::time::Duration;

use grantline_core::{StoreFailure, StoreFailureKind, StoreReply};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::clock;

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

/// Does the work on a thread that it may block. If whoever asked goes away, it goes on.
pub(super) async fn apart<F>(work: impl FnOnce(Awaited) -> F + Send + 'static) -> StoreReply
where
    F: Future<Output = StoreReply>,
{
    let runtime = Handle::current();
    let waiting = Arc::new(());
    let awaited = Awaited(Arc::downgrade(&waiting));
    let done = spawn_blocking(move || runtime.block_on(work(awaited))).await;
    drop(waiting);
    done.unwrap_or_else(|_| {
        StoreReply::Failed(StoreFailure::new(StoreFailureKind::Misbehaved, "it panicked"))
    })
}

/// The answer, if it comes in time.
pub(super) async fn within(limit: Duration, answer: impl Future<Output = StoreReply>) -> StoreReply {
    clock::within(limit, limit, answer).await.unwrap_or_else(|| {
        let detail = format!("it did not answer within {limit:?}");
        StoreReply::Failed(StoreFailure::new(StoreFailureKind::Unavailable, detail))
    })
}
