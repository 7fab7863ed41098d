//! The store that lives as long as the client.

use std::collections::BTreeMap;
use std::sync::Mutex;

use grantline_core::{
    Change, Collection, Entry, Millis, Now, RecordKey, RecordOperation, Row, StoreReply, StoreRequest, Which,
};

use super::clock::StoreClock;
use super::retention::{Sweeps, is_over, retained};
use super::unknown_request;
use crate::mutex::lock;

/// Records in memory.
#[derive(Default)]
pub(super) struct MemoryStore {
    rows: Mutex<BTreeMap<RecordKey, Row>>,
    clock: StoreClock,
    sweeps: Sweeps,
}

impl MemoryStore {
    /// One operation, atomically.
    pub(super) fn perform(&self, request: StoreRequest) -> StoreReply {
        let now = self.clock.now();
        let mut rows = lock(&self.rows);
        match request {
            StoreRequest::On { key, operation } => {
                if self.sweeps.are_due(now.boot) {
                    rows.retain(|_, row| !is_over(row, now.wall));
                }
                on(&mut rows, key, operation, now)
            }
            StoreRequest::List { collection, which, after, limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                StoreReply::Listed(list(&rows, &collection, which, after, now.boot).take(limit).collect())
            }
            _ => unknown_request(),
        }
    }
}

fn on(
    rows: &mut BTreeMap<RecordKey, Row>,
    key: RecordKey,
    operation: RecordOperation,
    now: Now,
) -> StoreReply {
    let (reply, change) = Row::perform(rows.get(&key).cloned(), operation, now.boot);
    match change {
        Change::None => {}
        Change::Write(row) => {
            rows.insert(key, retained(row, now.wall));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grantline_core::{Attempt, Generation, Record, RecordKind, SecretBytes, UnixMillis};

    use super::*;
    use crate::stores::clock::TestClock;

    const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };
    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn on(store: &MemoryStore, name: &str, operation: RecordOperation) -> StoreReply {
        let collection = Collection::new(RecordKind::Session, "https://issuer.example", "client");
        store.perform(StoreRequest::On { key: RecordKey { collection, name: name.to_owned() }, operation })
    }

    fn create(discard_after: Option<UnixMillis>) -> RecordOperation {
        let record = Record::new(Generation(1), SecretBytes::new(Vec::new()));
        RecordOperation::Create { record: Record { discard_after, ..record } }
    }

    #[test]
    fn what_may_be_dropped_leaves_the_memory_and_tombstones_after_90_days() {
        let clock = TestClock::at(NOW);
        let store = MemoryStore { clock: clock.clock(), ..MemoryStore::default() };
        on(&store, "kept", create(None));
        on(&store, "service", create(Some(NOW.wall.plus(DAY))));
        on(&store, "ended", create(None));
        on(&store, "ended", RecordOperation::Close);
        let count = || store.rows.lock().unwrap().len();

        clock.pass(DAY + Duration::from_millis(1));
        assert_eq!(on(&store, "service", RecordOperation::Load), StoreReply::Missing);
        assert_eq!(count(), 2);
        clock.pass((DAY * 89).saturating_sub(Duration::from_secs(2)));
        let tombstone = StoreReply::Ended { generation: Generation((1 << 32) + 1) };
        assert_eq!(on(&store, "ended", RecordOperation::Load), tombstone);
        clock.pass(DAY);
        assert_eq!(on(&store, "kept", RecordOperation::Begin { attempt: Attempt(1), ttl: DAY }), begun());
        assert_eq!(count(), 1);
    }

    fn begun() -> StoreReply {
        let record = Record::new(Generation(1), SecretBytes::new(Vec::new()));
        StoreReply::Begun { record, earlier: None }
    }
}
