//! The emulator's time: the system's, moved at will.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) type UnixMillis = u64;

/// A clock that a test can move; clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
    moved: Arc<Notify>,
}

impl Clock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let step = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // The update never declines, so there is no error to handle.
        let _ = self.ahead_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
            Some(ahead.saturating_add(step).min(MAX_OFFSET_MS))
        });
        self.moved.notify_waiters();
    }

    /// Sets it so many seconds ahead of the system's clock, or behind it if negative.
    pub fn set_offset(&self, seconds: i64) {
        let offset = seconds.saturating_mul(1000).clamp(-MAX_OFFSET_MS, MAX_OFFSET_MS);
        self.ahead_ms.store(offset, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Seconds since 1970-01-01T00:00:00Z by this clock.
    pub fn now_s(&self) -> u64 {
        self.now() / 1000
    }

    /// The time as HTTP writes it (RFC 9110, section 5.6.7).
    pub(crate) fn http_date(&self) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(self.now()))
    }

    /// Waits until this clock shows `at`, by the passing of time or because it is moved.
    pub(crate) async fn reached(&self, at: UnixMillis) {
        loop {
            // Registered before the look, so that no move in between is missed.
            let moved = self.moved.notified();
            let left = at.saturating_sub(self.now());
            if left == 0 {
                return;
            }
            tokio::select! {
                () = moved => {}
                () = tokio::time::sleep(Duration::from_millis(left)) => {}
            }
        }
    }

    /// Ends when the clock is moved, counted from the call.
    pub(crate) fn moved(&self) -> impl Future<Output = ()> {
        self.moved.notified()
    }

    /// How many seconds it is ahead of the system's, or behind it if negative.
    pub(crate) fn offset_s(&self) -> i64 {
        self.ahead_ms.load(Ordering::Relaxed) / 1000
    }

    pub(crate) fn now(&self) -> UnixMillis {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = u64::try_from(system.as_millis()).unwrap_or(u64::MAX);
        system.saturating_add_signed(self.ahead_ms.load(Ordering::Relaxed))
    }
}

/// A thousand years: far beyond every lifetime, far below where sums would overflow.
const MAX_OFFSET_MS: i64 = 1000 * 365 * 86_400 * 1000;

/// How long ago something was, in words.
pub(crate) fn ago(then: UnixMillis, now: UnixMillis) -> String {
    format!("{} s ago", now.saturating_sub(then) / 1000)
}

/// `start` plus a lifetime in seconds.
pub(crate) fn after(start: UnixMillis, seconds: u64) -> UnixMillis {
    start.saturating_add(seconds.saturating_mul(1000))
}
