//! What is right and what is not, by the server's word.

use grantline_emulator::GrantReport;

use crate::job::Outcomes;
use crate::tally::Tally;

/// What was done to the workers of a round.
#[derive(Clone, Copy, Default)]
pub(crate) struct Strike {
    /// How many were struck before they had reported.
    pub(crate) struck: usize,
    /// Whether they were killed, and not only stopped for a while.
    pub(crate) killed: bool,
    /// Whether one was stopped in the middle of a write to SQLite, which has one writer at a time.
    pub(crate) holds_up: bool,
    /// Whether another had to end before it could save what it had, held up by that one.
    pub(crate) gave_up: bool,
}

/// One session in one round.
pub(crate) struct Case<'a> {
    pub(crate) session: &'a str,
    pub(crate) before: &'a GrantReport,
    pub(crate) after: &'a GrantReport,
    /// Whether the server takes a used refresh token again for a while.
    pub(crate) grace: bool,
    /// What the callers of the living workers got.
    pub(crate) heard: &'a Outcomes,
    /// The error that somebody got who asked when the round was over.
    pub(crate) later: Option<&'a str>,
}

impl Case<'_> {
    /// Adds this session to the tally. Answers whether its grant is lost.
    pub(crate) fn judge(&self, strike: Strike, tally: &mut Tally) -> bool {
        tally.expiries += 1;
        tally.refreshes += self.refreshes();
        tally.replays_in_grace += self.after.replays_in_grace - self.before.replays_in_grace;
        tally.replays_refused += self.after.replays_refused - self.before.replays_refused;
        tally.callers += self.heard.count();
        self.judge_requests(strike, tally);
        match self.later {
            None => self.judge_callers(strike, tally),
            Some(code) => self.judge_loss(code, strike, tally),
        }
        self.later.is_some()
    }

    fn refreshes(&self) -> u64 {
        self.after.refreshes - self.before.refreshes
    }

    fn replays(&self) -> u64 {
        let replays = |grant: &GrantReport| grant.replays_in_grace + grant.replays_refused;
        replays(self.after) - replays(self.before)
    }

    fn judge_requests(&self, strike: Strike, tally: &mut Tally) {
        // Whoever is struck when it has just taken the lease on a session that another refreshed meanwhile leaves a mark
        // there: nobody can know that it sent nothing.
        if !(1..=1 + strike.struck as u64).contains(&self.refreshes()) {
            let what = format!("was refreshed {} times, and {} were struck", self.refreshes(), strike.struck);
            self.violation(tally, &what);
        }
        // Whoever was struck leaves one mark, and one mark is worth one replay.
        if self.replays() > strike.struck as u64 {
            let replays = self.replays();
            self.violation(
                tally,
                &format!("was replayed {replays} times, and {} were struck", strike.struck),
            );
        }
    }

    /// The grant is alive.
    fn judge_callers(&self, strike: Strike, tally: &mut Tally) {
        // Without a grace window nobody but the one that is stopped can know; and then it brings the answer.
        let nobody_knows = !self.grace && strike.struck > 0 && !strike.killed;
        let mut failed = 0;
        for (code, count) in &self.heard.errors {
            match code.as_str() {
                "refresh_outcome_unknown" | "session_ended" if nobody_knows => tally.told_too_early += count,
                "store_unavailable" if strike.holds_up => tally.held_up += count,
                _ => failed += count,
            }
        }
        if failed > 0 {
            tally.callers_failed += failed;
            self.violation(tally, &format!("its callers failed: {:?}", self.heard.errors));
        }
    }

    /// Without a grace window a grant is lost if the server rotated and the answer died with whom it was for. Nothing
    /// else excuses a loss. Who ends with an answer that it cannot save has told its callers before.
    fn judge_loss(&self, code: &str, strike: Strike, tally: &mut Tally) {
        let died = strike.killed && strike.struck > 0 && self.heard.tokens.is_empty();
        let rotated_once = self.after.rotation == self.before.rotation + 1;
        if !self.grace && rotated_once && (died || strike.gave_up) {
            tally.lost_with_holder += 1;
            return;
        }
        tally.lost_otherwise += 1;
        let (from, to) = (self.before.rotation, self.after.rotation);
        let heard = &self.heard.tokens;
        self.violation(
            tally,
            &format!("is lost ({code}): rotation {from} to {to}, living callers got {heard:?}"),
        );
    }

    fn violation(&self, tally: &mut Tally, what: &str) {
        tally.violations.push(format!("{} of {} {what}", self.session, self.before.client_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(rotation: u64, replays_in_grace: u64, replays_refused: u64) -> GrantReport {
        let text = String::new;
        GrantReport {
            id: 1,
            client_id: text(),
            sub: text(),
            sid: text(),
            scopes: Vec::new(),
            rotation,
            refreshes: rotation - replays_in_grace,
            replays_in_grace,
            replays_refused,
            ended: None,
        }
    }

    fn heard(tokens: usize, errors: &[&str]) -> Outcomes {
        let mut outcomes = Outcomes::default();
        if tokens > 0 {
            outcomes.tokens.insert(7, tokens);
        }
        outcomes.errors = errors.iter().map(|code| ((*code).to_owned(), 1)).collect();
        outcomes
    }

    const KILLED: Strike = Strike { struck: 1, killed: true, holds_up: false, gave_up: false };
    const STOPPED: Strike = Strike { struck: 1, killed: false, holds_up: false, gave_up: false };
    const NONE: Strike = Strike { struck: 0, killed: false, holds_up: false, gave_up: false };

    fn judged(
        after: &GrantReport,
        heard: &Outcomes,
        later: Option<&str>,
        grace: bool,
        strike: Strike,
    ) -> Tally {
        let mut tally = Tally::default();
        let before = grant(0, 0, 0);
        let case = Case { session: "s", before: &before, after, grace, heard, later };
        assert_eq!(case.judge(strike, &mut tally), later.is_some());
        tally
    }

    #[test]
    fn one_refresh_and_no_failure_is_right() {
        let tally = judged(&grant(1, 0, 0), &heard(256, &[]), None, false, NONE);
        assert_eq!((tally.refreshes, tally.callers, tally.violations.len()), (1, 256, 0));
    }

    #[test]
    fn a_second_refresh_a_replay_and_a_failed_caller_are_wrong() {
        assert_eq!(judged(&grant(2, 0, 0), &heard(1, &[]), None, true, NONE).violations.len(), 1);
        assert_eq!(judged(&grant(2, 1, 0), &heard(1, &[]), None, true, NONE).violations.len(), 1);
        assert_eq!(judged(&grant(2, 0, 0), &heard(1, &[]), None, true, KILLED).violations.len(), 0);
        assert_eq!(judged(&grant(3, 0, 0), &heard(1, &[]), None, true, KILLED).violations.len(), 1);
        let tally = judged(&grant(1, 0, 0), &heard(1, &["store_unavailable"]), None, false, KILLED);
        assert_eq!((tally.callers_failed, tally.violations.len()), (1, 1));
    }

    #[test]
    fn a_loss_is_excused_only_without_grace_and_with_its_killed_holder() {
        let lost = Some("refresh_outcome_unknown");
        let unheard = || heard(0, &["refresh_outcome_unknown"]);
        let tally = judged(&grant(1, 0, 1), &unheard(), lost, false, KILLED);
        assert_eq!((tally.lost_with_holder, tally.violations.len()), (1, 0));
        for (after, heard, grace, strike) in [
            (grant(1, 0, 1), unheard(), true, KILLED),
            (grant(1, 0, 1), unheard(), false, STOPPED),
            (grant(1, 0, 1), heard(1, &[]), false, KILLED),
        ] {
            let tally = judged(&after, &heard, lost, grace, strike);
            assert_eq!((tally.lost_otherwise, tally.violations.len()), (1, 1));
        }
    }

    #[test]
    fn without_grace_callers_may_be_told_too_early_while_the_holder_is_stopped() {
        let tally = judged(&grant(1, 0, 1), &heard(0, &["refresh_outcome_unknown"]), None, false, STOPPED);
        assert_eq!((tally.told_too_early, tally.violations.len()), (1, 0));
        let tally = judged(&grant(2, 1, 0), &heard(0, &["refresh_outcome_unknown"]), None, true, STOPPED);
        assert_eq!((tally.callers_failed, tally.violations.len()), (1, 1));
    }

    #[test]
    fn who_has_to_end_while_it_is_held_up_takes_a_grant_without_grace_with_it() {
        let gave_up = Strike { holds_up: true, gave_up: true, ..STOPPED };
        let lost = Some("session_ended");
        let tally = judged(&grant(1, 0, 1), &heard(1, &[]), lost, false, gave_up);
        assert_eq!((tally.lost_with_holder, tally.violations.len()), (1, 0));
        let tally = judged(&grant(1, 0, 1), &heard(1, &[]), lost, true, gave_up);
        assert_eq!((tally.lost_otherwise, tally.violations.len()), (1, 1));
    }

    #[test]
    fn who_is_stopped_in_the_middle_of_a_write_holds_others_up_and_excuses_nothing_else() {
        let held_up = Strike { holds_up: true, ..STOPPED };
        let tally = judged(&grant(1, 0, 0), &heard(9, &["store_unavailable"]), None, true, held_up);
        assert_eq!((tally.held_up, tally.violations.len()), (1, 0));
        let tally = judged(&grant(1, 0, 0), &heard(9, &["store_damaged"]), None, true, held_up);
        assert_eq!((tally.callers_failed, tally.violations.len()), (1, 1));
    }
}
