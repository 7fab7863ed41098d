//! Invariants of what the store holds.

use grantline_core::{End, RecordOperation, StoreReply};

use crate::invariants::{Granted, Invariant};
use crate::server::issued_in;
use crate::shelf::OnRecord;
use crate::store::Kept;
use crate::world::World;

impl World<'_> {
    /// What an operation made of the store:
    ///
    /// `generation-never-falls`: no operation leaves a lower generation than it found, tombstones included, and none
    /// removes the record. And none but a login's puts another grant in its place: what comes late of an earlier grant is
    /// not saved.
    ///
    /// `ends-only-for-cause`, the store's half: a living record becomes a tombstone only
    /// - by the end of an attempt whose host has learnt from the server, by an answer to that very attempt, that the
    ///   refresh token of that generation is dead; or, where the application wants a login rather than a token that is
    ///   sent twice, that found an earlier attempt's mark;
    /// - because the application ended the session. Nothing revives it then but a login.
    pub(crate) fn judge_store(
        &mut self,
        (host, life): (usize, u32),
        on: &OnRecord,
        before: Option<&Kept>,
        reply: &StoreReply,
    ) {
        let session = on.session;
        match (&on.operation, reply) {
            (RecordOperation::Begin { attempt, ttl }, StoreReply::Begun { .. }) => {
                let (attempt, until) = (*attempt, self.store.clock.boot(self.now).plus(*ttl));
                let after_mark = self.marks[session].is_some();
                self.leases.push(Granted { attempt, host, life, began: self.now, until, after_mark });
            }
            (
                RecordOperation::Commit { record, .. } | RecordOperation::Create { record },
                StoreReply::Done,
            ) => {
                if let Some((_, access)) = issued_in(record) {
                    self.server.access[access].saved.get_or_insert(self.now);
                }
            }
            _ => {}
        }
        self.follow_mark(on, reply);
        let (Some(before), after) = (before, self.store.kept(session)) else { return };
        let generation = before.record.generation;
        if after.is_none_or(|after| after.record.generation < generation) {
            let now = after.map(|after| after.record.generation);
            return self.fail(Invariant::GenerationNeverFalls, || {
                format!("host {host} makes {now:?} of {generation:?} in session {session}")
            });
        }
        let login = matches!(on.operation, RecordOperation::Create { .. });
        let grant = |kept: &Kept| self.server.tokens[kept.issued.0].family;
        if !login && after.is_some_and(|after| grant(after) != grant(before)) {
            return self.fail(Invariant::GenerationNeverFalls, || {
                format!("host {host} puts another login's grant in the place of session {session}")
            });
        }
        let ends = !before.ended && after.is_some_and(|after| after.ended) && !self.has_cause(on);
        let revived = before.closed && !login && after.is_some_and(|after| !after.ended);
        if ends || revived {
            self.fail(Invariant::EndsOnlyForCause, || {
                format!("host {host} does {:?} to session {session}, revives it: {revived}", on.operation)
            });
        }
    }

    /// Which mark has to stand there by the table of operations, whatever the store makes of it: of the first attempt
    /// on the generation that may have been sent, and whose outcome is not known. Whoever says that it spent nothing is
    /// only believed if it cannot have.
    fn follow_mark(&mut self, on: &OnRecord, reply: &StoreReply) {
        let mark = &mut self.marks[on.session];
        match (&on.operation, reply) {
            (RecordOperation::Begin { attempt, .. }, StoreReply::Begun { .. }) => {
                mark.get_or_insert(*attempt);
            }
            (RecordOperation::End { attempt, why: End::AttemptSpentNothing, .. }, StoreReply::Done)
                if !on.unanswered =>
            {
                *mark = mark.filter(|set| set != attempt);
            }
            (RecordOperation::End { why: End::AnswerLost | End::AttemptSpentNothing, .. }, _) => {}
            (
                RecordOperation::Commit { .. } | RecordOperation::End { .. } | RecordOperation::Create { .. },
                StoreReply::Done,
            )
            | (RecordOperation::Close, _) => *mark = None,
            _ => {}
        }
    }

    fn has_cause(&self, on: &OnRecord) -> bool {
        match &on.operation {
            RecordOperation::Close => true,
            RecordOperation::End { attempt, spent, why: End::RefusedByServer } => {
                let told =
                    on.refused.is_some_and(|refused| (refused.attempt, refused.spent) == (*attempt, *spent));
                told || self.plan.asks_for_login && on.found_mark
            }
            _ => false,
        }
    }
}
