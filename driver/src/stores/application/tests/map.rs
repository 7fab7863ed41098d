//! A map in the place of an application's store, with manners that a test chooses.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

use grantline_core::{Millis, SecretBytes, StoreFailure, StoreFailureKind};
use tokio::sync::watch;

use super::super::{BlobStore, BoxFuture, SharedStore, Snapshot, Versioned};
use super::{IMPATIENT, NOW, TestClock};

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    Good,
    /// Never answers, until it is good again.
    Waits,
    /// The same, holding its thread.
    Blocks,
    /// Takes a while, without holding its thread.
    TakesAWhile,
    Panics,
    Fails(StoreFailureKind),
    /// Says that somebody else was faster, always.
    Refuses,
    /// Lists in any order.
    ListsBackwards,
}

#[derive(Clone)]
pub(super) struct Map(Arc<Inner>);

struct Inner {
    kept: Mutex<BTreeMap<String, (u64, SecretBytes)>>,
    versions: Mutex<u64>,
    pub(super) clock: TestClock,
    loading: watch::Sender<Manners>,
    saving: watch::Sender<Manners>,
    changed: (Mutex<()>, Condvar),
    calls: watch::Sender<u32>,
}

impl Map {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner {
            kept: Mutex::default(),
            versions: Mutex::default(),
            clock: TestClock::at(NOW),
            loading: watch::Sender::new(Manners::Good),
            saving: watch::Sender::new(Manners::Good),
            changed: Default::default(),
            calls: watch::Sender::new(0),
        }))
    }

    pub(super) fn clock(&self) -> &TestClock {
        &self.0.clock
    }

    pub(super) fn loads(&self, manners: Manners) {
        self.become_so(&self.0.loading, manners);
    }

    pub(super) fn saves(&self, manners: Manners) {
        self.become_so(&self.0.saving, manners);
    }

    fn become_so(&self, manners: &watch::Sender<Manners>, now: Manners) {
        let _changing = self.0.changed.0.lock().unwrap();
        manners.send_replace(now);
        self.0.changed.1.notify_all();
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) {
        self.insert(name, SecretBytes::new(bytes.to_vec()));
    }

    pub(super) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.0.kept.lock().unwrap().get(name).map(|(_, bytes)| bytes.expose_secret().to_vec())
    }

    /// How many calls have come to their end.
    pub(super) fn calls(&self) -> watch::Receiver<u32> {
        self.0.calls.subscribe()
    }

    fn insert(&self, name: &str, bytes: SecretBytes) {
        let mut versions = self.0.versions.lock().unwrap();
        *versions += 1;
        self.0.kept.lock().unwrap().insert(name.to_owned(), (*versions, bytes));
    }

    fn version(&self, name: &str) -> Option<String> {
        self.0.kept.lock().unwrap().get(name).map(|(version, _)| version.to_string())
    }

    async fn behave(&self, manners: &watch::Sender<Manners>) -> Result<(), StoreFailure> {
        let now = *manners.borrow();
        match now {
            Manners::Waits => drop(manners.subscribe().wait_for(|now| *now != Manners::Waits).await),
            Manners::TakesAWhile => tokio::time::sleep(IMPATIENT / 5).await,
            Manners::Blocks => {
                let guard = self.0.changed.0.lock().unwrap();
                let blocked = |(): &mut ()| *manners.borrow() == Manners::Blocks;
                drop(self.0.changed.1.wait_while(guard, blocked).unwrap());
            }
            Manners::Panics => panic!("as the test wants it"),
            Manners::Fails(kind) => return Err(StoreFailure::new(kind, "as the test wants it")),
            Manners::Good | Manners::Refuses | Manners::ListsBackwards => {}
        }
        Ok(())
    }

    fn ended<T>(&self, result: T) -> T {
        self.0.calls.send_modify(|calls| *calls += 1);
        result
    }

    async fn loading(&self) -> Result<(), StoreFailure> {
        self.behave(&self.0.loading).await
    }

    async fn saving(&self) -> Result<(), StoreFailure> {
        self.behave(&self.0.saving).await
    }

    fn names(&self, prefix: &str) -> Vec<String> {
        let mut names: Vec<_> =
            self.0.kept.lock().unwrap().keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        if *self.0.loading.borrow() == Manners::ListsBackwards {
            names.reverse();
        }
        names
    }
}

impl BlobStore for Map {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<SecretBytes>, StoreFailure>> {
        Box::pin(async move {
            self.loading().await?;
            Ok(self.ended(self.0.kept.lock().unwrap().get(name).map(|(_, bytes)| bytes.clone())))
        })
    }

    fn save<'a>(&'a self, name: &'a str, bytes: SecretBytes) -> BoxFuture<'a, Result<(), StoreFailure>> {
        Box::pin(async move {
            self.saving().await?;
            self.insert(name, bytes);
            self.ended(());
            Ok(())
        })
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), StoreFailure>> {
        Box::pin(async move {
            self.saving().await?;
            self.0.kept.lock().unwrap().remove(name);
            self.ended(());
            Ok(())
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
        Box::pin(async move {
            self.loading().await?;
            Ok(self.ended(self.names(prefix)))
        })
    }
}

impl SharedStore for Map {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Snapshot, StoreFailure>> {
        Box::pin(async move {
            self.loading().await?;
            let kept = self.0.kept.lock().unwrap().get(name).cloned();
            let kept = kept.map(|(version, bytes)| Versioned { version: version.to_string(), bytes });
            Ok(self.ended(Snapshot { clock: Millis(self.0.clock.clock().now().boot.0), kept }))
        })
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a str>,
        bytes: SecretBytes,
    ) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        Box::pin(async move {
            self.saving().await?;
            if *self.0.saving.borrow() == Manners::Refuses {
                return Ok(self.ended(false));
            }
            // The lock of the versions makes it one step.
            let mut versions = self.0.versions.lock().unwrap();
            if self.version(name).as_deref() != expected {
                return Ok(self.ended(false));
            }
            *versions += 1;
            self.0.kept.lock().unwrap().insert(name.to_owned(), (*versions, bytes));
            Ok(self.ended(true))
        })
    }

    fn delete<'a>(&'a self, name: &'a str, expected: &'a str) -> BoxFuture<'a, Result<bool, StoreFailure>> {
        Box::pin(async move {
            self.saving().await?;
            let _versions = self.0.versions.lock().unwrap();
            if self.version(name).as_deref() != Some(expected) {
                return Ok(self.ended(false));
            }
            self.0.kept.lock().unwrap().remove(name);
            Ok(self.ended(true))
        })
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, StoreFailure>> {
        Box::pin(async move {
            self.loading().await?;
            let names = self.names(prefix).into_iter();
            let names = names.filter(|name| after.is_none_or(|after| name.as_str() > after));
            Ok(self.ended(names.take(usize::try_from(limit).unwrap()).collect()))
        })
    }
}
