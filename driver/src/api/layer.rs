//! The tower layer.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use grantline_core::Error;
use tower_layer::Layer;
use tower_service::Service;

use super::Api;
use super::exchange::{HttpClient, exchange};

type BoxError = Box<dyn StdError + Send + Sync>;

/// Puts tokens on the requests of an HTTP client: see [`Api::layer`].
pub struct ApiLayer<B> {
    api: Api,
    again: fn(&B) -> Option<B>,
}

/// An HTTP client whose requests get tokens.
pub struct ApiService<S, B> {
    layer: ApiLayer<B>,
    inner: S,
}

impl<B> ApiLayer<B> {
    pub(super) fn new(api: &Api, again: fn(&B) -> Option<B>) -> Self {
        Self { api: api.clone(), again }
    }
}

impl<S, B> Layer<S> for ApiLayer<B> {
    type Service = ApiService<S, B>;

    fn layer(&self, inner: S) -> Self::Service {
        ApiService { layer: self.clone(), inner }
    }
}

impl<S, B, R> Service<http::Request<B>> for ApiService<S, B>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Send + 'static,
    R: Send + 'static,
{
    type Response = http::Response<R>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The one that is ready goes along, and its copy stays: readiness is not cloned.
        let copy = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, copy);
        let ApiLayer { api, again } = self.layer.clone();
        let mut client = UnderWay { inner, is_ready: true, again };
        Box::pin(async move {
            let (mut response, refusal) =
                exchange(&api, &mut client, request).await.map_err(|Boxed(error)| error)?;
            if let Some(refusal) = refusal {
                response.extensions_mut().insert(refusal);
            }
            Ok(response)
        })
    }
}

/// A service on its way with one request.
struct UnderWay<S, B> {
    inner: S,
    /// For the first request it has been waited for.
    is_ready: bool,
    again: fn(&B) -> Option<B>,
}

/// An error of ours or of the service's.
struct Boxed(BoxError);

impl From<Error> for Boxed {
    fn from(error: Error) -> Self {
        Self(Box::new(error))
    }
}

impl<S, B, R> HttpClient for UnderWay<S, B>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Send,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Send,
    R: Send,
{
    type Request = http::Request<B>;
    type Response = http::Response<R>;
    type Error = Boxed;

    async fn send(&mut self, request: http::Request<B>) -> Result<http::Response<R>, Boxed> {
        if !std::mem::take(&mut self.is_ready) {
            let ready = poll_fn(|context| self.inner.poll_ready(context)).await;
            ready.map_err(|error| Boxed(error.into()))?;
        }
        self.inner.call(request).await.map_err(|error| Boxed(error.into()))
    }

    fn copy(&self, request: &http::Request<B>) -> Option<http::Request<B>> {
        let mut copy = http::Request::new((self.again)(request.body())?);
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.version_mut() = request.version();
        *copy.headers_mut() = request.headers().clone();
        *copy.extensions_mut() = request.extensions().clone();
        Some(copy)
    }
}

impl<B> Clone for ApiLayer<B> {
    fn clone(&self) -> Self {
        Self { api: self.api.clone(), again: self.again }
    }
}

impl<S: Clone, B> Clone for ApiService<S, B> {
    fn clone(&self) -> Self {
        Self { layer: self.layer.clone(), inner: self.inner.clone() }
    }
}

impl<B> std::fmt::Debug for ApiLayer<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiLayer").field("api", &self.api).finish_non_exhaustive()
    }
}

impl<S, B> std::fmt::Debug for ApiService<S, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiService").field("layer", &self.layer).finish_non_exhaustive()
    }
}
