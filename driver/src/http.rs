//! The HTTP performer on reqwest: sends each request once, and tells rightly what became of it.

mod failure;
mod options;
mod request_body;
mod response;

#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use grantline_core::{
    Error, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, Method, Sent, is_loopback,
};
use reqwest::{Client, Request, Url};

pub(crate) use options::HttpOptions;

use crate::clock::within;
use request_body::Departure;

/// How long a process that was stopped listens for an answer that is there already.
const AFTER_WAKING: Duration = Duration::from_millis(500);

/// Sends requests by the contract of [`HttpRequest`]. Cloning it is cheap and shares its connections.
///
/// A connection belongs to the runtime that it was opened on: one performer serves one runtime.
#[derive(Clone, Debug)]
pub(crate) struct Performer(Arc<Clients>);

#[derive(Debug)]
struct Clients {
    options: HttpOptions,
    remote: OnceLock<Result<Client, Error>>,
    /// Follows no proxy: a request to this host stays on it, whatever the environment says.
    loopback: OnceLock<Result<Client, Error>>,
}

impl Performer {
    /// Makes the clients, unless they are wanted only when they are needed; connects to nothing and needs no runtime yet.
    ///
    /// Errors: `invalid_client_setting` for `proxy`, `root_certificates` or `tls` (no roots on this system).
    pub(crate) fn new(options: &HttpOptions) -> Result<Self, Error> {
        let clients =
            Clients { options: options.clone(), remote: OnceLock::new(), loopback: OnceLock::new() };
        if !options.are_for_when_needed() {
            clients.remote()?;
            clients.loopback()?;
        }
        Ok(Self(Arc::new(clients)))
    }

    /// Sends the request once and reads the response, all within `request.timeout`: name resolution, connection,
    /// TLS, and the last byte of the body. Dropping the future closes the connection.
    pub(crate) async fn perform(&self, request: HttpRequest) -> HttpReply {
        let limit = request.timeout;
        if limit.is_zero() {
            return Err(not_performed("its time was over before it began".to_owned()));
        }
        let departure = Departure::default();
        within(limit, AFTER_WAKING, self.exchange(request, &departure)).await.unwrap_or_else(|| {
            Err(HttpFailure {
                kind: HttpFailureKind::TimedOut,
                sent: departure.verdict(),
                detail: format!("no complete response within {} ms", limit.as_millis()),
            })
        })
    }

    async fn exchange(&self, request: HttpRequest, departure: &Departure) -> HttpReply {
        let url = Url::parse(&request.url).map_err(|error| not_performed(error.to_string()))?;
        let client = if is_on_loopback(&url) { self.0.loopback() } else { self.0.remote() };
        let client = client.map_err(|error| not_performed(error.to_string()))?;
        let request = prepare(client, url, request, departure)?;
        let response =
            client.execute(request).await.map_err(|error| failure::from_reqwest(&error, departure))?;
        response::read(response).await
    }
}

impl Clients {
    fn remote(&self) -> Result<&Client, Error> {
        self.remote.get_or_init(|| self.options.remote_client()).as_ref().map_err(Clone::clone)
    }

    fn loopback(&self) -> Result<&Client, Error> {
        self.loopback.get_or_init(|| self.options.loopback_client()).as_ref().map_err(Clone::clone)
    }
}

fn prepare(
    client: &Client,
    url: Url,
    request: HttpRequest,
    departure: &Departure,
) -> Result<Request, HttpFailure> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut builder = client.request(method, url);
    for (name, value) in &request.headers {
        let mut value = reqwest::header::HeaderValue::from_str(value.expose_secret())
            .map_err(|error| not_performed(format!("the header {name}: {error}")))?;
        value.set_sensitive(true);
        builder = builder.header(*name, value);
    }
    match request.body {
        Some(body) => builder = builder.body(departure.body(body)),
        None => departure.without_body(),
    }
    builder.build().map_err(|error| not_performed(failure::in_words(&error)))
}

pub(crate) fn is_on_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback)
}

fn not_performed(detail: String) -> HttpFailure {
    HttpFailure { kind: HttpFailureKind::NotPerformed, sent: Sent::CertainlyNot, detail }
}
