//! The client: connections, tokens in memory, and the engine behind them. One serves a whole process.

mod builder;
mod state;

use std::sync::Arc;
use std::time::Duration;

use grantline_core::{Effect, EffectId, Error, HttpReply, HttpResponse, Registration, Reply};

use crate::apps::{NativeApp, ServiceApp, SinglePageApp, WebApp};
use crate::call::Call;
use crate::events::Events;
use crate::outside::HttpWork;
use crate::pump::{End, Pump};

pub use builder::ClientBuilder;
pub(crate) use state::ClientState;

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
///
/// A child that forks off goes on with the same client and the same handles: it begins without tokens, with connections
/// of its own, and shares with its parent what is in the store. What was under way at the fork goes on in the parent; a
/// [`Call`] of it that is waited for in the child is `cancelled` there.
///
/// When the last handle is dropped, what has been sent is still answered and saved, as long as the process lives. Before
/// the process ends, call [`Self::shutdown`].
#[derive(Clone)]
pub struct Client(Arc<ClientState>);

/// How long [`Client::shutdown`] waits.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);

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
        Ok(ServiceApp::new(&self.0, grantline_core::ServiceApp::new(registration)?))
    }

    /// A web application with a server of its own.
    ///
    /// Errors: `client_id_missing`, `client_secret_missing` (an empty one), and the refusals of its redirect URIs.
    pub fn web_app(&self, registration: Registration) -> Result<WebApp, Error> {
        Ok(WebApp::new(&self.0, grantline_core::WebApp::new(registration)?.into()))
    }

    /// An application on the user's own device.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs.
    pub fn native_app(&self, registration: Registration) -> Result<NativeApp, Error> {
        Ok(NativeApp::new(&self.0, grantline_core::NativeApp::new(registration)?.into()))
    }

    /// An application that runs in the browser.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs.
    pub fn single_page_app(&self, registration: Registration) -> Result<SinglePageApp, Error> {
        Ok(SinglePageApp::new(&self.0, grantline_core::SinglePageApp::new(registration)?.into()))
    }

    /// What happens from now on to the tokens and sessions of this client, whoever asks for them.
    pub fn events(&self) -> Events {
        self.0.pump().map_or_else(|_closed| Events::none(), |pump| pump.listeners.listen())
    }

    /// Ends the client, for the end of the process: new calls are refused with `client_closed` from now on, what has
    /// been sent is waited for until it is answered and saved, and what is not over after 10 seconds is given up; whoever
    /// waits for that is told `cancelled`. What has not been sent fails with `not_performed`, unless there is time for
    /// its answer. Nothing is waited for that only waits itself, for another process that refreshes the same session, say:
    /// it is `cancelled` as well, and that is no error here.
    ///
    /// Everything that shares this client is closed with it. It may be called again; whether anybody waits for it makes
    /// no difference.
    ///
    /// Errors: `cancelled`, if something was given up that had been sent, or was not saved.
    ///
    /// ```
    /// # fn main() -> Result<(), grantline::Error> {
    /// let client = grantline::Client::new()?;
    /// // ... and at the end, `client.shutdown().await`, or on a thread:
    /// client.shutdown().wait()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(&self) -> Call<()> {
        self.shutdown_within(SHUTDOWN_LIMIT)
    }

    /// As [`Self::shutdown`], with a limit of one's own. Of two limits the earlier one counts.
    pub fn shutdown_within(&self, limit: Duration) -> Call<()> {
        match self.0.close(limit) {
            None => Call::known(Ok(())),
            Some(mut end) => Call::of(async move {
                let end = end.wait_for(Option::is_some).await.map_or(None, |end| *end);
                // A pump that went without a word may have left something unsaved.
                if end == Some(End::Complete) { Ok(()) } else { Err(Error::Cancelled) }
            }),
        }
    }

    /// Fetches a public document, such as a provider's metadata or its keys, by the same TLS, proxy and limits as this
    /// client's own requests, without credentials: for diagnosis. Nothing is kept, no redirect is followed, and an answer of
    /// any status is an answer.
    ///
    /// `url`: https, or http on loopback.
    /// Errors: `insecure_endpoint`; `invalid_client_setting` for a client that leaves HTTP to the application;
    /// `client_closed`; a transport failure, whose kind tells DNS, connection and TLS apart.
    pub fn fetch_document(&self, url: &str) -> Call<HttpResponse> {
        let asked = self.0.pump().and_then(|pump| pump.fetch(url));
        match asked {
            Ok(answer) => Call::of(async move { answer.await.unwrap_or(Err(Error::Cancelled)) }),
            Err(error) => Call::known(Err(error)),
        }
    }

    /// The next thing for the application's own HTTP client to do; `None` when there will be no more: after
    /// [`Self::close_http`], at the end of [`Self::shutdown`], or for a client that sends its requests itself.
    pub async fn next_http_work(&self) -> Option<HttpWork> {
        let outside = Arc::clone(self.0.pump_for_replies()?.outside()?);
        outside.next(|id, effect| self.decline(id, &effect)).await
    }

    fn decline(&self, id: EffectId, effect: &Effect) {
        if let Some(pump) = self.0.pump_for_replies() {
            pump.reply(id, effect.declined("nobody asked for it before its time was over"));
        }
    }

    /// What became of a request that [`Self::next_http_work`] handed out. A late or repeated reply is ignored.
    pub fn reply_http(&self, id: EffectId, reply: HttpReply) {
        if let Some(pump) = self.0.pump_for_replies() {
            pump.reply(id, Reply::Http(reply));
        }
    }

    /// Ends the loop around [`Self::next_http_work`], although requests may be under way: they have failed.
    pub fn close_http(&self) {
        if let Some(outside) = self.0.pump_for_replies().as_deref().and_then(Pump::outside) {
            outside.close();
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
