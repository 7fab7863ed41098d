//! Settings of a client.

use std::sync::Arc;
use std::time::Duration;

use grantline_core::{Error, Misuse, SealingKeys, Settings};
use tokio::runtime::Handle;

use super::Client;
use super::state::{ClientState, Options};
use crate::http::HttpOptions;
use crate::signatures::AwsLcVerifier;
use crate::stores::Store;

/// Settings of a [`Client`].
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    http: HttpOptions,
    http_timeout: Option<Duration>,
    http_outside: bool,
    runtime: Option<Handle>,
    store: Store,
    sealing: Option<Sealing>,
    share_service_tokens: bool,
    concurrency: Option<usize>,
    tokens_in_memory: Option<usize>,
}

#[derive(Debug)]
enum Sealing {
    Keys(SealingKeys),
    DangerousPlaintext,
}

impl ClientBuilder {
    /// How long making a connection may take. 5 seconds unless set.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.connect_timeout(limit);
        self
    }

    /// How long one request may take in all, from 2 to 10 seconds; 10 unless set. It is bounded since a server's
    /// grace for a refresh token that was sent twice is 5 to 60 seconds.
    pub fn http_timeout(mut self, limit: Duration) -> Self {
        self.http_timeout = Some(limit);
        self
    }

    /// Sends every request but those to loopback through this proxy: `http://[user:password@]host:port`. Without
    /// it the system's settings (`HTTPS_PROXY`, `NO_PROXY` and the like) are followed.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http = self.http.proxy(url);
        self
    }

    /// Uses no proxy, whatever the system's settings say.
    pub fn no_proxy(mut self) -> Self {
        self.http = self.http.no_proxy();
        self
    }

    /// Trusts these root certificates, in PEM, besides the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http = self.http.root_certificates(pem);
        self
    }

    /// Leaves HTTP to the application, which runs a loop around [`Client::next_http_work`] and
    /// [`Client::reply_http`].
    pub fn http_outside(mut self) -> Self {
        self.http_outside = true;
        self
    }

    /// Sends HTTP requests on this runtime instead of grantline's own thread. It has to live as long as anything that
    /// was sent: if it ends in mid-refresh, the answer is lost, and callers are told so. A forked child uses a thread of
    /// its own again.
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// Keeps sessions there. In memory unless set; any other store needs [`Self::sealing_keys`].
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// Seals what goes to the store with the current of these keys.
    pub fn sealing_keys(mut self, keys: SealingKeys) -> Self {
        self.sealing = Some(Sealing::Keys(keys));
        self
    }

    /// Leaves what goes to the store in clear: whoever reads the store has the refresh tokens. Right where the store
    /// is itself a vault, such as a keychain.
    pub fn dangerous_plaintext(mut self) -> Self {
        self.sealing = Some(Sealing::DangerousPlaintext);
        self
    }

    /// Keeps service tokens in the store as well, so that processes share them.
    pub fn share_service_tokens(mut self) -> Self {
        self.share_service_tokens = true;
        self
    }

    /// How many tokens are fetched at once, 64 unless set.
    pub fn concurrency(mut self, flights: usize) -> Self {
        self.concurrency = Some(flights);
        self
    }

    /// How many tokens that nobody holds a handle on stay in memory, 100,000 unless set. Those that were not asked for
    /// the longest leave first; what is in the store stays there.
    pub fn tokens_in_memory(mut self, limit: usize) -> Self {
        self.tokens_in_memory = Some(limit);
        self
    }

    /// Makes the client.
    ///
    /// Errors: `invalid_client_setting`, `sealing_key_missing`.
    pub fn build(self) -> Result<Client, Error> {
        let settings = self.settings()?;
        let options = Options { settings, http: self.http, http_outside: self.http_outside };
        Ok(Client(Arc::new(ClientState::open(options, self.store, self.runtime)?)))
    }

    fn settings(&self) -> Result<Settings, Error> {
        let mut settings = Settings::default().signature_verifier(Arc::new(AwsLcVerifier::default()));
        if let Some(limit) = self.http_timeout {
            settings = settings.http_timeout(limit)?;
        }
        if let Some(flights) = self.concurrency {
            settings = settings.concurrency(flights)?;
        }
        if let Some(limit) = self.tokens_in_memory {
            settings = settings.tokens_in_memory(limit);
        }
        if self.share_service_tokens {
            settings = settings.share_service_tokens();
        }
        match &self.sealing {
            Some(Sealing::Keys(keys)) => Ok(settings.sealing_keys(keys.clone())),
            None if self.store.outlives_the_process() => Err(Misuse::SealingKeyMissing.into()),
            Some(Sealing::DangerousPlaintext) | None => Ok(settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stores::Store;

    #[test]
    fn a_store_that_outlives_the_process_needs_a_key_or_a_loud_word() {
        let store = || Store::elsewhere(Nowhere);
        let refused = ClientBuilder::default().store(store()).settings().unwrap_err();
        assert_eq!(refused.code(), "sealing_key_missing");
        assert!(ClientBuilder::default().store(store()).dangerous_plaintext().settings().is_ok());
        assert!(ClientBuilder::default().settings().is_ok(), "memory needs none");
    }

    struct Nowhere;

    impl crate::stores::Perform for Nowhere {
        fn perform(
            &self,
            _: grantline_core::StoreRequest,
        ) -> futures_util::future::BoxFuture<'_, grantline_core::StoreReply> {
            Box::pin(async { grantline_core::StoreReply::Missing })
        }

        fn reopen(&self) -> Result<Store, grantline_core::StoreFailure> {
            Ok(Store::elsewhere(Self))
        }
    }
}
