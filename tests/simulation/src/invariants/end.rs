//! What has to be true in the end, when nothing fails any more.

use crate::callers::Answered;
use crate::faults::{Kind, What};
use crate::host::{Host, Waiting};
use crate::invariants::Invariant;
use crate::server::{FamilyEnd, TokenId};
use crate::store::Kept;
use crate::world::World;

impl World<'_> {
    /// `answer-not-lost`: in the end, when nothing fails any more and every host that lives has asked for a token that
    /// is not in its memory, the session gives one wherever the server would take the refresh token of the last record
    /// that was saved; or, if that is spent, one that came of it and reached a process that still lives. Where the
    /// application wants a login rather than a token that is sent twice, the first does not count.
    ///
    /// `every-caller-answered`: nobody is still waiting.
    pub(crate) fn judge_the_end(&mut self) {
        if let Some((host, waiting)) = self.still_waiting() {
            self.fail(Invariant::EveryCallerAnswered, || {
                format!("caller {} on host {host} was never answered", waiting.caller)
            });
        }
        for session in 0..self.plan.sessions {
            let closed = self.store.kept(session).is_some_and(|kept| kept.closed);
            let Some(told) = self.silence(session).filter(|_| !closed) else { continue };
            if self.must_live(session) {
                self.fail(Invariant::AnswerNotLost, || {
                    format!("session {session} gives no token in the end, though the server would: {told}")
                });
            }
            if matches!(self.family_end(session), None | Some(FamilyEnd::Reuse)) {
                self.verdict.lost += 1;
                self.judge_loss(session, &told);
            }
        }
    }

    /// `one-fault-survived`: no session is over where there was one fault at most, and
    /// - the grace is 60 s or more, and after the last lease had ended somebody wanted the token who could still get it
    ///   within the grace. A sleep that is longer than the lease may keep a request in a stopped process for longer than
    ///   any grace, and is excepted; or
    /// - the grace is shorter, and the fault left a holder alive that learnt of its lost answer while a replay was still
    ///   in time; or
    /// - the fault was the orderly end of a process.
    ///
    /// Excepted is an application that wants a login rather than a refresh token that is sent twice.
    fn judge_loss(&mut self, session: usize, told: &str) {
        let excepted = self.verdict.injected[Kind::LongSleep.place()] > 0 || self.comes_too_late();
        let covered =
            self.plan.one_fault && self.plan.grace() >= Some(60_000) && self.was_wanted_in_time(session);
        let alone = self.plan.faults.len() == 1 && self.plan.wrong_clocks() == 0;
        let orderly = |what: What| matches!(what, What::Shutdown { .. });
        let in_hand =
            self.verdict.replay_was_in_time || self.plan.faults.iter().any(|fault| orderly(fault.what));
        if (covered || alone && in_hand) && !excepted && !self.plan.asks_for_login {
            self.fail(Invariant::OneFaultSurvived, || format!("session {session} is lost: {told}"));
        }
    }

    /// Whether a caller waited for a token when the lease had ended, and so much of the grace was left that a request
    /// could arrive within it after a few operations on the store.
    fn was_wanted_in_time(&self, session: usize) -> bool {
        let Some(Kept { issued: (saved, _), .. }) = self.store.kept(session) else { return false };
        let (Some(spent), Some(grace)) = (self.server.tokens[*saved].spent, self.plan.grace()) else {
            return false;
        };
        let takes = 1_000 + 6 * self.plan.store_way.1 + self.plan.http_way.1;
        let lease = self.leases.iter().rev().find(|lease| lease.began <= spent);
        let from = lease.map_or(spent, |lease| self.store.clock.when(lease.until));
        let until = spent + grace - takes;
        self.wants.iter().any(|want| want.session == session && want.from <= until && want.until >= from)
    }

    /// A request that reaches the server when its sender has given it up may be the first or the second of two. A grace
    /// of less than 30 s, which is longer than any is late, does not always cover that.
    fn comes_too_late(&self) -> bool {
        let late = |what: What| matches!(what, What::LateRequest { .. });
        self.plan.grace() < Some(30_000) && self.plan.faults.iter().any(|fault| late(fault.what))
    }

    fn family_end(&self, session: usize) -> Option<FamilyEnd> {
        self.server.family_end(self.store.kept(session)?.issued.0)
    }

    fn still_waiting(&self) -> Option<(usize, Waiting)> {
        let first = |(place, host): (usize, &Host)| Some((place, *host.waiting.first()?));
        self.hosts.iter().enumerate().find_map(first)
    }

    /// What the probe of a session was told that got no token.
    fn silence(&self, session: usize) -> Option<String> {
        let probes = &self.callers[self.plan.callers.len()..];
        probes.iter().filter(|probe| probe.session == session).find_map(|probe| match &probe.last {
            Answered::Token => None,
            Answered::Nothing => Some("nothing".to_owned()),
            Answered::Error(error) => Some(error.code().into_owned()),
        })
    }

    fn must_live(&self, session: usize) -> bool {
        let Some(Kept { issued: (saved, _), .. }) = self.store.kept(session) else { return true };
        let in_hand = |token: TokenId| {
            let mut reached = self.server.tokens[token].reached.iter();
            self.server.is_live(token) && reached.any(|by| self.hosts[by.host].is_alive(by.life))
        };
        self.server.is_live(*saved) && !self.plan.asks_for_login
            || self.server.descendants(*saved).any(in_hand)
    }
}
