//! Where sessions are kept.

mod application;
mod clock;
pub mod contract;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod kept;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod retention;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
#[cfg(all(unix, any(feature = "postgres", feature = "redis")))]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod tls;

use std::sync::Arc;

use grantline_core::{StoreFailure, StoreFailureKind, StoreReply, StoreRequest};
use tokio::runtime::Handle;

use memory::MemoryStore;

pub use application::{BlobStore, BoxFuture, SharedStore, Snapshot, Versioned};
#[cfg(feature = "postgres")]
pub use postgres::PostgresOptions;
#[cfg(feature = "redis")]
pub use self::redis::RedisOptions;

/// A place for sessions, chosen with [`ClientBuilder::store`](crate::ClientBuilder::store). Cloning it is cheap and
/// gives the same place.
#[derive(Clone)]
pub struct Store(Place);

#[derive(Clone)]
enum Place {
    Memory(Arc<MemoryStore>),
    Elsewhere(Arc<dyn Perform>),
}

/// A store that takes its time.
pub(crate) trait Perform: Send + Sync + 'static {
    /// One operation, atomically. It is awaited on grantline's own thread, with tokio's timers and I/O: what blocks
    /// goes to another thread. It is never cancelled, but for the end of the process, and may panic.
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply>;

    /// The same place for a forked child, with nothing of the parent's: no connection, file, thread or lock. What
    /// belongs to the parent is neither used nor closed.
    fn reopen(&self) -> Result<Store, StoreFailure>;
}

impl Store {
    /// Sessions that live as long as the client, in its memory: for tests, command lines, and whoever logs in anew
    /// at each start.
    pub fn memory() -> Self {
        Self(Place::Memory(Arc::default()))
    }

    pub(crate) fn elsewhere(store: impl Perform) -> Self {
        Self(Place::Elsewhere(Arc::new(store)))
    }

    /// Whether records leave the memory of this process, so that they have to be sealed.
    pub(crate) fn outlives_the_process(&self) -> bool {
        matches!(self.0, Place::Elsewhere(_))
    }

    /// This place for a forked child. A child has no sessions of its parent's memory: two processes would spend the
    /// same refresh tokens.
    pub(crate) fn reopen(&self) -> Result<Self, StoreFailure> {
        match &self.0 {
            Place::Memory(_) => Ok(Self::memory()),
            Place::Elsewhere(store) => store.reopen(),
        }
    }

    /// Performs one operation: at once if it takes no time, and then answers it; otherwise on `runtime`, and hands
    /// what came of it to `give`, whatever happens to the task.
    pub(crate) fn perform<G>(&self, request: StoreRequest, runtime: &Handle, give: G) -> Option<StoreReply>
    where
        G: FnOnce(StoreReply) + Send + 'static,
    {
        match &self.0 {
            Place::Memory(store) => Some(store.perform(request)),
            Place::Elsewhere(store) => {
                let store = Arc::clone(store);
                let mut owed = Owed { reply: None, give: Some(give) };
                runtime.spawn(async move {
                    owed.reply = Some(store.perform(request).await);
                    drop(owed);
                });
                None
            }
        }
    }
}

/// A reply that somebody waits for. It is given however the task ends that works on it.
struct Owed<G: FnOnce(StoreReply)> {
    reply: Option<StoreReply>,
    give: Option<G>,
}

impl<G: FnOnce(StoreReply)> Drop for Owed<G> {
    fn drop(&mut self) {
        let reply = self.reply.take().unwrap_or_else(|| {
            let detail = "it panicked, or was given up";
            StoreReply::Failed(StoreFailure::new(StoreFailureKind::Misbehaved, detail))
        });
        if let Some(give) = self.give.take() {
            give(reply);
        }
    }
}

/// Core has learned to ask what this store does not know.
fn unknown_request() -> StoreReply {
    StoreReply::Failed(StoreFailure::new(StoreFailureKind::Misbehaved, "this store does not know the request"))
}

impl Default for Store {
    fn default() -> Self {
        Self::memory()
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
