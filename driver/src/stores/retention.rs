//! What time does to a row in a store that stays.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use grantline_core::{Millis, Row, UnixMillis};

/// How long a tombstone refuses late answers.
const TOMBSTONES_LAST: Duration = Duration::from_secs(90 * 24 * 3600);

/// The row as it is kept: a tombstone has a time, too, from which on it may be dropped.
pub(super) fn retained(mut row: Row, now: UnixMillis) -> Row {
    if row.ended {
        row.record.discard_after = Some(now.plus(TOMBSTONES_LAST));
    }
    row
}

/// The row on a clock that counts from the machine's start. A mark of the future was set before that, and is at least as
/// old as this start.
pub(super) fn since_this_start(mut row: Row, now: Millis) -> Row {
    if let Some(mark) = row.mark.as_mut().filter(|mark| mark.set > now) {
        mark.set = Millis(0);
    }
    row
}

/// Whether it may be dropped.
pub(super) fn is_over(row: &Row, now: UnixMillis) -> bool {
    row.record.discard_after.is_some_and(|until| until < now)
}

/// How far apart a store looks for what may be dropped.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(3600);

/// How many records a store drops at once: others wait meanwhile.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const SWEPT_AT_ONCE: u32 = 1000;

/// When a store that stays open looks for what may be dropped: at first, and once an hour.
#[derive(Default)]
pub(super) struct Sweeps {
    next: AtomicU64,
}

impl Sweeps {
    /// Whether it is time; one of all who ask is told so. `now`: of the clock that counts suspend.
    pub(super) fn are_due(&self, now: Millis) -> bool {
        let later = now.plus(BETWEEN_SWEEPS).0;
        let if_due = |next| (next <= now.0).then_some(later);
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, if_due).is_ok()
    }

    /// There was more than could be dropped at once.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn go_on(&self) {
        self.next.store(0, Ordering::Relaxed);
    }
}
