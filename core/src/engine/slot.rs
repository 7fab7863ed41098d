//! Where a token stands in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::error::{Advice, Error, SessionError};
use crate::time::Now;
use crate::token::{AccessToken, Freshness, Generation};

/// The place of one grant's token in memory. Reading it takes no lock and allocates nothing.
#[derive(Debug, Default)]
pub struct Slot {
    token: ArcSwapOption<AccessToken>,
    /// Before this moment, on the clock that counts suspend, no next token is fetched ahead: the last try failed.
    no_ahead_before: AtomicU64,
}

/// After a fetch ahead has failed, the next one waits so long at least. The token in hand is still good.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

impl Slot {
    /// The token, if it may be used now; [`Freshness::RefreshAhead`] asks for a call to the engine whose outcome
    /// nobody has to wait for.
    pub fn look(&self, now: Now) -> Option<(Arc<AccessToken>, Freshness)> {
        let token = self.token.load_full()?;
        match token.freshness(now) {
            Freshness::Expired => None,
            Freshness::RefreshAhead if now.boot.0 < self.no_ahead_before.load(Relaxed) => {
                Some((token, Freshness::Fresh))
            }
            usable => Some((token, usable)),
        }
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

    /// Keeps a token, unless it is an earlier one of the same grant.
    pub(super) fn keep(&self, token: &Arc<AccessToken>) {
        if self.generation().is_none_or(|kept| kept <= token.generation) {
            self.replace(token);
        }
    }

    /// Keeps the first token of a new grant.
    pub(super) fn replace(&self, token: &Arc<AccessToken>) {
        self.token.store(Some(Arc::clone(token)));
    }

    /// The token could not be replaced: it is used on, and the next fetch ahead waits.
    pub(super) fn failed(&self, error: &Error, now: Now) {
        if ends_session(error) {
            self.token.store(None);
        }
        let pause = match error.advice() {
            Advice::Retry { after: Some(after) } => after.max(PAUSE_AFTER_FAILURE),
            _ => PAUSE_AFTER_FAILURE,
        };
        self.no_ahead_before.store(now.boot.plus(pause).0, Relaxed);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.token.load().is_none()
    }
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
