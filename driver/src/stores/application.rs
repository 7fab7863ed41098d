//! Stores that an application brings: what is asked of them, and what makes a store of sessions out of it.
//!
//! The rules of the session protocol stay here; see [`Row::perform`](grantline_core::Row::perform). An application's
//! store keeps bytes under names.

mod apart;
mod blobs;
mod envelope;
mod names;
mod scans;
mod shared;
mod sweeps;
#[cfg(test)]
mod tests;
mod turns;

use std::pin::Pin;
use std::time::Duration;

use grantline_core::{Millis, SecretBytes, StoreFailure};

use super::Store;
use super::clock::StoreClock;
use blobs::Blobs;
use shared::Shared;

/// What a method of an application's store gives: `Box::pin(async move { ... })`. It may block its thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How long one operation may take, with all the calls of the application's store that it needs; and each call of a list.
const LIMIT: Duration = Duration::from_secs(5);

/// A place for bytes that **one process** uses at a time: a keychain, a file of the application, a map.
///
/// Names hold lower-case letters, digits and `. - ~ +`, at most 2 KiB of them, and differ by more than case. Bytes are
/// whatever was saved, at most 2 MiB in practice. Calls for the same name come one after the other, others at the same
/// time, 64 at most. A call may block; after 5 seconds nobody waits for it any more, and nothing else is asked under its
/// name until it comes back. A panic is a failure.
///
/// To list sessions every record of the registration is loaded. Where that takes longer than 5 seconds it is
/// `Unavailable`, and goes on: who asks again is given what was found, until half a minute after its end. Logins that
/// wait and service tokens are listed, too: when one is stored, once an hour, those that are over are deleted.
///
/// What it keeps has to outlive the process, unless sessions may end with it. There must be one [`Store`] for it, which
/// is cloned where it is needed: leases are in the memory of that store.
///
/// Failures are told by their kind: `Denied` for a locked keychain, `Full`, `Unavailable` for what passes by itself.
/// None of them makes grantline delete anything. [`store_contract`](crate::store_contract) checks the rest.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use grantline::store_contract::Contract;
/// use grantline::{BlobStore, BoxFuture, SecretBytes, Store, StoreFailure};
///
/// #[derive(Default)]
/// struct Vault(Mutex<BTreeMap<String, SecretBytes>>);
///
/// impl BlobStore for Vault {
///     fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<SecretBytes>, StoreFailure>> {
///         Box::pin(async move { Ok(self.0.lock().unwrap().get(name).cloned()) })
///     }
///
///     fn save<'a>(&'a self, name: &'a str, bytes: SecretBytes) -> BoxFuture<'a, Result<(), StoreFailure>> {
///         Box::pin(async move {
///             self.0.lock().unwrap().insert(name.to_owned(), bytes);
///             Ok(())
///         })
///     }
///
///     fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), StoreFailure>> {
///         Box::pin(async move {
///             self.0.lock().unwrap().remove(name);
///             Ok(())
///         })
///     }
///
///     fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
///         Box::pin(async move {
///             let names = self.0.lock().unwrap().keys().cloned().collect::<Vec<_>>();
///             Ok(names.into_iter().filter(|name| name.starts_with(prefix)).collect())
///         })
///     }
/// }
///
/// # futures_executor::block_on(async {
/// let store = Store::blobs(Vault::default());
/// Contract::one_process(move || store.clone()).check().await.assert_kept();
/// # });
/// ```
pub trait BlobStore: Send + Sync + 'static {
    /// What was saved last under that name; `None` if nothing is there.
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<SecretBytes>, StoreFailure>>;

    /// Keeps the bytes in the place of what was there, wholly or not at all. `Ok` means that they are safe.
    fn save<'a>(&'a self, name: &'a str, bytes: SecretBytes) -> BoxFuture<'a, Result<(), StoreFailure>>;

    /// Removes what is there, if anything.
    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), StoreFailure>>;

    /// All names that begin so, in any order.
    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>>;
}

/// A place for bytes that **many processes** use at the same time: a table, a document store.
///
/// It writes only over the version that was read, in one atomic step. That is all that is asked of it; who refreshes,
/// and what is newer, is decided here. Names, bytes, time limits, panics and failures are as for a [`BlobStore`], but
/// calls for the same name come at the same time, from anywhere.
///
/// An operation costs a [`load`](Self::load), and a [`replace`](Self::replace) if it changes something. With a table
/// `(name text primary key, version bigint, bytes bytea)` and a sequence `t_version`:
///
/// | method | SQL |
/// |---|---|
/// | `load` | `SELECT version, bytes FROM t WHERE name = $1`, and the database's clock |
/// | `replace`, nothing there | `INSERT INTO t VALUES ($1, nextval('t_version'), $2) ON CONFLICT DO NOTHING` |
/// | `replace`, over version v | `UPDATE t SET version = nextval('t_version'), bytes = $3 WHERE name = $1 AND version = $2` |
/// | `delete` | `DELETE FROM t WHERE name = $1 AND version = $2` |
/// | `list` | `SELECT name FROM t WHERE name LIKE $1 \|\| '%' AND name > $2 COLLATE "C" ORDER BY name COLLATE "C" LIMIT $3` |
///
/// A version must not come back, and records are deleted: one that counts from 1 again would let a write pass that was
/// decided on another record. Take a number that grows over the whole table, or a random one.
pub trait SharedStore: Send + Sync + 'static {
    /// What is there, and the time.
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Snapshot, StoreFailure>>;

    /// Keeps the bytes if what is there is still of that version; `None`: if nothing is there. Answers whether it did.
    /// `Ok(true)` means that they are safe, and that a `load` from anywhere gives them.
    fn replace<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a str>,
        bytes: SecretBytes,
    ) -> BoxFuture<'a, Result<bool, StoreFailure>>;

    /// Removes what is there if it is still of that version. Answers whether it did.
    fn delete<'a>(&'a self, name: &'a str, expected: &'a str) -> BoxFuture<'a, Result<bool, StoreFailure>>;

    /// Names that begin with `prefix` and come after `after`, in the order of their bytes: the first `limit` of them.
    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>>;
}

/// What a [`SharedStore`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The store's own clock, read before or with the rest: milliseconds, from any beginning. Leases count by it, so
    /// it is the same for all processes.
    pub clock: Millis,
    /// What is there.
    pub kept: Option<Versioned>,
}

/// Bytes, and which version of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// Another one with every write. Only the store reads it.
    pub version: String,
    /// What was kept.
    pub bytes: SecretBytes,
}

impl Store {
    /// Sessions in a place of the application that one process uses at a time. A forked child cannot use it.
    pub fn blobs(store: impl BlobStore) -> Self {
        Self::elsewhere(Blobs::new(store, StoreClock::default(), LIMIT))
    }

    /// Sessions in a place of the application that many processes share. A forked child uses it as it is: whether its
    /// connections bear that is up to the application.
    pub fn shared(store: impl SharedStore) -> Self {
        Self::elsewhere(Shared::new(store, StoreClock::default(), LIMIT))
    }
}
