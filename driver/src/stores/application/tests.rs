//! Stores of an application, good and bad.

mod bad_stores;
mod keeping;
mod map;
mod scans;

use std::time::Duration;

use futures_executor::block_on;
use futures_util::future::{join, join_all};
use grantline_core::{
    Attempt, Collection, End, Generation, Mark, Millis, Now, Record, RecordKey, RecordKind, RecordOperation,
    SecretBytes, StoreFailureKind, StoreReply, StoreRequest, UnixMillis, Which,
};

use super::blobs::Blobs;
use super::names;
use super::shared::Shared;
use crate::runtime;
use crate::stores::Store;
use crate::stores::clock::TestClock;
use crate::stores::contract::Contract;
use map::{Manners, Map};

const LEASE: Duration = Duration::from_secs(25);
const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };

/// Longer than anything here takes.
const PATIENT: Duration = Duration::from_secs(60);

/// What a store that does not answer is given.
const IMPATIENT: Duration = Duration::from_millis(100);

fn key(name: &str) -> RecordKey {
    let collection = Collection::new(RecordKind::Session, "https://issuer.example", "client");
    RecordKey { collection, name: name.to_owned() }
}

fn record(generation: u64) -> Record {
    Record::new(Generation(generation), SecretBytes::new(format!("record {generation}").into_bytes()))
}

fn create(generation: u64) -> RecordOperation {
    RecordOperation::Create { record: record(generation) }
}

fn begin(attempt: u128) -> RecordOperation {
    RecordOperation::Begin { attempt: Attempt(attempt), ttl: LEASE }
}

fn commit(spent: u64) -> RecordOperation {
    RecordOperation::Commit { spent: Generation(spent), record: record(spent + 1) }
}

/// Performs one operation as the pump does: on grantline's own thread.
fn on(store: &Store, name: &str, operation: RecordOperation) -> StoreReply {
    block_on(asked(store, StoreRequest::On { key: key(name), operation }))
}

async fn asked(store: &Store, request: StoreRequest) -> StoreReply {
    let (sender, receiver) = futures_channel::oneshot::channel();
    let give = move |reply| sender.send(reply).unwrap();
    match store.perform(request, &runtime::shared().unwrap(), give) {
        Some(reply) => reply,
        None => receiver.await.unwrap(),
    }
}

fn names(store: &Store, which: Which) -> Vec<String> {
    let list = StoreRequest::List { collection: key("").collection, which, after: None, limit: 10 };
    match block_on(asked(store, list)) {
        StoreReply::Listed(entries) => entries.into_iter().map(|entry| entry.name).collect(),
        other => panic!("a list was answered by {other:?}"),
    }
}

#[track_caller]
fn failed(reply: StoreReply, kind: StoreFailureKind) -> String {
    match reply {
        StoreReply::Failed(failure) if failure.kind == kind => failure.to_string(),
        other => panic!("expected {kind:?}, got {other:?}"),
    }
}

/// Both tiers over the same kind of map.
fn both(map: &Map, limit: Duration) -> [Store; 2] {
    let clock = TestClock::at(NOW).clock();
    let blobs = Blobs::new(map.clone(), clock.clone(), limit);
    [Store::elsewhere(blobs), Store::elsewhere(Shared::new(map.clone(), clock, limit))]
}
