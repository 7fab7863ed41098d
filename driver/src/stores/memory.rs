//! The store that lives as long as the client.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use grantline_core::{
    Change, Collection, Entry, Millis, RecordKey, RecordOperation, Row, StoreReply, StoreRequest, Which,
};

use super::unknown_request;
use crate::clock;

/// Records in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<BTreeMap<RecordKey, Row>>);

impl MemoryStore {
    /// One operation, atomically.
    pub(super) fn perform(&self, request: StoreRequest) -> StoreReply {
        let now = clock::now().boot;
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match request {
            StoreRequest::On { key, operation } => on(&mut rows, key, operation, now),
            StoreRequest::List { collection, which, after, limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                StoreReply::Listed(list(&rows, &collection, which, after, now).take(limit).collect())
            }
            _ => unknown_request(),
        }
    }
}

fn on(
    rows: &mut BTreeMap<RecordKey, Row>,
    key: RecordKey,
    operation: RecordOperation,
    now: Millis,
) -> StoreReply {
    let (reply, change) = Row::perform(rows.get(&key).cloned(), operation, now);
    match change {
        Change::None => {}
        Change::Write(row) => {
            rows.insert(key, row);
        }
        Change::Remove => {
            rows.remove(&key);
        }
    }
    reply
}

fn list<'a>(
    rows: &'a BTreeMap<RecordKey, Row>,
    collection: &'a Collection,
    which: Which,
    after: Option<String>,
    now: Millis,
) -> impl Iterator<Item = Entry> + 'a {
    let from = RecordKey { collection: collection.clone(), name: after.clone().unwrap_or_default() };
    rows.range(from..)
        .take_while(|(key, _)| key.collection == *collection)
        .filter(move |(key, _)| after.as_ref() != Some(&key.name))
        .filter(move |(_, row)| match which {
            Which::Living => !row.ended,
            Which::Abandoned => row.is_abandoned(now),
        })
        .map(|(key, row)| Entry { name: key.name.clone(), generation: row.record.generation })
}
