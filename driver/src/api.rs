//! API requests with a token.

mod exchange;
mod layer;

use std::sync::Arc;

use grantline_core::{ApiAccess, ApiOrigins, ApiRefusal, Error};

use crate::token_source::TokenSource;
use exchange::{HttpClient, exchange};
pub use layer::{ApiLayer, ApiService};

/// An API, and the grant whose tokens its requests go out with. Cloning it is cheap; keep it, since it remembers
/// whether replacing a refused token was of use.
///
/// A request to one of the API's origins gets a token that is good now. If the API answers 401 with
/// `invalid_token` all the same, the token is replaced and the request sent once more, where its body can be. What
/// comes back then is passed on, with advice where it is still a refusal. A request to any other origin, and one
/// that an answer redirects there, goes without a token.
#[derive(Clone, Debug)]
pub struct Api {
    source: TokenSource,
    access: Arc<ApiAccess>,
}

/// An API's answer, of whatever status.
#[derive(Debug)]
pub struct ApiResponse {
    /// The answer.
    pub response: reqwest::Response,
    /// What it means, if it refuses the token: print it, and follow its advice.
    pub refusal: Option<ApiRefusal>,
}

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiError {
    /// There is no token, or the request may not get one.
    Token(Error),
    /// The API did not answer. Whether the request arrived is not known.
    Http(reqwest::Error),
}

impl Api {
    pub(crate) fn new(source: &TokenSource, origins: ApiOrigins) -> Self {
        Self { source: source.clone(), access: Arc::new(ApiAccess::new(origins)) }
    }

    /// Sends a request by the application's own HTTP client, with a token.
    ///
    /// Redirects are that client's affair; reqwest takes the token off when one leads to another origin.
    ///
    /// Errors: `authorization_present`, if the request has an Authorization header already; whatever keeps the token
    /// from being got, as of [`Session::fresh_token`](crate::Session::fresh_token); and the HTTP client's own.
    ///
    /// ```no_run
    /// # async fn example(session: grantline::Session, http: reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let api = session.api(grantline::ApiOrigins::new(["https://api.example"])?);
    /// let answer = api.send(&http, http.get("https://api.example/v1/invoices").build()?).await?;
    /// if let Some(refusal) = &answer.refusal {
    ///     eprintln!("{refusal}");
    /// }
    /// let invoices = answer.response.error_for_status()?.bytes().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<ApiResponse, ApiError> {
        let (response, refusal) = exchange(self, &mut Reqwest(client), request).await?;
        Ok(ApiResponse { response, refusal })
    }

    /// The same as a layer around any HTTP client that is a tower service. Put it next to the client, within whatever
    /// follows redirects, so that each request is judged by where it goes. An [`ApiRefusal`] is among the extensions of
    /// a response that refuses.
    pub fn layer<B: Clone>(&self) -> ApiLayer<B> {
        ApiLayer::new(self, |body| Some(body.clone()))
    }

    /// As [`Self::layer`], for bodies that can be sent only once: nothing is sent a second time.
    pub fn layer_for_streams<B>(&self) -> ApiLayer<B> {
        ApiLayer::new(self, |_| None)
    }
}

struct Reqwest<'a>(&'a reqwest::Client);

impl HttpClient for Reqwest<'_> {
    type Request = reqwest::Request;
    type Response = reqwest::Response;
    type Error = ApiError;

    async fn send(&mut self, request: reqwest::Request) -> Result<reqwest::Response, ApiError> {
        self.0.execute(request).await.map_err(ApiError::Http)
    }

    fn copy(&self, request: &reqwest::Request) -> Option<reqwest::Request> {
        request.try_clone()
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Http(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Token(error) => error.source(),
            Self::Http(error) => error.source(),
        }
    }
}
