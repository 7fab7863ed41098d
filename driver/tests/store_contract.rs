//! Every store of ours that needs no server is put through the contract that is published for others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_executor::block_on;
use grantline::store_contract::Contract;
use grantline::{BoxFuture, SecretBytes, SharedStore, Snapshot, Store, StoreFailure, Versioned};
use tempfile::TempDir;

#[test]
fn the_memory_store_keeps_the_contract() {
    let store = Store::memory();
    block_on(Contract::one_process(move || store.clone()).check()).assert_kept();
}

#[test]
fn an_sqlite_file_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sessions.db");
    block_on(Contract::shared(move || Store::sqlite(&path).unwrap()).check()).assert_kept();
}

/// What an application may write: a table with a version in each row. (A blob store stands in the documentation.)
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Rows>>);

#[derive(Default)]
struct Rows {
    by_name: BTreeMap<String, (u64, SecretBytes)>,
    last_version: u64,
}

impl Rows {
    fn version(&self, name: &str) -> Option<String> {
        self.by_name.get(name).map(|(version, _)| version.to_string())
    }
}

impl SharedStore for Table {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Snapshot, StoreFailure>> {
        Box::pin(async move {
            let kept = self.0.lock().unwrap().by_name.get(name).cloned();
            let kept = kept.map(|(version, bytes)| Versioned { version: version.to_string(), bytes });
            Ok(Snapshot { clock: grantline::now().boot, kept })
        })
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a str>,
        bytes: SecretBytes,
    ) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        Box::pin(async move {
            let mut rows = self.0.lock().unwrap();
            if rows.version(name).as_deref() != expected {
                return Ok(false);
            }
            rows.last_version += 1;
            let version = rows.last_version;
            rows.by_name.insert(name.to_owned(), (version, bytes));
            Ok(true)
        })
    }

    fn delete<'a>(&'a self, name: &'a str, expected: &'a str) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        Box::pin(async move {
            let mut rows = self.0.lock().unwrap();
            let is_expected = rows.version(name).as_deref() == Some(expected);
            Ok(is_expected && rows.by_name.remove(name).is_some())
        })
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
        Box::pin(async move {
            let rows = self.0.lock().unwrap();
            let names = rows.by_name.keys().filter(|name| name.starts_with(prefix));
            let names = names.filter(|name| after.is_none_or(|after| name.as_str() > after));
            Ok(names.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
        })
    }
}

#[test]
fn a_table_of_the_application_keeps_the_contract() {
    let table = Table::default();
    block_on(Contract::shared(move || Store::shared(table.clone())).check()).assert_kept();
}
