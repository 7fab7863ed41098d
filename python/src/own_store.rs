//! Stores that the application brings: Python objects with sync or async methods.

mod answers;
mod failures;
mod methods;

use std::sync::Arc;

use grantline::{BlobStore, BoxFuture, SecretBytes, SharedStore, Snapshot, StoreFailure};

pub(crate) use methods::Methods;

/// The methods of a blob store.
pub(crate) const OF_BLOBS: &[&str] = &["load", "save", "delete", "list"];
/// The methods of a shared store.
pub(crate) const OF_SHARED: &[&str] = &["load", "replace", "delete", "list"];

/// For one process at a time.
pub(crate) struct Blobs(pub(crate) Arc<Methods>);

/// For many processes.
pub(crate) struct Shared(pub(crate) Arc<Methods>);

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreFailure>>;

impl BlobStore for Blobs {
    fn load<'a>(&'a self, name: &'a str) -> Answer<'a, Option<SecretBytes>> {
        Box::pin(self.0.ask("load", (name,), answers::PERHAPS_BYTES))
    }

    fn save<'a>(&'a self, name: &'a str, bytes: SecretBytes) -> Answer<'a, ()> {
        Box::pin(async move { self.0.ask("save", (name, bytes.expose_secret()), answers::ANYTHING).await })
    }

    fn delete<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(self.0.ask("delete", (name,), answers::ANYTHING))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>> {
        Box::pin(self.0.ask("list", (prefix,), answers::NAMES))
    }
}

impl SharedStore for Shared {
    fn load<'a>(&'a self, name: &'a str) -> Answer<'a, Snapshot> {
        Box::pin(self.0.ask("load", (name,), answers::SNAPSHOT))
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a str>,
        bytes: SecretBytes,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            self.0.ask("replace", (name, expected, bytes.expose_secret()), answers::YES_OR_NO).await
        })
    }

    fn delete<'a>(&'a self, name: &'a str, expected: &'a str) -> Answer<'a, bool> {
        Box::pin(self.0.ask("delete", (name, expected), answers::YES_OR_NO))
    }

    fn list<'a>(&'a self, prefix: &'a str, after: Option<&'a str>, limit: u32) -> Answer<'a, Vec<String>> {
        Box::pin(self.0.ask("list", (prefix, after, limit), answers::NAMES))
    }
}
