//! What time does to a row in a store that stays.

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
