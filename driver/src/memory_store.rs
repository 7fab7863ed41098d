//! The session store that lives as long as the client.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use grantline_core::{
    Attempt, End, Generation, Mark, Millis, Record, SecretBytes, SessionKey, StoreReply, StoreRequest,
};

/// Sessions in memory. Leases count by the clock that is handed in with each request.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore(Mutex<HashMap<SessionKey, Kept>>);

#[derive(Debug)]
struct Kept {
    record: Record,
    ended: bool,
    /// The attempt that is about to send, or whose answer was lost, and since when.
    mark: Option<(Attempt, Millis)>,
    lease: Option<(Attempt, Millis)>,
}

impl MemoryStore {
    /// One operation, atomically.
    pub(crate) fn perform(&self, request: StoreRequest, now: Millis) -> StoreReply {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match request {
            StoreRequest::Create { key, record } => create(sessions.entry(key), record),
            StoreRequest::Load { key } => sessions.get(&key).map_or(StoreReply::Missing, Kept::load),
            StoreRequest::Begin { key, attempt, ttl } => match sessions.get_mut(&key) {
                Some(kept) => kept.begin(attempt, ttl, now),
                None => StoreReply::Missing,
            },
            StoreRequest::Commit { key, spent, record } => match sessions.get_mut(&key) {
                Some(kept) => kept.commit(spent, record),
                None => StoreReply::Missing,
            },
            StoreRequest::End { key, attempt, spent, why } => {
                if let Some(kept) = sessions.get_mut(&key) {
                    kept.end(attempt, spent, why);
                }
                StoreReply::Done
            }
            _ => StoreReply::Failed { detail: "the memory store does not know this operation".to_owned() },
        }
    }
}

fn create(entry: Entry<'_, SessionKey, Kept>, record: Record) -> StoreReply {
    let fresh = |record| Kept { record, ended: false, mark: None, lease: None };
    match entry {
        Entry::Occupied(kept) if kept.get().record.generation >= record.generation => kept.get().newer(),
        Entry::Occupied(mut kept) => {
            kept.insert(fresh(record));
            StoreReply::Done
        }
        Entry::Vacant(place) => {
            place.insert(fresh(record));
            StoreReply::Done
        }
    }
}

impl Kept {
    fn load(&self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Loaded(self.record.clone()),
        }
    }

    fn newer(&self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Newer(self.record.clone()),
        }
    }

    fn begin(&mut self, attempt: Attempt, ttl: Duration, now: Millis) -> StoreReply {
        if self.ended {
            return StoreReply::Ended { generation: self.record.generation };
        }
        if let Some((_, ends)) = self.lease
            && ends > now
        {
            return StoreReply::Held { remaining: ends.since(now) };
        }
        self.lease = Some((attempt, now.plus(ttl)));
        let earlier = self.mark.replace((attempt, now));
        let earlier =
            earlier.map(|(attempt, set)| Mark::new(attempt, self.record.generation, now.since(set)));
        StoreReply::Begun { record: self.record.clone(), earlier }
    }

    fn commit(&mut self, spent: Generation, record: Record) -> StoreReply {
        if self.record.generation > spent {
            return self.newer();
        }
        *self = Self { record, ended: false, mark: None, lease: None };
        StoreReply::Done
    }

    fn end(&mut self, attempt: Attempt, spent: Generation, why: End) {
        let holds = self.lease.is_some_and(|(holder, _)| holder == attempt);
        if !holds || self.record.generation != spent {
            return;
        }
        self.lease = None;
        match why {
            End::AnswerLost => {}
            End::RefusedByServer => {
                self.mark = None;
                self.ended = true;
                // A tombstone is its generation: nobody needs the dead tokens.
                self.record.bytes = SecretBytes::new(Vec::new());
            }
            _ => self.mark = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use grantline_core::SessionId;

    use super::*;

    const LEASE: Duration = Duration::from_secs(25);
    const START: Millis = Millis(1_000);

    fn key() -> SessionKey {
        let session = SessionId::new("anna").unwrap();
        SessionKey { issuer: "https://a.example".to_owned(), client_id: "c".to_owned(), session }
    }

    fn record(generation: u64) -> Record {
        Record {
            generation: Generation(generation),
            bytes: SecretBytes::new(generation.to_be_bytes().to_vec()),
        }
    }

    fn store_with(generation: u64) -> MemoryStore {
        let store = MemoryStore::default();
        store.perform(StoreRequest::Create { key: key(), record: record(generation) }, START);
        store
    }

    fn begin(store: &MemoryStore, attempt: u128, now: Millis) -> StoreReply {
        store.perform(StoreRequest::Begin { key: key(), attempt: Attempt(attempt), ttl: LEASE }, now)
    }

    fn commit(store: &MemoryStore, spent: u64) -> StoreReply {
        let (spent, record) = (Generation(spent), record(spent + 1));
        store.perform(StoreRequest::Commit { key: key(), spent, record }, START)
    }

    fn end(store: &MemoryStore, attempt: u128, why: End) {
        let (attempt, spent) = (Attempt(attempt), Generation(1));
        store.perform(StoreRequest::End { key: key(), attempt, spent, why }, START);
    }

    #[test]
    fn a_lease_is_held_until_its_time_is_over_and_its_mark_is_found_after_it() {
        let store = store_with(1);
        assert_eq!(begin(&store, 7, START), StoreReply::Begun { record: record(1), earlier: None });
        assert_eq!(begin(&store, 8, START), StoreReply::Held { remaining: LEASE });
        let later = START.plus(LEASE);
        assert_eq!(
            begin(&store, 8, later),
            StoreReply::Begun {
                record: record(1),
                earlier: Some(Mark::new(Attempt(7), Generation(1), LEASE))
            }
        );
    }

    #[test]
    fn a_late_answer_is_saved_whoever_holds_the_lease_and_clears_it() {
        let store = store_with(1);
        begin(&store, 7, START);
        begin(&store, 8, START.plus(LEASE));
        assert_eq!(commit(&store, 1), StoreReply::Done);
        assert_eq!(begin(&store, 9, START), StoreReply::Begun { record: record(2), earlier: None });
    }

    #[test]
    fn an_answer_for_a_generation_that_was_spent_already_gets_the_newer_record() {
        let store = store_with(1);
        commit(&store, 1);
        assert_eq!(commit(&store, 1), StoreReply::Newer(record(2)));
    }

    #[test]
    fn a_late_valid_answer_revives_an_ended_session() {
        let store = store_with(1);
        begin(&store, 7, START);
        end(&store, 7, End::RefusedByServer);
        assert_eq!(begin(&store, 8, START), StoreReply::Ended { generation: Generation(1) });
        assert_eq!(commit(&store, 1), StoreReply::Done);
        assert_eq!(store.perform(StoreRequest::Load { key: key() }, START), StoreReply::Loaded(record(2)));
    }

    #[test]
    fn a_lost_answer_gives_the_lease_back_and_leaves_its_mark() {
        let store = store_with(1);
        begin(&store, 7, START);
        end(&store, 7, End::AnswerLost);
        let mark = Mark::new(Attempt(7), Generation(1), Duration::ZERO);
        assert_eq!(begin(&store, 8, START), StoreReply::Begun { record: record(1), earlier: Some(mark) });
    }

    #[test]
    fn only_the_holder_of_the_lease_ends_an_attempt() {
        let store = store_with(1);
        begin(&store, 7, START);
        end(&store, 6, End::AttemptSpentNothing);
        assert_eq!(begin(&store, 8, START), StoreReply::Held { remaining: LEASE });
        end(&store, 7, End::AttemptSpentNothing);
        assert_eq!(begin(&store, 8, START), StoreReply::Begun { record: record(1), earlier: None });
    }

    #[test]
    fn a_new_session_of_the_same_name_never_lowers_the_generation() {
        let store = store_with(5);
        let create = |generation| {
            store.perform(StoreRequest::Create { key: key(), record: record(generation) }, START)
        };
        assert_eq!(create(1), StoreReply::Newer(record(5)));
        assert_eq!(create(6), StoreReply::Done);
    }
}
