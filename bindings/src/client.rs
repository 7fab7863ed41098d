//! The client that applications share.

use std::sync::Arc;
use std::time::Duration;

use crate::error::NativeError;
use crate::http::{HttpFailureKind, HttpHeader, HttpWork, HttpWorkId, Sent};
use crate::login::{NativeApp, SinglePageApp, WebApp};
use crate::provider::Registration;
use crate::sealing::SealingKeys;
use crate::service::ServiceApp;
use crate::store::Store;

/// Connections, tokens in memory, and the engine behind them.
#[derive(Debug, uniffi::Object)]
pub struct Client(pub(crate) grantline::Client);

#[uniffi::export]
impl Client {
    /// A client; what is left out has its usual value.
    #[uniffi::constructor(default(
        connect_timeout_ms = None,
        http_timeout_ms = None,
        proxy = None,
        no_proxy = false,
        root_certificates = None,
        http_outside = false,
        store = None,
        sealing_keys = None,
        share_service_tokens = false,
        concurrency = None,
        tokens_in_memory = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they have names and defaults in both languages")]
    pub fn new(
        connect_timeout_ms: Option<u64>,
        http_timeout_ms: Option<u64>,
        proxy: Option<String>,
        no_proxy: bool,
        root_certificates: Option<Vec<u8>>,
        http_outside: bool,
        store: Option<Arc<Store>>,
        sealing_keys: Option<Arc<SealingKeys>>,
        share_service_tokens: bool,
        concurrency: Option<u32>,
        tokens_in_memory: Option<u64>,
    ) -> Result<Arc<Self>, NativeError> {
        let mut builder = grantline::Client::builder();
        if let Some(limit) = connect_timeout_ms {
            builder = builder.connect_timeout(Duration::from_millis(limit));
        }
        if let Some(limit) = http_timeout_ms {
            builder = builder.http_timeout(Duration::from_millis(limit));
        }
        if let Some(url) = proxy {
            builder = builder.proxy(url);
        }
        if no_proxy {
            builder = builder.no_proxy();
        }
        if let Some(pem) = root_certificates {
            builder = builder.root_certificates(pem);
        }
        if http_outside {
            builder = builder.http_outside();
        }
        if let Some(store) = store {
            builder = builder.store(store.place());
        }
        if let Some(keys) = sealing_keys {
            builder = keys.seal(builder);
        }
        if share_service_tokens {
            builder = builder.share_service_tokens();
        }
        if let Some(flights) = concurrency {
            builder = builder.concurrency(usize::try_from(flights).unwrap_or(usize::MAX));
        }
        if let Some(limit) = tokens_in_memory {
            builder = builder.tokens_in_memory(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Ok(Arc::new(Self(builder.build()?)))
    }

    /// A service integration.
    pub fn service_app(&self, registration: &Registration) -> Result<ServiceApp, NativeError> {
        Ok(ServiceApp(self.0.service_app(registration.0.clone())?))
    }

    /// A web application with a server of its own.
    pub fn web_app(&self, registration: &Registration) -> Result<WebApp, NativeError> {
        Ok(WebApp(self.0.web_app(registration.0.clone())?))
    }

    /// An application on the user's own device.
    pub fn native_app(&self, registration: &Registration) -> Result<NativeApp, NativeError> {
        Ok(NativeApp(self.0.native_app(registration.0.clone())?))
    }

    /// An application that runs in the browser.
    pub fn single_page_app(&self, registration: &Registration) -> Result<SinglePageApp, NativeError> {
        Ok(SinglePageApp(self.0.single_page_app(registration.0.clone())?))
    }

    /// Ends the client: new calls are refused from now on, and what has been sent is waited for, 10 seconds unless
    /// `limit_ms` says otherwise. It is shut down although nobody waits for that.
    pub async fn shut_down(&self, limit_ms: Option<u64>) -> Result<(), NativeError> {
        let ended = match limit_ms {
            Some(limit) => self.0.shutdown_within(Duration::from_millis(limit)),
            None => self.0.shutdown(),
        };
        Ok(ended.await?)
    }

    /// The next thing for the application's own HTTP client to do; none when the client was shut down, after
    /// `shut_down_http`, or for a client that sends its requests itself.
    pub async fn next_http_work(&self) -> Option<HttpWork> {
        self.0.next_http_work().await.map(HttpWork::from)
    }

    /// A response, of whatever status. A late or repeated reply is ignored.
    pub fn reply_http_response(&self, id: &HttpWorkId, status: u16, headers: Vec<HttpHeader>, body: Vec<u8>) {
        let headers = headers.into_iter().map(|header| (header.name, header.value)).collect();
        let response = grantline::HttpResponse { status, headers, body: grantline::SecretBytes::new(body) };
        self.0.reply_http(id.0, Ok(response));
    }

    /// That there is no usable response. `detail` is for a person and must hold no secret.
    pub fn reply_http_failure(&self, id: &HttpWorkId, kind: HttpFailureKind, sent: Sent, detail: String) {
        let failure = grantline::HttpFailure { kind: kind.into(), sent: sent.into(), detail };
        self.0.reply_http(id.0, Err(failure));
    }

    /// Ends the loop around `next_http_work` at once: what is under way has failed.
    pub fn shut_down_http(&self) {
        self.0.close_http();
    }
}
