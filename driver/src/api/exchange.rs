//! One API request, whichever HTTP client sends it.

use grantline_core::{AccessToken, ApiRefusal, AttachedRequest, Error, Misuse, Verdict};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};

use super::Api;

/// A request of some HTTP client.
pub(super) trait Outgoing {
    fn url(&self) -> String;
    fn headers(&mut self) -> &mut HeaderMap;
}

/// A response of some HTTP client.
pub(super) trait Incoming {
    fn status(&self) -> u16;
    fn headers(&self) -> &HeaderMap;
}

/// An HTTP client, as far as an exchange needs one.
pub(super) trait HttpClient {
    type Request: Outgoing + Send;
    type Response: Incoming + Send;
    type Error: From<Error>;

    fn send(
        &mut self,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// A second one of the request, if its body allows that.
    fn copy(&self, request: &Self::Request) -> Option<Self::Request>;
}

/// What an exchange comes to.
type Outcome<C> = Result<(<C as HttpClient>::Response, Option<ApiRefusal>), <C as HttpClient>::Error>;

/// Sends the request, and once more if its token was refused and another one can help.
pub(super) async fn exchange<C: HttpClient>(
    api: &Api,
    client: &mut C,
    mut request: C::Request,
) -> Outcome<C> {
    let Api { source, access } = api;
    if !access.allows(&request.url()) {
        return Ok((client.send(request).await?, None));
    }
    if request.headers().contains_key(AUTHORIZATION) {
        return Err(Error::from(Misuse::AuthorizationPresent).into());
    }
    let spare = client.copy(&request);
    let token = source.fresh_token().await?;
    let response = client.send(with(&token, request)?).await?;
    let sent = AttachedRequest { token: &token, is_retry: false, repeatable: spare.is_some() };
    let refusal = match (judge(api, &response, sent), spare) {
        (Verdict::RefreshAndRetry, Some(spare)) => {
            source.invalidate(&token);
            // Its connection is free for the second.
            drop(response);
            return retry(api, client, spare).await;
        }
        (Verdict::InvalidateAndPassOn(refusal), _) => {
            source.invalidate(&token);
            Some(refusal)
        }
        (Verdict::PassOn(refusal), _) => Some(refusal),
        (Verdict::Accepted | Verdict::RefreshAndRetry, _) => None,
    };
    Ok((response, refusal))
}

async fn retry<C: HttpClient>(api: &Api, client: &mut C, request: C::Request) -> Outcome<C> {
    let token = api.source.fresh_token().await?;
    let response = client.send(with(&token, request)?).await?;
    let sent = AttachedRequest { token: &token, is_retry: true, repeatable: false };
    let refusal = match judge(api, &response, sent) {
        Verdict::PassOn(refusal) | Verdict::InvalidateAndPassOn(refusal) => Some(refusal),
        Verdict::Accepted | Verdict::RefreshAndRetry => None,
    };
    Ok((response, refusal))
}

fn judge<R: Incoming>(api: &Api, response: &R, sent: AttachedRequest<'_>) -> Verdict {
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter();
    api.access.judge(response.status(), challenges.filter_map(|value| value.to_str().ok()), sent)
}

fn with<Q: Outgoing>(token: &AccessToken, mut request: Q) -> Result<Q, Error> {
    let value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
    let mut value = value.map_err(|_| Error::Internal("a token has characters that no header may hold"))?;
    value.set_sensitive(true);
    request.headers().insert(AUTHORIZATION, value);
    Ok(request)
}

impl Outgoing for reqwest::Request {
    fn url(&self) -> String {
        self.url().to_string()
    }

    fn headers(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl Incoming for reqwest::Response {
    fn status(&self) -> u16 {
        self.status().as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

impl<B> Outgoing for http::Request<B> {
    fn url(&self) -> String {
        self.uri().to_string()
    }

    fn headers(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl<B> Incoming for http::Response<B> {
    fn status(&self) -> u16 {
        self.status().as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
