//! The client: connections, tokens in memory, and the engine behind them. One serves a whole process.

use std::sync::Arc;
use std::time::Duration;

use grantline_core::{EffectId, Error, HttpReply, Registration, Reply, Settings};
use tokio::runtime::Handle;

use crate::apps::{NativeApp, ServiceApp, SinglePageApp, WebApp};
use crate::http::{HttpOptions, Performer};
use crate::outside::{HttpWork, Outside};
use crate::pump::{Http, Pump};
use crate::runtime;
use crate::stores::Store;

/// What all applications of a process share. Cloning it is cheap and gives the same client.
///
/// ```
/// # fn main() -> Result<(), grantline::Error> {
/// use grantline::{Client, ClientSecret, Provider, Registration};
///
/// let client = Client::new()?;
/// let registration = Registration::new(Provider::visma_connect(), "isv_invoices")
///     .client_secret(ClientSecret::new("from your secret store"));
/// let app = client.service_app(registration)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pump: Arc<Pump>,
    outside: Option<Arc<Outside>>,
}

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

impl Client {
    /// A client with the usual settings.
    ///
    /// Errors: `invalid_client_setting`, if the system offers no thread or no TLS roots.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with settings of one's own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A service integration: tokens per tenant by client credentials.
    ///
    /// Errors: `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`.
    pub fn service_app(&self, registration: Registration) -> Result<ServiceApp, Error> {
        Ok(ServiceApp::new(&self.pump, grantline_core::ServiceApp::new(registration)?))
    }

    /// A web application with a server of its own.
    ///
    /// Errors: `client_id_missing`, `client_secret_missing` (an empty one), and the refusals of its redirect URIs.
    pub fn web_app(&self, registration: Registration) -> Result<WebApp, Error> {
        Ok(WebApp::new(&self.pump, grantline_core::WebApp::new(registration)?.into()))
    }

    /// An application on the user's own device.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs.
    pub fn native_app(&self, registration: Registration) -> Result<NativeApp, Error> {
        Ok(NativeApp::new(&self.pump, grantline_core::NativeApp::new(registration)?.into()))
    }

    /// An application that runs in the browser.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs.
    pub fn single_page_app(&self, registration: Registration) -> Result<SinglePageApp, Error> {
        Ok(SinglePageApp::new(&self.pump, grantline_core::SinglePageApp::new(registration)?.into()))
    }

    /// The next thing for the application's own HTTP client to do; `None` when there will be no more: after
    /// [`Self::close_http`], or for a client that sends its requests itself.
    pub async fn next_http_work(&self) -> Option<HttpWork> {
        self.outside.as_ref()?.next().await
    }

    /// What became of a request that [`Self::next_http_work`] handed out. A late or repeated reply is ignored.
    pub fn reply_http(&self, id: EffectId, reply: HttpReply) {
        self.pump.reply(id, Reply::Http(reply));
    }

    /// Ends the loop around [`Self::next_http_work`].
    pub fn close_http(&self) {
        if let Some(outside) = &self.outside {
            outside.close();
        }
    }
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
    /// was sent: if it ends in mid-refresh, the answer is lost, and callers are told so.
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
        let runtime = self.runtime.map_or_else(runtime::shared, Ok)?;
        let outside = self.http_outside.then(|| Arc::new(Outside::new()));
        let http = match &outside {
            Some(outside) => Http::Outside(Arc::clone(outside)),
            None => Http::Inside(Performer::new(&self.http)?),
        };
        Ok(Client { pump: Pump::start(settings, http, self.store, runtime)?, outside })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
