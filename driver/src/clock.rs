//! The clocks that core is told about.

use std::time::{SystemTime, UNIX_EPOCH};

use grantline_core::{Millis, Now, UnixMillis};

/// Both clocks, read now: for calls to core that take the time as an argument.
pub fn now() -> Now {
    Now { wall: wall(), boot: boot() }
}

/// The wall clock.
pub(crate) fn wall() -> UnixMillis {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

/// A monotonic clock that counts while the machine is suspended.
#[cfg(unix)]
fn boot() -> Millis {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    // On Apple's systems CLOCK_MONOTONIC counts suspend; CLOCK_UPTIME_RAW is the one that does not.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: ClockId = ClockId::Monotonic;

    let reading = clock_gettime(CLOCK);
    let seconds = u64::try_from(reading.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(reading.tv_nsec).unwrap_or_default();
    Millis(seconds.saturating_mul(1000).saturating_add(nanoseconds / 1_000_000))
}

/// A monotonic clock that counts while the machine is suspended: `Instant` does on Windows.
#[cfg(not(unix))]
fn boot() -> Millis {
    use std::sync::OnceLock;
    use std::time::Instant;

    static FIRST: OnceLock<Instant> = OnceLock::new();
    let since_first = FIRST.get_or_init(Instant::now).elapsed();
    Millis(u64::try_from(since_first.as_millis()).unwrap_or(u64::MAX))
}
