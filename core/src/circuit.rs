//! A circuit breaker per issuer: a provider in trouble is left alone for a while, or it would not recover.
//!
//! ```text
//!              5 failures in a row, or a Retry-After            its time is over
//!   closed --------------------------------------------> open ------------------> half open: one probe goes out
//!     ^                                                    ^                        |       |
//!     |                                                    '--- it fails: twice ----'       |
//!     '---------------------------------- an OAuth answer ---------------------------------'
//! ```

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Map;

use crate::error::{Advice, Error, Violation};
use crate::http::HttpFailureKind;
use crate::time::{Millis, Now};

/// So many failures in a row open a circuit.
const THRESHOLD: u32 = 5;
/// For how long it opens first, and at most; each probe that fails doubles it.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);
/// A probe without a report for so long is forgotten: longer than any request may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);
/// So many issuers in trouble are remembered.
const LIMIT: usize = 1000;

/// The providers that are in trouble.
#[derive(Default)]
pub(crate) struct Circuits(Mutex<BTreeMap<String, Circuit>>);

/// One provider in trouble.
struct Circuit {
    /// In a row.
    failures: u32,
    /// The last of them.
    cause: Error,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// Requests go out.
    Closed,
    /// None goes out before then. `named`: the server said so itself.
    Open { until: Millis, named: bool },
    /// One went out then, and its outcome decides.
    HalfOpen { since: Millis },
}

/// What an outcome says about the provider.
enum Health {
    Well,
    /// With the time to wait that it named, if it did.
    InTrouble(Option<Duration>),
    /// Nothing: it was not asked, or what answered may be somebody else.
    Unknown,
}

impl Circuits {
    /// Whether a request to this issuer may go out. What became of it has to be reported.
    ///
    /// Errors: `provider_resting`, and nothing is to be sent.
    pub(crate) fn admit(&self, issuer: &str, now: Now) -> Result<(), Error> {
        let mut circuits = self.lock();
        let Some(circuit) = circuits.get_mut(issuer) else { return Ok(()) };
        match circuit.admit(now.boot) {
            None => Ok(()),
            Some(after) => Err(circuit.resting(issuer, after)),
        }
    }

    /// As [`Self::admit`] for who only wants to know: nothing is let through with this.
    pub(crate) fn rests(&self, issuer: &str, now: Now) -> Result<(), Error> {
        match self.lock().get(issuer) {
            Some(circuit) => {
                circuit.rests(now.boot).map_or(Ok(()), |after| Err(circuit.resting(issuer, after)))
            }
            None => Ok(()),
        }
    }

    /// What became of a request that was admitted.
    ///
    /// `jitter`: drawn for this one call.
    pub(crate) fn report<T>(&self, issuer: &str, outcome: &Result<T, Error>, now: Now, jitter: u64) {
        match outcome {
            Ok(_) => self.is_well(issuer, now.boot),
            Err(error) => match health(error) {
                Health::Well => self.is_well(issuer, now.boot),
                Health::InTrouble(after) => self.is_in_trouble(issuer, error, after, now.boot, jitter),
                Health::Unknown => self.is_unknown(issuer, now.boot),
            },
        }
    }

    /// An answer to an earlier request does not undo what the server itself said about waiting.
    fn is_well(&self, issuer: &str, now: Millis) {
        let mut circuits = self.lock();
        if circuits.get(issuer).is_some_and(|circuit| !circuit.was_told_to_wait(now)) {
            circuits.remove(issuer);
        }
    }

    fn is_in_trouble(&self, issuer: &str, cause: &Error, after: Option<Duration>, now: Millis, jitter: u64) {
        let mut circuits = self.lock();
        make_room(&mut circuits, issuer);
        let circuit = circuits.entry(issuer.to_owned()).or_insert_with(|| Circuit::new(cause));
        circuit.failed(cause, after, now, jitter);
    }

    fn is_unknown(&self, issuer: &str, now: Millis) {
        if let Some(circuit) = self.lock().get_mut(issuer) {
            circuit.forget_probe(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Circuit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    fn new(cause: &Error) -> Self {
        Self { failures: 0, cause: short(cause), state: State::Closed }
    }

    /// `None`: let it through. Otherwise how long to rest.
    fn admit(&mut self, now: Millis) -> Option<Duration> {
        let rest = self.rests(now);
        if rest.is_none() && !matches!(self.state, State::Closed) {
            self.state = State::HalfOpen { since: now };
        }
        rest
    }

    fn rests(&self, now: Millis) -> Option<Duration> {
        match self.state {
            State::Open { until, .. } if now < until => Some(until.since(now)),
            State::HalfOpen { since } if now < since.plus(PROBE_TIMEOUT) => Some(FIRST_REST),
            State::Closed | State::Open { .. } | State::HalfOpen { .. } => None,
        }
    }

    fn resting(&self, issuer: &str, after: Duration) -> Error {
        Error::Resting { issuer: issuer.to_owned(), after, cause: Box::new(self.cause.clone()) }
    }

    fn failed(&mut self, cause: &Error, after: Option<Duration>, now: Millis, jitter: u64) {
        let after = after.filter(|after| !after.is_zero());
        // One that went out before the circuit opened is no probe, and says nothing new but how long to wait.
        if let State::Open { until, .. } = self.state
            && now < until
            && after.is_none_or(|after| now.plus(after) <= until)
        {
            return;
        }
        self.cause = short(cause);
        self.failures = self.failures.saturating_add(1);
        let opens = self.failures >= THRESHOLD || !matches!(self.state, State::Closed);
        let backoff = opens.then(|| backoff(self.failures, jitter));
        self.state = match after.max(backoff) {
            Some(rest) => State::Open { until: now.plus(rest), named: after >= backoff },
            None => State::Closed,
        };
    }

    /// Whether the server itself named a time that is not over.
    fn was_told_to_wait(&self, now: Millis) -> bool {
        matches!(self.state, State::Open { until, named: true } if now < until)
    }

    /// The next one is the probe.
    fn forget_probe(&mut self, now: Millis) {
        if matches!(self.state, State::HalfOpen { .. }) {
            self.state = State::Open { until: now, named: false };
        }
    }

    /// For how long the trouble is known to last.
    fn lasts_until(&self) -> Millis {
        match self.state {
            State::Closed => Millis(0),
            State::Open { until, .. } => until,
            State::HalfOpen { since } => since,
        }
    }
}

/// With half of it drawn, so that hosts do not all come back at once.
fn backoff(failures: u32, jitter: u64) -> Duration {
    let doublings = failures.saturating_sub(THRESHOLD).min(u32::BITS - 1);
    let half = FIRST_REST.saturating_mul(1 << doublings).min(LONGEST_REST) / 2;
    let steps = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(jitter % steps.saturating_add(1))
}

/// Where issuers come from outside there may be very many. The one that is nearest to its recovery gives way.
fn make_room(circuits: &mut BTreeMap<String, Circuit>, issuer: &str) {
    if circuits.len() < LIMIT || circuits.contains_key(issuer) {
        return;
    }
    let nearest = circuits.iter().min_by_key(|(_, circuit)| circuit.lasts_until());
    if let Some(issuer) = nearest.map(|(issuer, _)| issuer.clone()) {
        circuits.remove(&issuer);
    }
}

fn health(error: &Error) -> Health {
    match error {
        Error::LoginSpent(cause) => health(cause),
        Error::Transport(transport) if transport.failure.kind != HttpFailureKind::NotPerformed => {
            Health::InTrouble(None)
        }
        Error::Violation(Violation::ServerUnavailable { after, .. }) => Health::InTrouble(*after),
        Error::Server(refusal) => match refusal.status {
            Some(429 | 500..) => Health::InTrouble(named(refusal.advice)),
            _ => Health::Well,
        },
        _ => Health::Unknown,
    }
}

/// The time that the server named.
fn named(advice: Advice) -> Option<Duration> {
    match advice {
        Advice::Retry { after } => after,
        _ => None,
    }
}

/// Without what a server may have filled a megabyte with: a cause is kept, and copied for everybody who has to rest.
fn short(cause: &Error) -> Error {
    match cause {
        Error::LoginSpent(cause) | Error::AnswerDiscarded(cause) => short(cause),
        Error::Server(refusal) => {
            let mut refusal = refusal.clone();
            refusal.members = Map::new();
            Error::Server(refusal)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
