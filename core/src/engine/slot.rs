//! Where a token stands in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::error::{Advice, Error, SessionError};
use crate::time::Now;
use crate::token::{AccessToken, Freshness, Generation};

/// The place of one grant's token in memory. Reading it takes no lock and allocates nothing.
#[derive(Debug, Default)]
pub struct Slot {
    token: ArcSwapOption<AccessToken>,
    /// The latest generation that an API refused; no generation is 0.
    refused: AtomicU64,
    /// Before this moment, on the clock that counts suspend, no next token is fetched ahead: the last try failed.
    no_ahead_before: AtomicU64,
    /// How often in a row fetching has failed.
    failures: AtomicU32,
}

/// After a fetch ahead has failed, the next one waits so long at most, twice that after the second failure and so on.
/// The token in hand is still good.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A fetch that has not ended after so long is begun again by whoever reads the token.
const LONGEST_FETCH: Duration = Duration::from_secs(120);

impl Slot {
    /// The token, if it may be used now; [`Freshness::RefreshAhead`] asks for a call to the engine whose outcome
    /// nobody has to wait for.
    pub fn look(&self, now: Now) -> Option<(Arc<AccessToken>, Freshness)> {
        let token = self.token.load_full()?;
        let freshness = self.judge(&token, now);
        (freshness != Freshness::Expired).then_some((token, freshness))
    }

    /// As [`Self::look`], without a share of the token: it is read where it stands, so that threads which read at once
    /// write nothing to the same memory. `read` should not take long.
    pub fn peek<R>(&self, now: Now, read: impl FnOnce(&AccessToken, Freshness) -> R) -> Option<R> {
        let token = self.token.load();
        let token = token.as_deref()?;
        let freshness = self.judge(token, now);
        (freshness != Freshness::Expired).then(|| read(token, freshness))
    }

    fn judge(&self, token: &AccessToken, now: Now) -> Freshness {
        match token.freshness(now) {
            _ if token.generation.0 <= self.refused.load(Relaxed) => Freshness::Expired,
            Freshness::RefreshAhead if now.boot.0 < self.no_ahead_before.load(Relaxed) => Freshness::Fresh,
            freshness => freshness,
        }
    }

    /// An API refused the token of this generation, although it is not past its time: neither it nor an older one is
    /// handed out again, and whoever asks next gets a later one.
    pub fn invalidate(&self, refused: Generation) {
        self.refused.fetch_max(refused.0, Relaxed);
    }

    /// The latest generation that an API refused.
    pub(super) fn refused(&self) -> Option<Generation> {
        Some(Generation(self.refused.load(Relaxed))).filter(|generation| generation.0 > 0)
    }

    /// As [`Self::look`], if the token is also of a later generation than `newer_than`.
    pub(super) fn meets(&self, newer_than: Option<Generation>, now: Now) -> Option<Arc<AccessToken>> {
        let (token, freshness) = self.look(now)?;
        (freshness == Freshness::Fresh && newer_than.is_none_or(|old| token.generation > old))
            .then_some(token)
    }

    pub(super) fn generation(&self) -> Option<Generation> {
        self.token.load().as_ref().map(|token| token.generation)
    }

    /// Keeps a token, unless a later one of the same grant is there and still good.
    ///
    /// `jitter`: as for [`Self::failed`]. One that is handed out near its end is there because the next one was not to be
    /// had.
    pub(super) fn keep(&self, token: &Arc<AccessToken>, now: Now, jitter: u64) {
        let better = self.look(now).is_some_and(|(kept, _)| kept.generation > token.generation);
        if !better {
            self.token.store(Some(Arc::clone(token)));
        }
        if token.freshness(now) == Freshness::RefreshAhead {
            return self.pause(None, now, jitter);
        }
        self.failures.store(0, Relaxed);
        self.no_ahead_before.store(0, Relaxed);
    }

    /// The next token is being fetched: who reads this one meanwhile need not ask for that again.
    pub(super) fn is_being_replaced(&self, now: Now) {
        self.no_ahead_before.store(now.boot.plus(LONGEST_FETCH).0, Relaxed);
    }

    /// Keeps the first token of a new grant.
    pub(super) fn replace(&self, token: &Arc<AccessToken>) {
        self.refused.store(0, Relaxed);
        self.token.store(Some(Arc::clone(token)));
    }

    /// Forgets the token.
    pub(super) fn clear(&self) {
        self.token.store(None);
    }

    /// The token could not be replaced: it is used on, and the next fetch ahead waits.
    ///
    /// `jitter`: a number of the caller's drawing, so that not all who failed together try again together.
    pub(super) fn failed(&self, error: &Error, now: Now, jitter: u64) {
        if ends_session(error) {
            self.clear();
        }
        let named = match error.advice() {
            Advice::Retry { after } => after,
            _ => None,
        };
        self.pause(named, now, jitter);
    }

    fn pause(&self, named: Option<Duration>, now: Now, jitter: u64) {
        let failures = self.failures.fetch_add(1, Relaxed).min(8);
        let longest = (FIRST_PAUSE * 2_u32.pow(failures)).min(LONGEST_PAUSE);
        let pause = longest / 2 + longest.mul_f64(fraction(jitter)) / 2;
        self.no_ahead_before.store(now.boot.plus(pause.max(named.unwrap_or_default())).0, Relaxed);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.token.load().is_none()
    }
}

/// A number from 0 to 1.
fn fraction(jitter: u64) -> f64 {
    let top = u32::try_from(jitter >> 32).unwrap_or_default();
    f64::from(top) / f64::from(u32::MAX)
}

/// Whether a session has ended with this: nobody shall go on with its token then, although that is not past its
/// time. A service token is never refused with the advice to log in again.
fn ends_session(error: &Error) -> bool {
    match error {
        Error::Session(reason) => *reason != SessionError::NoRefreshToken,
        Error::Server(refusal) => refusal.advice == Advice::LogInAgain,
        _ => false,
    }
}
