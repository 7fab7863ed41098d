//! Settings of an engine.

use std::time::Duration;

use crate::error::{Error, Misuse};
use crate::http::{DEFAULT_HTTP_TIMEOUT, SHORTEST_HTTP_TIMEOUT};

/// What can be chosen about an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    pub(super) http_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { http_timeout: DEFAULT_HTTP_TIMEOUT }
    }
}

impl Settings {
    /// How long one HTTP request may take in all: from 2 to 10 seconds, 10 unless set. Leases are measured by it.
    ///
    /// Errors: `invalid_client_setting`.
    pub fn http_timeout(mut self, limit: Duration) -> Result<Self, Error> {
        if !(SHORTEST_HTTP_TIMEOUT..=DEFAULT_HTTP_TIMEOUT).contains(&limit) {
            let why = format!("{limit:?} is not between 2 and 10 seconds");
            return Err(Misuse::InvalidClientSetting { setting: "http_timeout", why }.into());
        }
        self.http_timeout = limit;
        Ok(self)
    }
}
