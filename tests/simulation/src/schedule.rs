//! A schedule: everything that happens in one run, as data. The same schedule gives the same run.

use std::fmt;

use crate::clock::{Clock, Ms};
use crate::faults::Fault;
use crate::server::Policy;

/// One run's world and what befalls it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) provider: Provider,
    pub(crate) policy: Policy,
    /// Whether the application was told of the grace.
    pub(crate) grace_is_known: bool,
    /// Whether the application wants a new login rather than a refresh token that is sent twice.
    pub(crate) asks_for_login: bool,
    pub(crate) access_life: Ms,
    /// The engine's setting of how long one request may take.
    pub(crate) http_timeout: Ms,
    /// How long a request is on its way, and its answer as well: shortest and longest.
    pub(crate) http_way: (Ms, Ms),
    pub(crate) store_way: (Ms, Ms),
    pub(crate) sessions: usize,
    pub(crate) hosts: Vec<Clock>,
    pub(crate) store_clock: Clock,
    pub(crate) callers: Vec<Caller>,
    pub(crate) faults: Vec<Fault>,
    /// Whether the callers keep asking and there is one fault at most, so that the session must survive it where the
    /// grace allows.
    pub(crate) one_fault: bool,
}

/// The providers that differ in what ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// `invalid_grant`.
    Standard,
    /// `invalid_scope` as well.
    VismaConnect,
}

/// Somebody on a host who wants a session's token now and then.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caller {
    pub(crate) host: usize,
    pub(crate) session: usize,
    /// Whether the user logs in again when told so.
    pub(crate) obeys: bool,
    pub(crate) asks: Vec<Ask>,
}

/// One wish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ask {
    pub(crate) at: Ms,
    pub(crate) wish: Wish,
    /// The caller goes away so long after asking.
    pub(crate) leaves_after: Option<Ms>,
    /// After a failure that may pass, and with a token near its end, it asks again for so long.
    pub(crate) keeps_asking: Ms,
}

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A token.
    Token,
    /// A token newer than the one in hand.
    Newer,
    /// The same, after telling the engine that an API refused the one in hand.
    Replacement,
    /// The end of the session.
    End,
    /// A login into the same session.
    LogIn,
}

impl Schedule {
    /// How long one refresh may take, as the documentation of `Registration::refresh_grace` has it.
    pub(crate) fn request_limit(&self) -> Ms {
        match self.grace().filter(|_| self.grace_is_known) {
            Some(grace) => self.http_timeout.min(((grace - 10_000) / 3).max(2_000)),
            None => self.http_timeout,
        }
    }

    /// A sleep of so long or less certainly ends before the lease, which outlasts two requests.
    pub(crate) fn short_sleep(&self) -> Ms {
        2 * self.request_limit()
    }

    /// When the last caller asks first.
    pub(crate) fn last_ask(&self) -> Ms {
        self.callers.iter().flat_map(|caller| &caller.asks).map(|ask| ask.at).max().unwrap_or(0)
    }

    pub(crate) fn grace(&self) -> Option<Ms> {
        match self.policy {
            Policy::OneTime { grace, .. } => grace,
            Policy::ReUse { .. } => None,
        }
    }

    /// How many clocks are wrong from the beginning.
    pub(crate) fn wrong_clocks(&self) -> u64 {
        let wrong = |clock: &&Clock| clock.drift_ppm != 0 || clock.wall_ahead != 0;
        self.hosts.iter().chain([&self.store_clock]).filter(wrong).count() as u64
    }

    /// Whether nothing at all goes wrong in it. Callers that go away are no fault of anybody's.
    pub(crate) fn is_faultless(&self) -> bool {
        self.faults.is_empty() && self.wrong_clocks() == 0
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = if self.grace_is_known { "known" } else { "not known" };
        writeln!(f, "seed {}: {:?}, {:?}, grace {known}", self.seed, self.provider, self.policy)?;
        if self.asks_for_login {
            writeln!(f, "a lost answer means a new login")?;
        }
        writeln!(
            f,
            "access tokens live {} s, a request at most {} ms, one way {:?} ms, to the store {:?} ms",
            self.access_life / 1000,
            self.request_limit(),
            self.http_way,
            self.store_way
        )?;
        writeln!(f, "store: {:?}", self.store_clock)?;
        for (place, clock) in self.hosts.iter().enumerate() {
            writeln!(f, "host {place}: {clock:?}")?;
        }
        for (place, caller) in self.callers.iter().enumerate() {
            writeln!(f, "caller {place} on host {}, session {}:", caller.host, caller.session)?;
            for ask in &caller.asks {
                writeln!(f, "    {ask:?}")?;
            }
        }
        for fault in &self.faults {
            writeln!(f, "fault: {fault:?}")?;
        }
        Ok(())
    }
}
