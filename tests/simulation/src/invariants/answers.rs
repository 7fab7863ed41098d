//! Invariants of what callers are told.

use grantline_core::{AccessToken, Advice, EndReason, Error, Event};

use crate::clock::Ms;
use crate::host::Waiting;
use crate::invariants::{Invariant, Want};
use crate::schedule::Wish;
use crate::server::named;
use crate::world::World;

/// How long one operation on the store may take.
const STORE_LIMIT: Ms = 6_000;

impl World<'_> {
    /// `saved-before-seen`: the access token that a caller is given was issued for its session, and the store had what
    /// came with it before, or the token says of itself that it is not saved. Where nothing fails it is not past its
    /// time.
    pub(crate) fn judge_token(&mut self, host: usize, session: usize, token: &AccessToken) {
        let access = named(token.expose_secret(), "at").and_then(|id| self.server.access.get(id));
        let good = access.is_some_and(|access| {
            let dead = self.plan.is_faultless() && self.now > access.issued + self.plan.access_life;
            access.session == session && (access.saved.is_some() || !token.is_saved()) && !dead
        });
        if !good {
            let access = format!("{access:?}, saved as it says: {}", token.is_saved());
            self.fail(Invariant::SavedBeforeSeen, || {
                format!("host {host} gives {} for session {session}: {access}", token.expose_secret())
            });
        }
    }

    /// `ends-only-for-cause`, the caller's half. Whoever is told to log in again is told so because
    /// - `session_ended`: the last that the store told the host of the session is that a tombstone stands there; or
    /// - for the reasons of [`Self::is_over`].
    pub(crate) fn judge_error(&mut self, host: usize, waiting: &Waiting, error: &Error) {
        if error.advice() != Advice::LogInAgain || matches!(waiting.wish, Wish::End | Wish::LogIn) {
            return;
        }
        let (session, code) = (waiting.session, error.code().into_owned());
        let cause = match code.as_str() {
            "session_ended" => self.hosts[host].views[session].saw_ended,
            "refresh_outcome_unknown" => self.is_over(host, session, true),
            "invalid_grant" | "invalid_scope" => self.is_over(host, session, false),
            _ => false,
        };
        if !cause {
            let refused = self.hosts[host].views[session].refused;
            self.fail(Invariant::EndsOnlyForCause, || {
                format!("host {host} says {code} of session {session}, whose last refusal was {refused:?}")
            });
        }
    }

    /// `ends-only-for-cause`: the server told the host that the refresh token is dead, and the store held no later
    /// generation when the server said so (else the read after a refusal would have brought it). The reason is that an
    /// answer was lost, if the mark of an earlier attempt has to stand there, or an answer to this one was lost: then
    /// `invalid_grant` alone would blame the user. Where the application wants a login rather than a token that is sent
    /// twice, an earlier attempt's mark is enough.
    fn is_over(&self, host: usize, session: usize, answer_lost: bool) -> bool {
        let view = &self.hosts[host].views[session];
        let found_mark = view.attempt.as_ref().is_some_and(|held| held.found_mark);
        let refused = view.refused.is_some_and(|refused| {
            refused.stored_then <= Some(refused.spent) && refused.after_a_loss == answer_lost
        });
        refused || answer_lost && found_mark && self.plan.asks_for_login
    }

    /// `ends-only-for-cause`: what is told of the end of a session by events is true as well.
    pub(crate) fn judge_event(&mut self, host: usize, event: &Event) {
        let Event::SessionEnded { key, why } = event else { return };
        let Some(session) = self.client.session_named(key.session.as_str()) else { return };
        let cause = match why {
            EndReason::EndedByApplication => self.store.was_ended_by_application(session),
            EndReason::RefreshOutcomeUnknown => self.is_over(host, session, true),
            _ => self.is_over(host, session, false),
        };
        if !cause {
            let refused = self.hosts[host].views[session].refused;
            self.fail(Invariant::EndsOnlyForCause, || {
                format!("host {host} tells {why:?} of session {session}, whose last refusal was {refused:?}")
            });
        }
    }

    /// `every-caller-answered`: whoever asks and stays is answered, with a token or an error, while its host has run for
    /// no longer than [`Self::longest_wait`] since. Time in which the host is stopped does not count; a host that
    /// dies takes its callers with it.
    pub(crate) fn judge_wait(&mut self, host: usize, waiting: &Waiting) {
        self.wants.push(Want { session: waiting.session, from: waiting.since, until: self.now });
        let waited = self.now - waiting.since - (self.hosts[host].slept - waiting.slept_before);
        self.verdict.longest_wait = self.verdict.longest_wait.max(waited);
        if waited > self.longest_wait(waiting.wish) {
            self.fail(Invariant::EveryCallerAnswered, || {
                format!("caller {} on host {host} waited for {waited} ms", waiting.caller)
            });
        }
    }

    /// A flight waits for other holders for three leases; sends twice, for the time limit and three seconds each, if
    /// nobody ever tells what became of it; and asks a store that takes its time ten times at most. Whoever wants more
    /// than others may have to wait for the end of their flight before its own begins.
    fn longest_wait(&self, wish: Wish) -> Ms {
        let limit = self.plan.request_limit();
        let lease = 2 * limit + 10_000;
        let flight = 3 * lease + 2 * (limit + 3_000) + 10 * STORE_LIMIT;
        if wish == Wish::Token { flight } else { 2 * flight }
    }
}
