//! A blob store of the application.

use std::sync::Arc;

use grantline::core::StoreFailure;
use grantline::store_contract::Contract;
use grantline::{BoxFuture, SecretBytes};

use super::Store;
use super::answers::{Answer, Asker, Questions, StoreReply, StoredBytes, queue};

/// A store, and the work that the application does for it.
#[derive(Debug, uniffi::Record)]
pub struct BlobStore {
    /// For clients.
    pub store: Arc<Store>,
    /// For the loop.
    pub work: Arc<BlobWorkQueue>,
}

/// A store for one process, whose bytes the application keeps.
#[uniffi::export]
pub fn blob_store() -> BlobStore {
    let (asker, questions) = queue();
    let blobs = Blobs(asker);
    let store = Store::new(grantline::Store::blobs(blobs.clone()), move || {
        let blobs = blobs.clone();
        Contract::one_process(move || grantline::Store::blobs(blobs.clone()))
    });
    BlobStore { store: Arc::new(store), work: Arc::new(BlobWorkQueue(questions)) }
}

/// What a blob store has to do.
#[derive(Debug, uniffi::Object)]
pub struct BlobWorkQueue(Questions<BlobWork>);

#[uniffi::export]
impl BlobWorkQueue {
    /// The next thing; none when no client has the store any more.
    pub async fn next(&self) -> Option<BlobWork> {
        self.0.next().await
    }
}

/// One thing for a blob store to do. Who drops it without an answer has failed.
#[derive(Debug, uniffi::Enum)]
pub enum BlobWork {
    /// What was saved last under that name: `reply.loaded`.
    Load {
        /// Under which name.
        name: String,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// Keep the bytes in the place of what was there: `reply.done`.
    Save {
        /// Under which name.
        name: String,
        /// What to keep.
        bytes: Arc<StoredBytes>,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// Remove what is there, if anything: `reply.done`.
    Delete {
        /// Under which name.
        name: String,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
    /// All names that begin so: `reply.listed`.
    List {
        /// How they begin.
        prefix: String,
        /// Takes the answer.
        reply: Arc<StoreReply>,
    },
}

#[derive(Clone)]
struct Blobs(Asker<BlobWork>);

impl grantline::BlobStore for Blobs {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<SecretBytes>, StoreFailure>> {
        let name = name.to_owned();
        Box::pin(self.0.ask(|reply| BlobWork::Load { name, reply }, Answer::bytes))
    }

    fn save<'a>(&'a self, name: &'a str, bytes: SecretBytes) -> BoxFuture<'a, Result<(), StoreFailure>> {
        let (name, bytes) = (name.to_owned(), StoredBytes::new(bytes));
        Box::pin(self.0.ask(|reply| BlobWork::Save { name, bytes, reply }, Answer::done))
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), StoreFailure>> {
        let name = name.to_owned();
        Box::pin(self.0.ask(|reply| BlobWork::Delete { name, reply }, Answer::done))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
        let prefix = prefix.to_owned();
        Box::pin(self.0.ask(|reply| BlobWork::List { prefix, reply }, Answer::names))
    }
}
