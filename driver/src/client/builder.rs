//! Settings of a client.

use std::sync::Arc;
use std::time::Duration;

use grantline_core::{Error, Settings};
use tokio::runtime::Handle;

use super::Client;
use super::state::{ClientState, Options};
use crate::http::HttpOptions;
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

    /// Keeps sessions there. In memory unless set.
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// Makes the client.
    ///
    /// Errors: `invalid_client_setting`.
    pub fn build(self) -> Result<Client, Error> {
        let settings = match self.http_timeout {
            Some(limit) => Settings::default().http_timeout(limit)?,
            None => Settings::default(),
        };
        let options = Options { settings, http: self.http, http_outside: self.http_outside };
        Ok(Client(Arc::new(ClientState::open(options, self.store, self.runtime)?)))
    }
}
