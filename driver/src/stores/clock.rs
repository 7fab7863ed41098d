//! The clock that a store counts by.

use std::sync::Arc;

use grantline_core::Now;

use crate::clock;

/// The system's clocks; a test's own in a test.
#[derive(Clone)]
pub(super) struct StoreClock(Arc<dyn Fn() -> Now + Send + Sync>);

impl StoreClock {
    pub(super) fn now(&self) -> Now {
        (self.0)()
    }
}

impl Default for StoreClock {
    fn default() -> Self {
        Self(Arc::new(clock::now))
    }
}

/// A clock that stands still until a test moves it.
#[cfg(test)]
#[derive(Clone)]
pub(super) struct TestClock(Arc<std::sync::Mutex<Now>>);

#[cfg(test)]
impl TestClock {
    pub(super) fn at(now: Now) -> Self {
        Self(Arc::new(std::sync::Mutex::new(now)))
    }

    pub(super) fn set(&self, now: Now) {
        *self.0.lock().unwrap() = now;
    }

    pub(super) fn pass(&self, duration: std::time::Duration) {
        let mut now = self.0.lock().unwrap();
        *now = Now { wall: now.wall.plus(duration), boot: now.boot.plus(duration) };
    }

    pub(super) fn clock(&self) -> StoreClock {
        let now = Arc::clone(&self.0);
        StoreClock(Arc::new(move || *now.lock().unwrap()))
    }
}
