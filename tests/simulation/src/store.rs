//! The simulated store, after the table of operations in the documentation, with a clock of its own.

use grantline_core::{
    Attempt, End, Generation, Mark, Millis, Record, RecordOperation, SecretBytes, StoreFailure,
    StoreFailureKind, StoreReply, Which,
};

use crate::clock::{Clock, Ms};
use crate::safeguards::Safeguard;
use crate::server::{Issued, issued_in};

/// By so much is the tombstone of an application higher than what it stands for.
const OUT_OF_REACH: u64 = 1 << 32;

/// What is kept of one session.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) record: Record,
    /// The tokens in the last record that was written. A tombstone keeps them: for the judge.
    pub(crate) issued: Issued,
    pub(crate) ended: bool,
    /// Whether the application ended it.
    pub(crate) closed: bool,
    lease: Option<(Attempt, Millis)>,
    /// Whose, the generation to be spent, and since when.
    mark: Option<(Attempt, Generation, Millis)>,
}

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) clock: Clock,
    /// Whether the clock was set meanwhile: then leases ran for another time than was asked for.
    pub(crate) clock_jumped: bool,
    pub(crate) down_until: Ms,
    kept: Vec<Option<Kept>>,
    /// Which sessions the application has ever ended.
    ended_by_application: Vec<bool>,
    removed: Option<Safeguard>,
}

impl Store {
    pub(crate) fn new(clock: Clock, sessions: usize, removed: Option<Safeguard>) -> Self {
        Self {
            clock,
            clock_jumped: false,
            down_until: 0,
            kept: vec![None; sessions],
            ended_by_application: vec![false; sessions],
            removed,
        }
    }

    pub(crate) fn kept(&self, session: usize) -> Option<&Kept> {
        self.kept[session].as_ref()
    }

    /// How often the session was rotated, as far as the store knows.
    pub(crate) fn generation(&self, session: usize) -> Option<Generation> {
        self.kept(session).map(|kept| kept.record.generation)
    }

    /// Whether the application ended it at any time, though a login may have followed.
    pub(crate) fn was_ended_by_application(&self, session: usize) -> bool {
        self.ended_by_application[session]
    }

    /// The attempt whose lease runs.
    pub(crate) fn holder(&self, session: usize, at: Ms) -> Option<Attempt> {
        let (attempt, until) = self.kept(session)?.lease?;
        (until > self.clock.boot(at)).then_some(attempt)
    }

    /// Performs one operation.
    pub(crate) fn perform(&mut self, session: usize, operation: RecordOperation, at: Ms) -> StoreReply {
        let now = self.clock.boot(at);
        match operation {
            RecordOperation::Create { record } => self.create(session, record),
            RecordOperation::Load => self.standing(session),
            RecordOperation::Begin { attempt, ttl } => {
                self.begin(session, attempt, now, now.plus(ttl)).unwrap_or_else(|| self.standing(session))
            }
            RecordOperation::Commit { spent, record } => self.commit(session, spent, record),
            RecordOperation::End { attempt, spent, why } => self.end(session, attempt, spent, why),
            RecordOperation::Close => self.close(session),
            other => {
                let detail = format!("the simulation knows no {other:?}");
                StoreReply::Failed(StoreFailure::new(StoreFailureKind::Misbehaved, detail))
            }
        }
    }

    /// The sessions of a list.
    pub(crate) fn list(&self, which: Which, at: Ms) -> Vec<(usize, Generation)> {
        let now = self.clock.boot(at);
        let belongs = |kept: &&Kept| {
            let is_abandoned = kept.mark.is_some() && kept.lease.is_none_or(|(_, until)| until <= now);
            !kept.ended && (which == Which::Living || is_abandoned)
        };
        let kept = self.kept.iter().enumerate();
        kept.filter_map(|(place, kept)| Some((place, kept.as_ref().filter(belongs)?.record.generation)))
            .collect()
    }

    fn standing(&self, session: usize) -> StoreReply {
        match self.kept(session) {
            None => StoreReply::Missing,
            Some(Kept { record, ended: true, .. }) => StoreReply::Ended { generation: record.generation },
            Some(Kept { record, .. }) => StoreReply::Loaded(record.clone()),
        }
    }

    fn newer(&self, session: usize) -> StoreReply {
        match self.standing(session) {
            StoreReply::Loaded(record) => StoreReply::Newer(record),
            other => other,
        }
    }

    fn create(&mut self, session: usize, record: Record) -> StoreReply {
        if self.generation(session).is_some_and(|kept| kept >= record.generation) {
            return self.newer(session);
        }
        self.write(session, record)
    }

    /// Nothing, where there is no living record.
    fn begin(&mut self, session: usize, attempt: Attempt, now: Millis, until: Millis) -> Option<StoreReply> {
        let kept = self.kept[session].as_mut().filter(|kept| !kept.ended)?;
        let waits = self.removed != Some(Safeguard::LeaseWait);
        if let Some((_, running)) = kept.lease.filter(|(_, running)| *running > now && waits) {
            return Some(StoreReply::Held { remaining: running.since(now) });
        }
        let earlier = kept.mark.map(|(whose, spent, set)| Mark::new(whose, spent, now.since(set)));
        kept.lease = Some((attempt, until));
        if self.removed != Some(Safeguard::PendingMark) {
            kept.mark = kept.mark.or(Some((attempt, kept.record.generation, now)));
        }
        Some(StoreReply::Begun { record: kept.record.clone(), earlier })
    }

    fn commit(&mut self, session: usize, spent: Generation, record: Record) -> StoreReply {
        let fence = self.removed != Some(Safeguard::GenerationFence);
        if fence && self.generation(session).is_some_and(|kept| kept > spent) {
            return self.newer(session);
        }
        let ended = self.kept(session).is_some_and(|kept| kept.ended);
        if ended && self.removed == Some(Safeguard::TombstoneRevival) {
            return self.standing(session);
        }
        self.write(session, record)
    }

    fn end(&mut self, session: usize, attempt: Attempt, spent: Generation, why: End) -> StoreReply {
        let Some(kept) = self.kept[session].as_mut() else { return StoreReply::Missing };
        let holds = kept.lease.is_some_and(|(holder, _)| holder == attempt);
        if !holds || kept.ended || kept.record.generation != spent {
            return StoreReply::Superseded;
        }
        kept.lease = None;
        match why {
            End::AttemptSpentNothing => kept.mark = kept.mark.filter(|(whose, ..)| *whose != attempt),
            End::AnswerLost => {}
            End::RefusedByServer => kept.bury(spent),
            // Nothing else is in the table.
            _ => return StoreReply::Missing,
        }
        StoreReply::Done
    }

    fn close(&mut self, session: usize) -> StoreReply {
        let stood = match self.standing(session) {
            StoreReply::Loaded(record) => StoreReply::Closed(record),
            other => other,
        };
        if let Some(kept) = self.kept[session].as_mut() {
            kept.bury(Generation(kept.record.generation.0 + OUT_OF_REACH));
            kept.closed = true;
            self.ended_by_application[session] = true;
        }
        stood
    }

    fn write(&mut self, session: usize, record: Record) -> StoreReply {
        let Some(issued) = issued_in(&record) else {
            let detail = "a record came with no tokens that the server issued";
            return StoreReply::Failed(StoreFailure::new(StoreFailureKind::Misbehaved, detail));
        };
        self.kept[session] =
            Some(Kept { record, issued, ended: false, closed: false, lease: None, mark: None });
        StoreReply::Done
    }
}

impl Kept {
    fn bury(&mut self, generation: Generation) {
        self.record = Record::new(generation, SecretBytes::new(Vec::new()));
        (self.ended, self.lease, self.mark) = (true, None, None);
    }
}
