//! Settings of the performer, and the reqwest clients that they make.

use std::time::Duration;

use grantline_core::{Error, Misuse, SecretText};
use reqwest::{Certificate, Client, ClientBuilder, Url, redirect, retry, tls};

use super::failure;

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Shorter than the keep-alive of common servers (5 s and more), so that a request is hardly ever written to a
/// connection which the server is just closing: that would leave its outcome unknown.
const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(4);

/// How connections are made.
#[derive(Clone, Debug)]
pub(crate) struct HttpOptions {
    connect_timeout: Duration,
    proxy: Proxy,
    root_certificates: Vec<Vec<u8>>,
    when_needed: bool,
}

#[derive(Clone, Debug)]
enum Proxy {
    System,
    None,
    /// May hold a user name and a password.
    Url(SecretText),
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            proxy: Proxy::System,
            root_certificates: Vec::new(),
            when_needed: false,
        }
    }
}

impl HttpOptions {
    /// How long name resolution, the connection and the TLS handshake may take together.
    pub(crate) fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// `http://[user:password@]host:port`, for every request but those to loopback.
    pub(crate) fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(SecretText::new(url));
        self
    }

    /// No proxy, not even the system's.
    pub(crate) fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Trusts the certificates of this PEM text besides the platform's.
    pub(crate) fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Reads the certificates only before the first request.
    pub(crate) fn when_needed(mut self) -> Self {
        self.when_needed = true;
        self
    }

    pub(super) fn are_for_when_needed(&self) -> bool {
        self.when_needed
    }

    /// The client for every host but loopback.
    pub(super) fn remote_client(&self) -> Result<Client, Error> {
        let builder = self.client()?;
        let builder = match &self.proxy {
            Proxy::System => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(url) => builder.proxy(proxy(url)?),
        };
        self.built(builder)
    }

    /// The client for loopback.
    pub(super) fn loopback_client(&self) -> Result<Client, Error> {
        self.built(self.client()?.no_proxy())
    }

    /// Says everything that the contract rests on, also what is reqwest's default: another crate of the same
    /// program may switch features on that change the defaults.
    fn client(&self) -> Result<ClientBuilder, Error> {
        Ok(Client::builder()
            .user_agent(concat!("grantline/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            // By default reqwest sends a request again that HTTP/2 reports as not processed.
            .retry(retry::never())
            .http1_only()
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT)
            .tls_backend_rustls()
            .tls_version_min(tls::Version::TLS_1_2)
            .tls_certs_merge(self.certificates()?))
    }

    fn certificates(&self) -> Result<Vec<Certificate>, Error> {
        let mut all = Vec::new();
        for pem in &self.root_certificates {
            let some = Certificate::from_pem_bundle(pem)
                .map_err(|error| unusable("root_certificates", failure::in_words(&error)))?;
            if some.is_empty() {
                let why = "the text holds no certificate in PEM (-----BEGIN CERTIFICATE-----)";
                return Err(unusable("root_certificates", why.to_owned()));
            }
            all.extend(some);
        }
        Ok(all)
    }

    fn built(&self, builder: ClientBuilder) -> Result<Client, Error> {
        builder.build().map_err(|error| {
            match (failure::in_words(&error), self.root_certificates.is_empty()) {
                (why, false) => unusable("root_certificates", why),
                (why, true) => {
                    let advice = "install the system's CA certificates, or give root certificates";
                    unusable("tls", format!("{why}; {advice}"))
                }
            }
        })
    }
}

/// Refuses what reqwest would silently take for "no proxy".
fn proxy(url: &SecretText) -> Result<reqwest::Proxy, Error> {
    let parsed = Url::parse(url.expose_secret()).map_err(|error| unusable("proxy", error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        let why = format!("the scheme {} is not supported, only http and https are", parsed.scheme());
        return Err(unusable("proxy", why));
    }
    reqwest::Proxy::all(parsed).map_err(|error| unusable("proxy", failure::in_words(&error)))
}

fn unusable(setting: &'static str, why: String) -> Error {
    Misuse::InvalidClientSetting { setting, why }.into()
}
