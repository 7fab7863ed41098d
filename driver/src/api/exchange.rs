//! One API request, whichever HTTP client sends it.

use std::sync::Arc;

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
    let sent = |repeatable| AttachedRequest { token: &token, is_retry: false, repeatable };
    let refusal = match (judge(api, &response, sent(spare.is_some())), spare) {
        (Verdict::RefreshAndRetry, Some(spare)) => {
            source.invalidate(&token);
            match source.fresh_token().await {
                // Its connection is free for the second.
                Ok(newer) => {
                    drop(response);
                    return retry(api, client, newer, spare).await;
                }
                // The API's answer stands; why there is no other token is told to the next request.
                Err(_) => refusal_in(judge(api, &response, sent(false))),
            }
        }
        (verdict, _) => {
            if matches!(verdict, Verdict::InvalidateAndPassOn(_)) {
                source.invalidate(&token);
            }
            refusal_in(verdict)
        }
    };
    Ok((response, refusal))
}

async fn retry<C: HttpClient>(
    api: &Api,
    client: &mut C,
    token: Arc<AccessToken>,
    request: C::Request,
) -> Outcome<C> {
    let response = client.send(with(&token, request)?).await?;
    let sent = AttachedRequest { token: &token, is_retry: true, repeatable: false };
    let refusal = refusal_in(judge(api, &response, sent));
    Ok((response, refusal))
}

fn refusal_in(verdict: Verdict) -> Option<ApiRefusal> {
    match verdict {
        Verdict::PassOn(refusal) | Verdict::InvalidateAndPassOn(refusal) => Some(refusal),
        Verdict::Accepted | Verdict::RefreshAndRetry => None,
    }
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
