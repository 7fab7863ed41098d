//! The places of all tokens in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::slot::Slot;
use crate::store::RecordKey;

/// How many places there are before the empty ones are looked for.
const FIRST_SWEEP: usize = 1024;

pub(super) struct Slots {
    kept: BTreeMap<RecordKey, Kept>,
    /// How many may stay that nobody holds a handle on.
    limit: usize,
    sweep_at: usize,
    /// Counts the questions for places: a clock of use.
    uses: u64,
}

struct Kept {
    slot: Arc<Slot>,
    /// The last question for it.
    used: u64,
}

impl Slots {
    pub(super) fn new(limit: usize) -> Self {
        Self { kept: BTreeMap::new(), limit, sweep_at: FIRST_SWEEP.min(limit.max(1)), uses: 0 }
    }

    /// The place of that token. Asking for it costs memory only as long as somebody holds the place or a token is
    /// in it: names that come from outside fill nothing up.
    pub(super) fn slot(&mut self, key: &RecordKey) -> Arc<Slot> {
        self.uses += 1;
        if let Some(kept) = self.kept.get_mut(key) {
            kept.used = self.uses;
            return Arc::clone(&kept.slot);
        }
        if self.kept.len() >= self.sweep_at {
            self.sweep();
        }
        let slot = Arc::<Slot>::default();
        self.kept.insert(key.clone(), Kept { slot: Arc::clone(&slot), used: self.uses });
        slot
    }

    /// Drops what is empty, and then a quarter of what may stay if it is too much: sweeping is rare that way.
    fn sweep(&mut self) {
        self.kept.retain(|_, kept| !kept.slot.is_empty() || kept.is_held());
        let mut uses: Vec<u64> =
            self.kept.values().filter(|kept| !kept.is_held()).map(|kept| kept.used).collect();
        let leave = uses.len().saturating_sub(self.limit - self.limit / 4);
        if uses.len() >= self.limit && leave > 0 {
            let (_, last_to_leave, _) = uses.select_nth_unstable(leave - 1);
            let last_to_leave = *last_to_leave;
            self.kept.retain(|_, kept| kept.is_held() || kept.used > last_to_leave);
        }
        self.sweep_at = FIRST_SWEEP.max(2 * self.kept.len()).min(self.kept.len() + self.limit / 4 + 1);
    }
}

impl Kept {
    fn is_held(&self) -> bool {
        Arc::strong_count(&self.slot) > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scopes::Scopes;
    use crate::secret::BearerToken;
    use crate::store::{Collection, RecordKind};
    use crate::time::{Millis, Now, UnixMillis};
    use crate::token::{AccessToken, Generation};

    const NOW: Now = Now { wall: UnixMillis(0), boot: Millis(0) };

    fn key(name: usize) -> RecordKey {
        let collection = Collection::new(RecordKind::Session, "https://a.example", "c");
        RecordKey { collection, name: format!("{name:06}") }
    }

    fn fill(slots: &mut Slots, name: usize) -> Arc<Slot> {
        let token = AccessToken {
            secret: BearerToken::new("t"),
            scopes: Scopes::all_allowed(),
            obtained: NOW.wall,
            life: None,
            generation: Generation::FIRST,
            saved: true,
        };
        let slot = slots.slot(&key(name));
        slot.keep(&Arc::new(token), NOW, 0);
        slot
    }

    #[test]
    fn what_was_asked_for_the_longest_ago_leaves_first_and_what_is_held_stays() {
        let mut slots = Slots::new(2000);
        let held = fill(&mut slots, 0);
        (1..6000).for_each(|name| drop(fill(&mut slots, name)));
        assert!(slots.kept.len() <= 2001, "{}", slots.kept.len());
        assert!(Arc::ptr_eq(&held, &slots.slot(&key(0))));
        assert!(slots.kept.contains_key(&key(5999)) && !slots.kept.contains_key(&key(1)));
    }

    #[test]
    fn a_limit_of_nothing_keeps_what_is_held() {
        let mut slots = Slots::new(0);
        let held = fill(&mut slots, 0);
        (1..10).for_each(|name| drop(fill(&mut slots, name)));
        assert!(Arc::ptr_eq(&held, &slots.slot(&key(0))));
        assert!(slots.kept.len() <= 3, "{}", slots.kept.len());
    }

    #[test]
    fn names_that_nothing_comes_of_fill_nothing_up() {
        let mut slots = Slots::new(100_000);
        (0..50_000).for_each(|name| drop(slots.slot(&key(name))));
        assert!(slots.kept.len() <= 2 * FIRST_SWEEP, "{}", slots.kept.len());
    }
}
