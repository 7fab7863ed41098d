//! What the rules have in common: one store on the bench, the operations in short, and comparing.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::BoxFuture;
use grantline_core::{
    Attempt, Collection, End, Entry, Generation, Mark, Record, RecordKey, RecordKind, RecordOperation,
    SecretBytes, StoreReply, StoreRequest, Which,
};
use tokio::runtime::Handle;

use super::PassTime;
use crate::mutex::lock;
use crate::stores::Store;

/// What a rule says about a store: `Err` is how it was broken.
pub(super) type Verdict = Result<(), String>;

/// A rule, and how it is checked.
pub(super) struct Rule {
    pub(super) sentence: &'static str,
    pub(super) check: for<'a> fn(&'a Bench<'_>) -> BoxFuture<'a, Verdict>,
}

/// Rules as a list: a sentence, and the function that checks it.
macro_rules! rules {
    ($($sentence:literal => $check:path,)+) => {
        vec![$($crate::stores::contract::bench::Rule {
            sentence: $sentence,
            check: |bench| Box::pin($check(bench)),
        },)+]
    };
}
pub(super) use rules;

/// A lease that does not end while its rule is checked.
pub(super) const LONG: Duration = Duration::from_secs(600);
/// A lease that is waited for.
pub(super) const SHORT: Duration = Duration::from_millis(50);

/// One store, for one rule.
pub(super) struct Bench<'a> {
    make: &'a (dyn Fn() -> Store + Send + Sync),
    pass_time: &'a PassTime,
    run: u128,
    runtime: Handle,
    store: Mutex<Option<Store>>,
    used: Mutex<BTreeSet<RecordKey>>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        make: &'a (dyn Fn() -> Store + Send + Sync),
        pass_time: &'a PassTime,
        run: u128,
        runtime: Handle,
    ) -> Self {
        Self { make, pass_time, run, runtime, store: Mutex::new(Some(make())), used: Mutex::default() }
    }

    /// Another store on the same data.
    pub(super) fn another(&self) -> Store {
        (self.make)()
    }

    /// Ends the store on the bench before it opens the next one.
    pub(super) fn open_again(&self) {
        let mut store = lock(&self.store);
        *store = None;
        *store = Some(self.another());
    }

    pub(super) async fn pass(&self, duration: Duration) {
        (self.pass_time)(duration).await;
    }

    /// A collection that no other run has.
    pub(super) fn collection(&self) -> Collection {
        self.collection_of("client")
    }

    pub(super) fn collection_of(&self, client_id: &str) -> Collection {
        let issuer = format!("https://contract.example/{:032x}", self.run);
        Collection::new(RecordKind::Session, &issuer, client_id)
    }

    pub(super) fn key(&self, name: &str) -> RecordKey {
        RecordKey { collection: self.collection(), name: name.to_owned() }
    }

    pub(super) async fn ask(&self, store: &Store, request: StoreRequest) -> StoreReply {
        if let StoreRequest::On { key, .. } = &request {
            lock(&self.used).insert(key.clone());
        }
        let (sender, receiver) = oneshot::channel();
        let give = move |reply| drop(sender.send(reply));
        match store.perform(request, &self.runtime, give) {
            Some(reply) => reply,
            None => receiver.await.unwrap_or(StoreReply::Superseded),
        }
    }

    pub(super) fn store(&self) -> Store {
        let store = lock(&self.store);
        store.clone().unwrap_or_else(|| self.another())
    }

    pub(super) async fn on(&self, key: RecordKey, operation: RecordOperation) -> StoreReply {
        self.ask(&self.store(), StoreRequest::On { key, operation }).await
    }

    pub(super) async fn does(&self, name: &str, operation: RecordOperation) -> StoreReply {
        self.on(self.key(name), operation).await
    }

    /// Performs the operation and compares its answer.
    pub(super) async fn expect(&self, name: &str, operation: RecordOperation, due: StoreReply) -> Verdict {
        let asked = format!("{operation:?} on {name:?}");
        same(&asked, self.does(name, operation).await, due)
    }

    /// A living record of that generation.
    pub(super) async fn given(&self, name: &str, generation: u64) -> Verdict {
        self.expect(name, create(generation), StoreReply::Done).await
    }

    /// A lease on a living record.
    pub(super) async fn given_lease(&self, name: &str, attempt: u128, generation: u64) -> Verdict {
        self.given(name, generation).await?;
        self.expect(name, begin(attempt), begun(generation, None)).await
    }

    pub(super) async fn list(
        &self,
        collection: Collection,
        which: Which,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, String> {
        let after = after.map(str::to_owned);
        match self.ask(&self.store(), StoreRequest::List { collection, which, after, limit }).await {
            StoreReply::Listed(entries) => Ok(entries),
            other => Err(format!("a list was answered by {other:?}")),
        }
    }

    /// The names of this bench's collection.
    pub(super) async fn names(&self, which: Which) -> Result<Vec<String>, String> {
        let entries = self.list(self.collection(), which, None, 1000).await?;
        Ok(entries.into_iter().map(|entry| entry.name).collect())
    }

    /// Removes what was written.
    pub(super) async fn clean(&self) -> Verdict {
        let used = std::mem::take(&mut *lock(&self.used));
        for key in used {
            let asked = format!("Delete on {:?}", key.name);
            same(&asked, self.on(key, RecordOperation::Delete).await, StoreReply::Done)?;
        }
        Ok(())
    }
}

/// Compares.
#[allow(clippy::needless_pass_by_value, reason = "both were made for this")]
pub(super) fn same<T: PartialEq + Debug>(what: &str, got: T, due: T) -> Verdict {
    match got == due {
        true => Ok(()),
        false => Err(format!("{what}: expected {due:?}, got {got:?}")),
    }
}

/// A record whose bytes tell its generation.
pub(super) fn record(generation: u64) -> Record {
    let text = format!("record {generation} \0\u{ff}").into_bytes();
    Record::new(Generation(generation), SecretBytes::new([text, vec![0xff, 0xfe, 0, b'"', b'\\']].concat()))
}

pub(super) fn create(generation: u64) -> RecordOperation {
    RecordOperation::Create { record: record(generation) }
}

pub(super) fn begin(attempt: u128) -> RecordOperation {
    begin_for(attempt, LONG)
}

pub(super) fn begin_for(attempt: u128, ttl: Duration) -> RecordOperation {
    RecordOperation::Begin { attempt: Attempt(attempt), ttl }
}

/// The record after the spent one.
pub(super) fn commit(spent: u64) -> RecordOperation {
    RecordOperation::Commit { spent: Generation(spent), record: record(spent.saturating_add(1)) }
}

pub(super) fn end(attempt: u128, spent: u64, why: End) -> RecordOperation {
    RecordOperation::End { attempt: Attempt(attempt), spent: Generation(spent), why }
}

pub(super) fn loaded(generation: u64) -> StoreReply {
    StoreReply::Loaded(record(generation))
}

pub(super) fn newer(generation: u64) -> StoreReply {
    StoreReply::Newer(record(generation))
}

/// By how much a tombstone of the application's is higher than what stood there.
pub(super) const OUT_OF_REACH: u64 = 1 << 32;

pub(super) fn ended(generation: u64) -> StoreReply {
    StoreReply::Ended { generation: Generation(generation) }
}

pub(super) fn begun(generation: u64, earlier: Option<Mark>) -> StoreReply {
    StoreReply::Begun { record: record(generation), earlier }
}

/// A lease that somebody has, for no longer than it was asked for.
pub(super) fn held(what: &str, reply: &StoreReply) -> Verdict {
    match reply {
        StoreReply::Held { remaining } if !remaining.is_zero() && *remaining <= LONG => Ok(()),
        other => Err(format!("{what}: expected Held for up to {LONG:?}, got {other:?}")),
    }
}

/// A lease that was given, with the mark of this earlier attempt.
pub(super) fn begun_after(what: &str, reply: StoreReply, earlier: u128, spent: u64) -> Result<Mark, String> {
    match reply {
        StoreReply::Begun { earlier: Some(mark), .. }
            if mark.attempt == Attempt(earlier) && mark.spent == Generation(spent) =>
        {
            Ok(mark)
        }
        other => Err(format!("{what}: expected Begun with the mark of attempt {earlier}, got {other:?}")),
    }
}
