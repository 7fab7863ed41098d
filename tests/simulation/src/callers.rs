//! Those who want something of a session, and what they do with an outcome.

use std::time::Duration;

use grantline_core::{
    AccessToken, Advice, CallId, Engine, Error, Freshness, Generation, Operation, Outcome, Output, Rescue,
    Seed,
};

use crate::clock::Ms;
use crate::faults::Kind;
use crate::host::Waiting;
use crate::invariants::Want;
use crate::random::{self, Random};
use crate::schedule::Wish;
use crate::world::{Event, World};

/// How long a probe at the end keeps asking.
const PROBE: Ms = 10 * 60_000;

/// Somebody on a host who wants something of a session now and then.
#[derive(Debug)]
pub(crate) struct Wisher {
    pub(crate) host: usize,
    pub(crate) session: usize,
    /// Whether the user logs in again when told so.
    obeys: bool,
    /// The last token that it was given.
    in_hand: Option<Generation>,
    pub(crate) last: Answered,
}

/// What a caller was last answered.
#[derive(Debug, Default)]
pub(crate) enum Answered {
    #[default]
    Nothing,
    Token,
    Error(Error),
}

impl Wisher {
    pub(crate) fn new(host: usize, session: usize, obeys: bool) -> Self {
        Self { host, session, obeys, in_hand: None, last: Answered::Nothing }
    }
}

impl World<'_> {
    pub(crate) fn want_as_planned(&mut self) {
        for (caller, plan) in self.plan.callers.iter().enumerate() {
            for ask in &plan.asks {
                let (wish, leaves_after, until) = (ask.wish, ask.leaves_after, ask.at + ask.keeps_asking);
                self.later(ask.at, Event::Ask { caller, wish, leaves_after, until });
            }
        }
    }

    /// In the end every session is asked for its token on every host that lives.
    pub(crate) fn probe(&mut self) {
        for host in 0..self.hosts.len() {
            for session in 0..self.plan.sessions {
                if self.hosts[host].engine.is_some() {
                    self.callers.push(Wisher::new(host, session, false));
                    let (caller, until) = (self.callers.len() - 1, self.now + PROBE);
                    let ask = Event::Ask { caller, wish: Wish::Token, leaves_after: None, until };
                    self.later(self.now, ask);
                }
            }
        }
    }

    /// What a driver does for a caller: the token at hand if it is fresh; the same, and a refresh in the background, if
    /// it is near its end; else the caller waits.
    pub(crate) fn ask(&mut self, caller: usize, wish: Wish, leaves_after: Option<Ms>, until: Ms) {
        let Wisher { host, session, in_hand, .. } = self.callers[caller];
        let serves = self.hosts[host].ends.is_none();
        let Some(engine) = self.hosts[host].engine.as_ref().filter(|_| serves) else {
            return self.hosts[host].left_behind.push((caller, until));
        };
        let refused = in_hand.filter(|_| matches!(wish, Wish::Newer | Wish::Replacement));
        self.refused.extend(refused.map(|generation| (session, generation)));
        let slot = engine.session_slot(self.client.key(session));
        if let (Wish::Replacement, Some(refused)) = (wish, refused) {
            slot.invalidate(refused);
        }
        let at_hand = slot.look(self.hosts[host].clock.now(self.now));
        let enough = matches!(wish, Wish::Token | Wish::Replacement);
        if let Some((token, freshness)) = at_hand.filter(|_| enough) {
            return self.has_at_hand(caller, &token, freshness, until);
        }
        crate::say!(self, "caller {caller} asks host {host} for session {session}: {wish:?}");
        let call = self.call(caller, wish, refused.filter(|_| wish == Wish::Newer), until);
        let life = self.hosts[host].life;
        if let (Some(after), Some(call)) = (leaves_after, call) {
            self.later(self.now + after, Event::Leave { host, life, call });
        }
    }

    fn has_at_hand(&mut self, caller: usize, token: &AccessToken, freshness: Freshness, until: Ms) {
        let Wisher { host, session, .. } = self.callers[caller];
        self.callers[caller].in_hand = Some(token.generation());
        self.callers[caller].last = Answered::Token;
        self.judge_token(host, session, token);
        if freshness == Freshness::RefreshAhead {
            crate::say!(self, "caller {caller} has a token that is near its end");
            self.wants.push(Want { session, from: self.now, until: self.now });
            self.in_background(host, self.client.token(session, None));
            self.ask_again(caller, until, Duration::from_secs(1));
        }
    }

    fn call(
        &mut self,
        caller: usize,
        wish: Wish,
        newer_than: Option<Generation>,
        until: Ms,
    ) -> Option<CallId> {
        let session = self.callers[caller].session;
        let operation: Operation = match wish {
            Wish::End => self.client.end(session),
            Wish::LogIn => self.client.begin_login(session).ok()?,
            _ => self.client.token(session, newer_than),
        };
        self.call_for(caller, wish, operation, until)
    }

    fn call_for(&mut self, caller: usize, wish: Wish, operation: Operation, until: Ms) -> Option<CallId> {
        let Wisher { host, session, .. } = self.callers[caller];
        let seed = self.seed(host);
        let here = &mut self.hosts[host];
        let call = here.engine.as_ref()?.call(operation, seed, here.clock.now(self.now));
        let (since, slept_before) = (self.now, here.slept);
        here.waiting.push(Waiting { call, caller, until, session, wish, since, slept_before });
        self.verdict.calls += 1;
        self.drain(host);
        Some(call)
    }

    fn in_background(&mut self, host: usize, operation: Operation) {
        let (seed, now) = (self.seed(host), self.hosts[host].clock.now(self.now));
        if let Some(engine) = &self.hosts[host].engine {
            Engine::begin(engine, operation, seed, now);
            self.drain(host);
        }
    }

    /// Whoever opens a store looks after those whose holder is gone.
    pub(crate) fn rescue(&mut self, host: usize) {
        for when in [Rescue::AtOnce, Rescue::OnceLeasesHaveEnded] {
            self.in_background(host, self.client.rescue(when));
        }
    }

    /// Entropy for the next operation of a host.
    fn seed(&mut self, host: usize) -> Seed {
        self.hosts[host].calls += 1;
        seed(self.plan.seed, host, self.hosts[host].calls)
    }

    pub(crate) fn leave(&mut self, host: usize, life: u32, call: CallId) {
        let here = &mut self.hosts[host];
        let Some(place) = here.waiting.iter().position(|waiting| waiting.call == call) else { return };
        if here.life == life {
            here.waiting.swap_remove(place);
            if let Some(engine) = &here.engine {
                engine.forget(call);
            }
            crate::say!(self, "a caller on host {host} goes away");
            self.verdict.inject(Kind::CallerLeaves, 1);
            self.drain(host);
        }
    }

    pub(crate) fn outcome(&mut self, host: usize, call: CallId, outcome: Outcome) {
        let here = &mut self.hosts[host];
        let Some(place) = here.waiting.iter().position(|waiting| waiting.call == call) else { return };
        let waiting = here.waiting.swap_remove(place);
        self.judge_wait(host, &waiting);
        match outcome {
            Ok(Output::Token(token)) => {
                let caller = waiting.caller;
                crate::say!(self, "host {host} gives {} to caller {caller}", token.expose_secret());
                self.judge_token(host, waiting.session, &token);
                self.callers[caller].in_hand = Some(token.generation());
                self.callers[caller].last = Answered::Token;
            }
            Ok(Output::LoginBegun(begun)) => {
                let complete = self.client.complete_login(waiting.session, begun.pending);
                self.call_for(waiting.caller, Wish::LogIn, complete, waiting.until);
            }
            Ok(Output::LoggedIn(login)) => {
                crate::say!(self, "host {host} has logged in: {}", login.token.expose_secret());
                self.judge_token(host, waiting.session, &login.token);
            }
            Ok(_) => {}
            Err(error) => {
                crate::say!(self, "host {host} gives {} to caller {}", error.code(), waiting.caller);
                self.judge_error(host, &waiting, &error);
                self.disappoint(&waiting, error);
            }
        }
    }

    fn disappoint(&mut self, waiting: &Waiting, error: Error) {
        let (caller, until) = (waiting.caller, waiting.until);
        match error.advice() {
            _ if matches!(waiting.wish, Wish::End | Wish::LogIn) => {}
            Advice::LogInAgain if self.callers[caller].obeys => {
                let login = Event::Ask { caller, wish: Wish::LogIn, leaves_after: None, until };
                self.later(self.now + 3_000, login);
            }
            Advice::Retry { after } => self.ask_again(caller, until, after.unwrap_or_default()),
            Advice::ReportBug => self.ask_again(caller, until, Duration::from_secs(5)),
            _ => {}
        }
        self.callers[caller].last = Answered::Error(error);
    }

    fn ask_again(&mut self, caller: usize, until: Ms, after: Duration) {
        let pause = self.chance("again", caller, self.verdict.events).between(300, 2_000);
        let at = self.now + pause + i64::try_from(after.as_millis()).unwrap_or(0);
        if at <= until {
            self.later(at, Event::Ask { caller, wish: Wish::Token, leaves_after: None, until });
        }
    }
}

/// Entropy for one operation.
pub(crate) fn seed(of: u64, host: usize, nth: u64) -> Seed {
    let mut random = Random::new(random::of(&[of, 0x5eed, host as u64, nth]));
    let mut bytes = [0; 32];
    for word in bytes.chunks_mut(8) {
        word.copy_from_slice(&random.next().to_le_bytes());
    }
    Seed::new(bytes)
}
