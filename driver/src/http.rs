//! Provisional performer until the real one lands.
use std::time::Duration;

use grantline_core::{
    Error, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse, Method, SecretBytes, Sent,
};

#[derive(Debug, Default)]
pub(crate) struct HttpOptions;
impl HttpOptions {
    pub(crate) fn connect_timeout(self, _: Duration) -> Self { self }
    pub(crate) fn proxy(self, _: impl Into<String>) -> Self { self }
    pub(crate) fn no_proxy(self) -> Self { self }
    pub(crate) fn root_certificates(self, _: impl Into<Vec<u8>>) -> Self { self }
}
#[derive(Clone)]
pub(crate) struct Performer(reqwest::Client);
impl Performer {
    pub(crate) fn new(_: &HttpOptions) -> Result<Self, Error> {
        Ok(Self(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().map_err(|_| Error::Internal("http"))?))
    }
    pub(crate) async fn perform(&self, request: HttpRequest) -> HttpReply {
        let fail = |e: reqwest::Error| HttpFailure { kind: if e.is_timeout() { HttpFailureKind::TimedOut } else { HttpFailureKind::Connect }, sent: Sent::Maybe, detail: e.to_string() };
        let mut r = match request.method { Method::Get => self.0.get(&request.url), Method::Post => self.0.post(&request.url) }.timeout(request.timeout);
        for (n, v) in &request.headers { r = r.header(*n, v.expose_secret()); }
        if let Some(b) = &request.body { r = r.body(b.expose_secret().to_vec()); }
        let response = r.send().await.map_err(fail)?;
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned())).collect();
        let body = SecretBytes::new(response.bytes().await.map_err(fail)?.to_vec());
        Ok(HttpResponse { status, headers, body })
    }
}
