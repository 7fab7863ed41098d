//! What the tests of stores on servers have in common: one operation after the other, on names of their own.

use std::sync::mpsc;

use grantline_core::{
    Attempt, Collection, End, Entry, Generation, Record, RecordKey, RecordKind, RecordOperation, SecretBytes,
    StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which,
};
use std::time::Duration;

use super::Store;
use crate::runtime;

/// One record of a store.
pub(super) struct Asked {
    pub(super) store: Store,
    pub(super) key: RecordKey,
}

impl Asked {
    /// `test`: its name, which no other test on the same server has.
    pub(super) fn new(store: Store, test: &str) -> Self {
        let collection = Collection::new(RecordKind::Session, "https://issuer.example", test);
        Self { store, key: RecordKey { collection, name: "session".to_owned() } }
    }

    pub(super) fn named(&self, name: &str) -> Self {
        let key = RecordKey { collection: self.key.collection.clone(), name: name.to_owned() };
        Self { store: self.store.clone(), key }
    }

    pub(super) fn on(&self, operation: RecordOperation) -> StoreReply {
        ask(&self.store, StoreRequest::On { key: self.key.clone(), operation })
    }

    pub(super) fn load(&self) -> StoreReply {
        self.on(RecordOperation::Load)
    }

    pub(super) fn create(&self, generation: u64) -> StoreReply {
        self.on(RecordOperation::Create { record: record(generation) })
    }

    pub(super) fn begin(&self, attempt: u128) -> StoreReply {
        self.on(RecordOperation::Begin { attempt: Attempt(attempt), ttl: Duration::from_secs(60) })
    }

    pub(super) fn commit(&self, spent: u64) -> StoreReply {
        self.on(RecordOperation::Commit { spent: Generation(spent), record: record(spent + 1) })
    }

    pub(super) fn end(&self, attempt: u128, spent: u64, why: End) -> StoreReply {
        self.on(RecordOperation::End { attempt: Attempt(attempt), spent: Generation(spent), why })
    }

    pub(super) fn list(&self) -> Vec<Entry> {
        let collection = self.key.collection.clone();
        match ask(
            &self.store,
            StoreRequest::List { collection, which: Which::Living, after: None, limit: 10 },
        ) {
            StoreReply::Listed(entries) => entries,
            other => panic!("a list was answered by {other:?}"),
        }
    }

    /// Every operation that reads the record first.
    pub(super) fn all_but_delete(&self) -> Vec<StoreReply> {
        let close = self.on(RecordOperation::Close);
        let end = self.end(1, 1, End::AnswerLost);
        vec![self.load(), self.create(9), self.begin(1), self.commit(1), end, close]
    }
}

fn ask(store: &Store, request: StoreRequest) -> StoreReply {
    let (sender, receiver) = mpsc::channel();
    let give = move |reply| sender.send(reply).unwrap();
    match store.perform(request, &runtime::shared().unwrap(), give) {
        Some(reply) => reply,
        None => receiver.recv().unwrap(),
    }
}

pub(super) fn record(generation: u64) -> Record {
    Record::new(Generation(generation), SecretBytes::new(format!("record {generation}").into_bytes()))
}

pub(super) fn loaded(generation: u64) -> StoreReply {
    StoreReply::Loaded(record(generation))
}

/// The failure that it has to be.
#[track_caller]
pub(super) fn failed(kind: StoreFailureKind, reply: StoreReply) -> StoreFailure {
    match reply {
        StoreReply::Failed(failure) if failure.kind == kind => failure,
        other => panic!("expected {kind:?}, got {other:?}"),
    }
}

/// A certificate for `localhost` and its key.
pub(super) fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}
