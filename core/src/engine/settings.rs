//! Settings of an engine.

use std::sync::Arc;
use std::time::Duration;

use crate::environment::Environment;
use crate::error::{Error, Misuse};
use crate::http::{DEFAULT_HTTP_TIMEOUT, SHORTEST_HTTP_TIMEOUT};
use crate::jose::SignatureVerifier;
use crate::seal::{Sealing, SealingKeys};

/// What can be chosen about an engine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    http_timeout: Duration,
    shares_service_tokens: bool,
    sealing: Sealing,
    verifier: Option<Arc<dyn SignatureVerifier>>,
    pub(super) concurrency: usize,
    pub(super) tokens_in_memory: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            http_timeout: DEFAULT_HTTP_TIMEOUT,
            shares_service_tokens: false,
            sealing: Sealing::DangerousPlaintext,
            verifier: None,
            concurrency: 64,
            tokens_in_memory: 100_000,
        }
    }
}

impl Settings {
    /// How long one HTTP request may take in all: from 2 to 10 seconds, 10 unless set. Leases are measured by it.
    ///
    /// Errors: `invalid_client_setting`.
    pub fn http_timeout(mut self, limit: Duration) -> Result<Self, Error> {
        if !(SHORTEST_HTTP_TIMEOUT..=DEFAULT_HTTP_TIMEOUT).contains(&limit) {
            return Err(invalid("http_timeout", format!("{limit:?} is not between 2 and 10 seconds")));
        }
        self.http_timeout = limit;
        Ok(self)
    }

    /// Keeps service tokens in the store too, so that processes share them. Unless set, each process fetches its own.
    #[must_use]
    pub fn share_service_tokens(mut self) -> Self {
        self.shares_service_tokens = true;
        self
    }

    /// Seals what goes to the store with the current of these keys. Without keys it goes in clear, which is right for
    /// a store that is this process's own memory.
    #[must_use]
    pub fn sealing_keys(mut self, keys: SealingKeys) -> Self {
        self.sealing = Sealing::Keys(keys);
        self
    }

    /// How many tokens are fetched at once, 64 unless set. Others wait in a queue, where each application has its turn.
    ///
    /// Errors: `invalid_client_setting`, for none at all.
    pub fn concurrency(mut self, flights: usize) -> Result<Self, Error> {
        if flights == 0 {
            return Err(invalid("concurrency", "with 0 nothing would ever be fetched".to_owned()));
        }
        self.concurrency = flights;
        Ok(self)
    }

    /// How many tokens that nobody holds a handle on stay in memory, 100,000 unless set. Those that were not asked for
    /// the longest leave first; a session's record stays in its store.
    #[must_use]
    pub fn tokens_in_memory(mut self, limit: usize) -> Self {
        self.tokens_in_memory = limit;
        self
    }

    /// Who verifies signatures, in the place of [`RustCryptoVerifier`](crate::RustCryptoVerifier), which does it where the
    /// feature `rustcrypto` is on.
    #[must_use]
    pub fn signature_verifier(mut self, verifier: Arc<dyn SignatureVerifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    pub(super) fn environment(&self) -> Environment {
        let usual = Environment::default();
        Environment {
            http_timeout: self.http_timeout,
            shares_service_tokens: self.shares_service_tokens,
            sealing: self.sealing.clone(),
            verifier: self.verifier.clone().or(usual.verifier),
            circuits: usual.circuits,
            directory: usual.directory,
            seen_notices: usual.seen_notices,
        }
    }
}

fn invalid(setting: &'static str, why: String) -> Error {
    Misuse::InvalidClientSetting { setting, why }.into()
}
