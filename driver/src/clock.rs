//! The clocks that core is told about, and time limits that know of a process that was stopped.
//!
//! They are read for every token, so each reading is one that needs no system call.

use std::pin::pin;
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::time::{ClockId, Timespec, clock_gettime};

use grantline_core::{Millis, Now, UnixMillis};
use tokio::time::timeout;

/// A timer that goes off so much too late was not waiting but stopped, with its process.
const OVERSLEPT: Duration = Duration::from_millis(500);

/// Both clocks, read now: for calls to core that take the time as an argument.
pub fn now() -> Now {
    Now { wall: wall(), boot: boot() }
}

/// The wall clock. On Linux the coarse one, a quarter of the price: it stands still between two ticks, 10 ms at most,
/// and nothing here is told by less than a second.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn wall() -> UnixMillis {
    UnixMillis(millis(clock_gettime(ClockId::RealtimeCoarse)))
}

/// The wall clock.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn wall() -> UnixMillis {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

/// A monotonic clock that counts while the machine is suspended.
#[cfg(unix)]
fn boot() -> Millis {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    // On Apple's systems CLOCK_MONOTONIC counts suspend; CLOCK_UPTIME_RAW is the one that does not.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: ClockId = ClockId::Monotonic;

    Millis(millis(clock_gettime(CLOCK)))
}

/// What is before the clock's zero counts as zero.
#[cfg(unix)]
fn millis(reading: Timespec) -> u64 {
    let seconds = u64::try_from(reading.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(reading.tv_nsec).unwrap_or_default();
    seconds.saturating_mul(1000).saturating_add(nanoseconds / 1_000_000)
}

/// A monotonic clock that counts while the machine is suspended: `Instant` does on Windows.
#[cfg(not(unix))]
fn boot() -> Millis {
    use std::sync::OnceLock;

    static FIRST: OnceLock<Instant> = OnceLock::new();
    let since_first = FIRST.get_or_init(Instant::now).elapsed();
    Millis(u64::try_from(since_first.as_millis()).unwrap_or(u64::MAX))
}

/// Waits for so long. A process that was stopped beyond that hears first what came meanwhile, for `after_waking` at
/// most: it may be tokens that nobody else has, or a store's word that it holds a lease.
pub(crate) async fn within<T>(
    limit: Duration,
    after_waking: Duration,
    answer: impl Future<Output = T>,
) -> Option<T> {
    let mut answer = pin!(answer);
    let began = Instant::now();
    match timeout(limit, answer.as_mut()).await {
        Ok(answer) => Some(answer),
        Err(_) if began.elapsed() < limit + OVERSLEPT => None,
        Err(_) => timeout(after_waking, answer).await.ok(),
    }
}
