//! A shared store of the application.

use std::sync::Arc;

use grantline::core::StoreFailure;
use grantline::store_contract::Contract;
use grantline::{BoxFuture, SecretBytes, Snapshot};

use super::Store;
use super::answers::{Answer, Asker, Questions, StoreReply, StoredBytes, queue};

/// A store, and the work that the application does for it.
#[derive(Debug, uniffi::Record)]
pub struct SharedStore {
    /// For clients.
    pub store: Arc<Store>,
    /// For the loop.
    pub work: Arc<SharedWorkQueue>,
}

/// A store that processes share, whose bytes the application keeps.
#[uniffi::export]
pub fn shared_store() -> SharedStore {
    let (asker, questions) = queue();
    let shared = Shared(asker);
    let store = Store::new(grantline::Store::shared(shared.clone()), move || {
        let shared = shared.clone();
        Contract::shared(move || grantline::Store::shared(shared.clone()))
    });
    SharedStore { store: Arc::new(store), work: Arc::new(SharedWorkQueue(questions)) }
}

/// What a shared store has to do.
#[derive(Debug, uniffi::Object)]
pub struct SharedWorkQueue(Questions<SharedWork>);

#[uniffi::export]
impl SharedWorkQueue {
    /// The next thing; none when no client has the store any more.
    pub async fn next(&self) -> Option<SharedWork> {
        self.0.next().await
    }
}

/// One thing for a shared store to do. Who drops it without an answer has failed.
#[derive(Debug, uniffi::Enum)]
pub enum SharedWork {
    /// What is there, and the store's clock: `reply.loaded_version` or `reply.loaded_nothing`.
    Load {
        /// Under which name.
        name: String,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// Keep the bytes if what is there is still of that version: `reply.decided`.
    Replace {
        /// Under which name.
        name: String,
        /// The version that was read; none: nothing was there.
        expected: Option<String>,
        /// What to keep.
        bytes: Arc<StoredBytes>,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// Remove what is there if it is still of that version: `reply.decided`.
    Delete {
        /// Under which name.
        name: String,
        /// The version that was read.
        expected: String,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// The first names that begin so and come after that one, in the order of their bytes: `reply.listed`.
    List {
        /// How they begin.
        prefix: String,
        /// The last one of the page before.
        after: Option<String>,
        /// How many at most.
        limit: u32,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
}

#[derive(Clone)]
struct Shared(Asker<SharedWork>);

impl grantline::SharedStore for Shared {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Snapshot, StoreFailure>> {
        let name = name.to_owned();
        Box::pin(self.0.ask(|reply| SharedWork::Load { name, reply }, Answer::snapshot))
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a str>,
        bytes: SecretBytes,
    ) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        let (name, bytes) = (name.to_owned(), StoredBytes::new(bytes));
        let expected = expected.map(str::to_owned);
        Box::pin(self.0.ask(|reply| SharedWork::Replace { name, expected, bytes, reply }, Answer::decision))
    }

    fn delete<'a>(&'a self, name: &'a str, expected: &'a str) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        let (name, expected) = (name.to_owned(), expected.to_owned());
        Box::pin(self.0.ask(|reply| SharedWork::Delete { name, expected, reply }, Answer::decision))
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        Box::pin(self.0.ask(move |reply| SharedWork::List { prefix, after, limit, reply }, Answer::names))
    }
}
