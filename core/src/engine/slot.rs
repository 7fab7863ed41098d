//! Where a token stands in memory.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::time::Now;
use crate::token::{AccessToken, Freshness, Generation};

/// The place of one grant's token in memory. Reading it takes no lock and allocates nothing.
#[derive(Debug, Default)]
pub struct Slot(ArcSwapOption<AccessToken>);

impl Slot {
    /// The token, if it may be used now; [`Freshness::RefreshAhead`] asks for a call to the engine whose outcome
    /// nobody has to wait for.
    pub fn look(&self, now: Now) -> Option<(Arc<AccessToken>, Freshness)> {
        let token = self.0.load_full()?;
        match token.freshness(now) {
            Freshness::Expired => None,
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
        self.0.load().as_ref().map(|token| token.generation)
    }

    /// Keeps a token, unless it is an earlier one of the same grant.
    pub(super) fn keep(&self, token: &Arc<AccessToken>) {
        if self.generation().is_none_or(|kept| kept <= token.generation) {
            self.replace(token);
        }
    }

    /// Keeps the first token of a new grant.
    pub(super) fn replace(&self, token: &Arc<AccessToken>) {
        self.0.store(Some(Arc::clone(token)));
    }
}
