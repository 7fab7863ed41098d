//! How one row of a store changes: the table of [`RecordOperation`] as a function.
//!
//! Every store that can read a row, decide, and write it back in one atomic step (a map under a lock, a database
//! transaction, compare-and-swap) has the protocol's semantics from here.

use std::time::Duration;

use super::operations::{Attempt, End, Mark, Record, RecordOperation, StoreReply};
use crate::secret::SecretBytes;
use crate::time::Millis;
use crate::token::Generation;

/// What a store keeps under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The record. A tombstone's is empty: nobody needs the dead tokens.
    pub record: Record,
    /// Whether this is a tombstone.
    pub ended: bool,
    /// The first attempt on this generation that may have been sent, and whose outcome is not known.
    pub mark: Option<SetMark>,
    /// Who may refresh now.
    pub lease: Option<Lease>,
}

/// A mark as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetMark {
    /// Whose it is.
    pub attempt: Attempt,
    /// Since when, by the store's own clock.
    pub set: Millis,
}

/// The right to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub attempt: Attempt,
    /// Until when, by the store's own clock.
    pub until: Millis,
}

/// What has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// This, in the place of what was there.
    Write(Row),
    /// Nothing shall be kept there.
    Remove,
}

fn create(row: Option<Row>, record: Record) -> (StoreReply, Change) {
    match row {
        Some(row) if row.record.generation >= record.generation => (row.newer(), Change::None),
        _ => (StoreReply::Done, Change::Write(Row::new(record))),
    }
}

fn commit(row: Option<Row>, spent: Generation, record: Record) -> (StoreReply, Change) {
    match row {
        Some(row) if row.record.generation > spent => (row.newer(), Change::None),
        _ => (StoreReply::Done, Change::Write(Row::new(record))),
    }
}

impl Row {
    /// Performs one operation.
    ///
    /// `row`: what is kept now. `now`: the store's own clock, whatever its zero. The reply counts only once the change
    /// is written.
    pub fn perform(row: Option<Self>, operation: RecordOperation, now: Millis) -> (StoreReply, Change) {
        match (operation, row) {
            (RecordOperation::Create { record }, row) => create(row, record),
            (RecordOperation::Commit { spent, record }, row) => commit(row, spent, record),
            (RecordOperation::Delete, Some(_)) => (StoreReply::Done, Change::Remove),
            (RecordOperation::Delete, None) => (StoreReply::Done, Change::None),
            (_, None) => (StoreReply::Missing, Change::None),
            (RecordOperation::Load, Some(row)) => (row.standing(), Change::None),
            (RecordOperation::Begin { attempt, ttl }, Some(row)) => row.begin(attempt, ttl, now),
            (RecordOperation::End { attempt, spent, why }, Some(row)) => row.end(attempt, spent, why),
            (RecordOperation::Close, Some(row)) => row.close(),
        }
    }

    /// A living record that nobody is about to refresh.
    pub fn new(record: Record) -> Self {
        Self { record, ended: false, mark: None, lease: None }
    }

    /// Whether a mark stands whose lease has ended: its holder is gone.
    pub fn is_abandoned(&self, now: Millis) -> bool {
        !self.ended && self.mark.is_some() && self.lease.is_none_or(|lease| lease.until <= now)
    }

    fn standing(self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Loaded(self.record),
        }
    }

    fn newer(self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Newer(self.record),
        }
    }

    fn begin(mut self, attempt: Attempt, ttl: Duration, now: Millis) -> (StoreReply, Change) {
        if self.ended {
            return (self.standing(), Change::None);
        }
        if let Some(lease) = self.lease.filter(|lease| lease.until > now) {
            return (StoreReply::Held { remaining: lease.until.since(now) }, Change::None);
        }
        let spent = self.record.generation;
        let earlier = self.mark.map(|mark| Mark::new(mark.attempt, spent, now.since(mark.set)));
        self.lease = Some(Lease { attempt, until: now.plus(ttl) });
        self.mark = self.mark.or(Some(SetMark { attempt, set: now }));
        (StoreReply::Begun { record: self.record.clone(), earlier }, Change::Write(self))
    }

    fn end(mut self, attempt: Attempt, spent: Generation, why: End) -> (StoreReply, Change) {
        let holds = self.lease.is_some_and(|lease| lease.attempt == attempt);
        if !holds || self.record.generation != spent || self.ended {
            return (StoreReply::Superseded, Change::None);
        }
        self.lease = None;
        match why {
            End::AttemptSpentNothing => self.mark = self.mark.filter(|mark| mark.attempt != attempt),
            End::AnswerLost => {}
            End::RefusedByServer => self = Self::tombstone(spent),
        }
        (StoreReply::Done, Change::Write(self))
    }

    fn close(self) -> (StoreReply, Change) {
        let tombstone = Self::tombstone(self.record.generation.out_of_reach());
        let reply = match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Closed(self.record),
        };
        (reply, Change::Write(tombstone))
    }

    fn tombstone(generation: Generation) -> Self {
        let record = Record::new(generation, SecretBytes::new(Vec::new()));
        Self { record, ended: true, mark: None, lease: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(25);
    const START: Millis = Millis(1_000);

    fn record(generation: u64) -> Record {
        Record::new(Generation(generation), SecretBytes::new(generation.to_be_bytes().to_vec()))
    }

    /// A place with one row, or none.
    #[derive(Default)]
    struct Place(Option<Row>);

    impl Place {
        fn with(generation: u64) -> Self {
            Self(Some(Row::new(record(generation))))
        }

        fn perform(&mut self, operation: RecordOperation, now: Millis) -> StoreReply {
            let (reply, change) = Row::perform(self.0.clone(), operation, now);
            match change {
                Change::None => {}
                Change::Write(row) => self.0 = Some(row),
                Change::Remove => self.0 = None,
            }
            reply
        }

        fn begin(&mut self, attempt: u128, now: Millis) -> StoreReply {
            self.perform(RecordOperation::Begin { attempt: Attempt(attempt), ttl: LEASE }, now)
        }

        fn commit(&mut self, spent: u64) -> StoreReply {
            let (spent, record) = (Generation(spent), record(spent + 1));
            self.perform(RecordOperation::Commit { spent, record }, START)
        }

        fn end(&mut self, attempt: u128, why: End) -> StoreReply {
            let (attempt, spent) = (Attempt(attempt), Generation(1));
            self.perform(RecordOperation::End { attempt, spent, why }, START)
        }

        fn load(&mut self) -> StoreReply {
            self.perform(RecordOperation::Load, START)
        }
    }

    fn begun(generation: u64, earlier: Option<Mark>) -> StoreReply {
        StoreReply::Begun { record: record(generation), earlier }
    }

    fn mark(attempt: u128, age: Duration) -> Mark {
        Mark::new(Attempt(attempt), Generation(1), age)
    }

    #[test]
    fn a_lease_is_held_until_its_time_is_over_and_its_mark_is_found_after_it() {
        let mut place = Place::with(1);
        assert_eq!(place.begin(7, START), begun(1, None));
        assert_eq!(place.begin(8, START), StoreReply::Held { remaining: LEASE });
        assert_eq!(place.begin(8, START.plus(LEASE)), begun(1, Some(mark(7, LEASE))));
    }

    #[test]
    fn a_late_answer_is_saved_whoever_holds_the_lease_and_clears_it() {
        let mut place = Place::with(1);
        place.begin(7, START);
        place.begin(8, START.plus(LEASE));
        assert_eq!(place.commit(1), StoreReply::Done);
        assert_eq!(place.begin(9, START), begun(2, None));
    }

    #[test]
    fn an_answer_for_a_generation_that_was_spent_already_gets_the_newer_record() {
        let mut place = Place::with(1);
        place.commit(1);
        assert_eq!(place.commit(1), StoreReply::Newer(record(2)));
    }

    #[test]
    fn a_late_valid_answer_revives_a_session_that_the_server_ended() {
        let mut place = Place::with(1);
        place.begin(7, START);
        assert_eq!(place.end(7, End::RefusedByServer), StoreReply::Done);
        assert_eq!(place.begin(8, START), StoreReply::Ended { generation: Generation(1) });
        assert_eq!(place.commit(1), StoreReply::Done);
        assert_eq!(place.load(), StoreReply::Loaded(record(2)));
    }

    #[test]
    fn no_answer_revives_a_session_that_the_application_ended() {
        let mut place = Place::with(1);
        place.begin(7, START);
        assert_eq!(place.perform(RecordOperation::Close, START), StoreReply::Closed(record(1)));
        let ended = StoreReply::Ended { generation: Generation(1).out_of_reach() };
        assert_eq!(place.commit(1), ended);
        assert_eq!(place.commit(2), ended, "not even one that was rotated further");
        assert_eq!(place.load(), ended);
        assert_eq!(place.0.as_ref().unwrap().record.bytes.expose_secret(), b"", "the tokens are gone");
    }

    #[test]
    fn a_session_that_the_server_ended_can_be_ended_for_good() {
        let mut place = Place::with(1);
        place.begin(7, START);
        place.end(7, End::RefusedByServer);
        assert_eq!(
            place.perform(RecordOperation::Close, START),
            StoreReply::Ended { generation: Generation(1) }
        );
        let ended = StoreReply::Ended { generation: Generation(1).out_of_reach() };
        assert_eq!(place.commit(1), ended);
    }

    #[test]
    fn a_lost_answer_gives_the_lease_back_and_leaves_its_mark() {
        let mut place = Place::with(1);
        place.begin(7, START);
        place.end(7, End::AnswerLost);
        assert_eq!(place.begin(8, START), begun(1, Some(mark(7, Duration::ZERO))));
    }

    #[test]
    fn an_attempt_that_spent_nothing_leaves_the_mark_of_an_earlier_one() {
        let mut place = Place::with(1);
        place.begin(7, START);
        place.end(7, End::AnswerLost);
        place.begin(8, START);
        place.end(8, End::AttemptSpentNothing);
        assert_eq!(place.begin(9, START), begun(1, Some(mark(7, Duration::ZERO))));
    }

    #[test]
    fn only_the_holder_of_the_lease_ends_an_attempt() {
        let mut place = Place::with(1);
        place.begin(7, START);
        assert_eq!(place.end(6, End::RefusedByServer), StoreReply::Superseded);
        assert_eq!(place.begin(8, START), StoreReply::Held { remaining: LEASE });
        assert_eq!(place.end(7, End::AttemptSpentNothing), StoreReply::Done);
        assert_eq!(place.begin(8, START), begun(1, None));
    }

    #[test]
    fn a_new_session_of_the_same_name_never_lowers_the_generation() {
        let mut place = Place::with(5);
        let create = |generation| RecordOperation::Create { record: record(generation) };
        assert_eq!(place.perform(create(1), START), StoreReply::Newer(record(5)));
        assert_eq!(place.perform(create(6), START), StoreReply::Done);
    }

    #[test]
    fn an_answer_whose_record_vanished_is_saved() {
        let mut place = Place::default();
        assert_eq!(place.load(), StoreReply::Missing);
        assert_eq!(place.begin(7, START), StoreReply::Missing);
        assert_eq!(place.end(7, End::AnswerLost), StoreReply::Missing);
        assert_eq!(place.commit(3), StoreReply::Done);
        assert_eq!(place.load(), StoreReply::Loaded(record(4)));
    }

    #[test]
    fn an_abandoned_record_has_a_mark_and_no_lease_that_runs() {
        let mut place = Place::with(1);
        place.begin(7, START);
        let abandoned = |place: &Place, now| place.0.as_ref().unwrap().is_abandoned(now);
        assert!(!abandoned(&place, START));
        assert!(abandoned(&place, START.plus(LEASE)));
        place.end(7, End::AttemptSpentNothing);
        assert!(!abandoned(&place, START.plus(LEASE)));
    }
}
