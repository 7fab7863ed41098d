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
