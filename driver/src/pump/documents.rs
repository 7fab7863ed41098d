//! Public documents, for who asks for them by hand: past the engine, which keeps its own.

use futures_channel::oneshot;
use grantline_core::{
    DEFAULT_HTTP_TIMEOUT, Error, HttpRequest, HttpResponse, Method, Misuse, SecretText, Transport,
};
use url::Url;

use super::{Http, Pump};
use crate::http::is_on_loopback;

impl Pump {
    /// Fetches one, on the runtime of all requests.
    pub(crate) fn fetch(&self, url: &str) -> Result<oneshot::Receiver<Result<HttpResponse, Error>>, Error> {
        let Http::Inside(performer) = &self.http else {
            let why = "the application performs HTTP itself, documents too".to_owned();
            return Err(Misuse::InvalidClientSetting { setting: "http_outside", why }.into());
        };
        refuse_in_clear(url)?;
        let (give, answer) = oneshot::channel();
        let (performer, request, to) = (performer.clone(), request(url), without_query(url));
        self.runtime.spawn(async move {
            let reply = performer.perform(request).await;
            // Whoever asked may have gone.
            let _ = give.send(reply.map_err(|failure| Error::Transport(Transport { to, failure })));
        });
        Ok(answer)
    }
}

/// What keys are read from must not be in anybody's reach.
fn refuse_in_clear(text: &str) -> Result<(), Error> {
    let is_safe = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && is_on_loopback(url));
    match Url::parse(text).is_ok_and(|url| is_safe(&url)) {
        true => Ok(()),
        false => Err(Misuse::InsecureEndpoint { url: without_query(text) }.into()),
    }
}

fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn request(url: &str) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("accept", SecretText::new("application/json, text/html;q=0.5"))],
        body: None,
        timeout: DEFAULT_HTTP_TIMEOUT,
    }
}
