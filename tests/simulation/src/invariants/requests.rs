//! Invariants of what reaches the server.

use crate::host::{Known, Sender};
use crate::invariants::{Granted, Invariant};
use crate::server::{Policy, Reached, TokenId, issued_in};
use crate::wire::Exchange;
use crate::world::World;

impl World<'_> {
    /// `no-replay-under-a-lease`: when a refresh request is handed to the network,
    /// - no lease of another attempt runs whose process lives, unless the sender's own would still run if a late answer
    ///   had not been saved, which clears whatever lease there is;
    /// - the sender was given a lease for it; or it is the last refresh token that the sender got, and the store has not
    ///   confirmed that it has taken it;
    /// - it is the first on that lease; or the second, and no answer to the first has come that can be read (where the
    ///   application wants a login rather than a token that is sent twice, there is no second).
    ///
    /// A process that is stopped lives. What counts is the moment at which the performer lets go of the request: for
    /// how long a network or a stopped process holds it after that, nobody can decide. A request that certainly never
    /// left does not count. Where the store's clock was set, leases do not run for as long as was agreed, and the first
    /// rule says nothing.
    pub(crate) fn judge_send(
        &mut self,
        host: usize,
        session: usize,
        token: TokenId,
        sender: Option<&Sender>,
    ) {
        let view = &self.hosts[host].views[session];
        let sent = view.sent().filter(|known| *known != Known::NotSent).count();
        let answered = view.sent().any(|known| known == Known::Answer);
        let most = if self.plan.asks_for_login { 1 } else { 2 };
        if answered || sent >= most {
            self.fail(Invariant::NoReplayUnderALease, || {
                format!("host {host} sends rt{token} again after {sent} requests, answered: {answered}")
            });
        }
        match sender {
            Some(sender) if !sender.in_memory => self.judge_lease(host, session, token, sender),
            Some(_) => self.judge_in_memory(host, session, token),
            None => self.fail(Invariant::NoReplayUnderALease, || {
                format!("host {host} sends rt{token} without a lease")
            }),
        }
        if self.plan.is_faultless() {
            self.judge_need(host, session, token, sender);
        }
    }

    fn judge_lease(&mut self, host: usize, session: usize, token: TokenId, sender: &Sender) {
        let holder = self.store.holder(session, self.now).filter(|holder| *holder != sender.attempt);
        let lease = holder.and_then(|holder| self.lease_of(holder));
        let Some(Granted { host: other, life, .. }) = lease.copied() else { return };
        let own = self.lease_of(sender.attempt);
        let lapsed = own.is_none_or(|own| own.until <= self.store.clock.boot(self.now));
        if lapsed && self.hosts[other].is_alive(life) && !self.store.clock_jumped {
            self.fail(Invariant::NoReplayUnderALease, || {
                format!("host {host} sends rt{token} while host {other} lives and holds the lease")
            });
        }
    }

    fn judge_in_memory(&mut self, host: usize, session: usize, token: TokenId) {
        let last = self.hosts[host].views[session].last;
        if last != Some(token) {
            self.fail(Invariant::NoReplayUnderALease, || {
                format!(
                    "host {host} sends rt{token} without a lease, though {last:?} is the last that it got"
                )
            });
        }
    }

    /// `one-refresh-per-expiry`: where nothing fails and all clocks are right, every refresh token is presented once,
    /// and only when the access token that came with it is in the last fifth of its life (five minutes at most), dead,
    /// or refused by an API.
    fn judge_need(&mut self, host: usize, session: usize, token: TokenId, sender: Option<&Sender>) {
        let held = self.hosts[host].views[session].attempt.as_ref();
        let Some((_, access)) = held.and_then(|held| issued_in(&held.record)) else { return };
        let life = self.plan.access_life;
        let due = self.server.access[access].issued - self.plan.http_way.1 + life - (life / 5).min(300_000);
        let spent =
            self.server.tokens[token].spent.is_some() && !matches!(self.plan.policy, Policy::ReUse { .. });
        let refused = sender.is_some_and(|sender| self.refused.contains(&(session, sender.spent)));
        if spent || self.now < due && !refused {
            self.fail(Invariant::OneRefreshPerExpiry, || {
                format!("host {host} presents rt{token}, spent: {spent}, due at {due}")
            });
        }
    }

    /// `answer-not-lost`, where a replay ends all tokens of a grant. It must not have been presented
    /// - although what had come of it was saved before the presenter's lease began; or
    /// - although that had reached another process, which lives, and whose lease had not run out by itself.
    ///
    /// Whoever is alone with a token in memory, cut off from the store, cannot know of either.
    pub(crate) fn judge_revocation(&mut self, exchange: &Exchange, token: TokenId, sender: &Sender) {
        let began = self.lease_of(sender.attempt).map_or(0, |lease| lease.began);
        let saved = self.server.was_saved(token, began);
        let sent = self.store.clock.boot(exchange.sent);
        let lives = |reached: &Reached| {
            let lease = self.lease_of(reached.attempt);
            self.hosts[reached.host].is_alive(reached.life)
                && reached.attempt != sender.attempt
                && reached.at <= exchange.sent
                && lease.is_some_and(|lease| lease.until > sent)
                && !self.store.clock_jumped
        };
        let lives_on = |token: TokenId| self.server.tokens[token].reached.iter().any(lives);
        let in_hand = self.server.children(token).any(lives_on);
        if (saved || in_hand) && !sender.in_memory {
            let host = exchange.host;
            self.fail(Invariant::AnswerNotLost, || {
                format!("host {host} ends all tokens by rt{token}; saved: {saved}, in hand: {in_hand}")
            });
        }
    }

    /// A holder has learnt that an answer is lost. If a request that it sends now still finds the grace open, the grant
    /// must survive wherever that was the only fault.
    pub(crate) fn note_lost_answer(&mut self, host: usize, session: usize, served: Option<i64>) {
        let view = &self.hosts[host].views[session];
        let (Some(held), Some(grace)) = (&view.attempt, self.plan.grace()) else { return };
        let first = view.sent().filter(|known| *known != Known::NotSent).count() == 1;
        let in_time = served.is_none_or(|served| self.now + self.plan.http_way.1 + 10 <= served + grace);
        let within_lease = self.now - held.since <= self.plan.request_limit() + 1_000;
        self.verdict.replay_was_in_time |= first && in_time && within_lease && !held.saving;
    }
}
