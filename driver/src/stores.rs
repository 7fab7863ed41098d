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
mod settings;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
#[cfg(all(unix, any(feature = "postgres", feature = "redis")))]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod tls;

use std::collections::BTreeMap;
use std::sync::Arc;

use grantline_core::{StoreFailure, StoreFailureKind, StoreReply, StoreRequest};
use tokio::runtime::Handle;

use memory::MemoryStore;

#[cfg(feature = "redis")]
pub use self::redis::RedisOptions;
pub use application::{BlobStore, BoxFuture, SharedStore, Snapshot, Versioned};
#[cfg(feature = "postgres")]
pub use postgres::PostgresOptions;

/// A place for sessions, chosen with [`ClientBuilder::store`](crate::ClientBuilder::store). Cloning it is cheap and
/// gives the same place.
///
/// | store | who shares it | when a process is killed | when the power fails | a lease of the dead |
/// |---|---|---|---|---|
/// | [`memory`](Self::memory) | this client | all is lost | all is lost | - |
/// | [`sqlite`](Self::sqlite) | processes of one user on one machine | nothing is lost | nothing is lost (`synchronous=FULL`) | is free at once |
/// | `redis` | hosts | nothing is lost | what its `appendfsync` says | ends by itself |
/// | `postgres` | hosts | nothing is lost | what its `synchronous_commit` says | ends by itself |
/// | [`blobs`](Self::blobs) | one process, and the one after it | what the application's store says | the same | is free at once |
/// | [`shared`](Self::shared) | hosts | what the application's store says | the same | ends by itself |
///
/// Every one of them promises this, and [`store_contract`](crate::store_contract) checks it:
///
/// - **An operation is one step.** It is done or not done, and what it answers is what happened. Of many who begin to
///   refresh one session at the same moment, one is told to go on.
/// - **What is newer is never written over.** Each record has a generation, which every refresh raises; whoever comes with
///   an answer to an older one is given the newer record instead.
/// - **A lease counts by the store's clock**: a host whose clock is wrong neither holds it longer nor loses it. A process
///   that is stopped keeps it for its time, and may save a good answer even after that.
/// - **A refresh that may have been sent leaves a mark** until its outcome is known, whoever dies meanwhile.
/// - **Nothing is deleted because something is wrong.** What cannot be read is told apart from what cannot be reached
///   ([`StoreFailureKind`]), and stays.
///
/// A refresh costs a store two writes that are on the disk before they are answered: the mark before the request is
/// sent, and the new tokens before anybody gets them. Between them nothing is held: no transaction, no connection, no
/// lock. What an application ended is remembered for 90 days, so that no late answer revives it; a store that stays open
/// looks once an hour for what may be dropped (Redis drops it by itself, an application's store when it is listed).
///
/// Records leave the memory of the process in all stores but [`memory`](Self::memory), and are sealed
/// ([`ClientBuilder::sealing_keys`](crate::ClientBuilder::sealing_keys)): a store sees names, generations, marks, leases
/// and opaque bytes.
///
/// A child that forks off goes on with the same store: with a connection of its own in SQLite, Redis and PostgreSQL, with
/// the application's object as it is in [`shared`](Self::shared), with an empty memory, and not at all with
/// [`blobs`](Self::blobs), which one process uses.
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

    /// The same place for a forked child, which uses nothing of its parent's: no connection, file, thread or lock.
    fn reopen(&self) -> Result<Store, StoreFailure>;

    /// What its server is set to, see [`Store::settings`].
    fn settings(&self) -> BoxFuture<'_, Result<BTreeMap<String, String>, StoreFailure>> {
        Box::pin(std::future::ready(Ok(BTreeMap::new())))
    }
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
    StoreReply::Failed(StoreFailure::new(
        StoreFailureKind::Misbehaved,
        "this store does not know the request",
    ))
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
