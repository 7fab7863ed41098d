//! Time as an argument: core never reads a clock.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z, by the wall clock. It may jump either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub u64);

/// Milliseconds on a monotonic clock that also counts while the machine is suspended
/// (`CLOCK_BOOTTIME`, `ContinuousClock`, `elapsedRealtime`). Its zero means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

/// The two readings that accompany every call and every reply.
///
/// `wall` judges what other parties said about time (`exp`, a stored `obtained_at`), `boot`
/// measures how long something took; a token in memory is fresh only if both agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub wall: UnixMillis,
    /// The monotonic clock that counts suspend.
    pub boot: Millis,
}

impl UnixMillis {
    /// This moment moved later; stops at the largest value instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Millis {
    /// This moment moved later; stops at the largest value instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
