//! The token endpoint: one request, one answer (RFC 6749 sections 3.2, 5). The revocation endpoint works like it.

mod request;
mod response;
mod revocation;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use request::TokenRequest;
use response::Asked;
pub(crate) use response::{LONGEST_TEXT, check_success, cut, granted_scopes, is_error_code};
pub(crate) use revocation::revoke;

use crate::directory;
use crate::effect::TIME_TO_BEGIN;
use crate::error::{Error, Transport};
use crate::flow::Io;
use crate::http::{HttpReply, HttpRequest, HttpResponse};
use crate::introspection::Introspection;
use crate::provider::{Asking, Metadata};
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::{BearerToken, RawIdToken, RefreshToken, SecretText};
use crate::seed::Draws;
use crate::time::{Now, UnixMillis};
use crate::token::{AccessToken, Generation, Life};

/// A successful token response (RFC 6749 section 5.1), checked.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: BearerToken,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) id_token: Option<RawIdToken>,
    /// What time it was by the server's clock (RFC 9110 section 6.6.1): a hint for a person, never a measure.
    pub(crate) date: Option<UnixMillis>,
    /// When the request was sent: a life counts from there, since it began before the answer arrived.
    pub(crate) requested: Now,
}

impl TokenResponse {
    /// The access token of this response; `asked` are the scopes in force where the response names none.
    pub(crate) fn access_token(&self, asked: &Scopes, generation: Generation) -> AccessToken {
        AccessToken {
            secret: self.access_token.clone(),
            scopes: self.scopes.clone().unwrap_or_else(|| asked.clone()),
            obtained: self.requested.wall,
            life: self.lifetime.map(|lifetime| Life::from(self.requested, lifetime)),
            generation,
            saved: true,
        }
    }
}

/// Whether a request to this registration's provider may go out now. Who was admitted sends it at once.
///
/// Errors: `provider_resting`.
pub(crate) fn admit(io: &Io, registration: &Registration) -> Result<(), Error> {
    io.environment().circuits.admit(registration.provider.issuer(), io.now())
}

/// What has to be known before anything is sent, for who is about to take a lease first: nothing is fetched under it.
///
/// Errors: `provider_resting`; what went wrong with the provider's metadata.
pub(crate) async fn prepare(io: &Io, registration: &Registration) -> Result<Arc<Metadata>, Error> {
    io.environment().circuits.rests(registration.provider.issuer(), io.now())?;
    directory::metadata(io, &registration.provider).await
}

/// Sends one token request, reads its answer, and notes how the provider is.
pub(crate) async fn ask(
    io: &Io,
    registration: &Registration,
    server: &Metadata,
    request: TokenRequest,
    asking: Asking,
) -> Result<TokenResponse, Error> {
    let outcome = send(io, registration, server, request, asking).await;
    let (issuer, jitter) = (registration.provider.issuer(), io.draw(Draws::jitter));
    io.environment().circuits.report(issuer, &outcome, io.now(), jitter);
    outcome
}

async fn send(
    io: &Io,
    registration: &Registration,
    server: &Metadata,
    request: TokenRequest,
    asking: Asking,
) -> Result<TokenResponse, Error> {
    let endpoint = server.token_endpoint()?;
    let requested = io.now();
    let request = request.into_http(endpoint, registration, registration.method(server), io.http_timeout());
    post(io, registration, asking, request, |response, asked| response::tokens(response, requested, asked))
        .await
}

/// Asks what the server knows of a token (RFC 7662 section 2).
pub(crate) async fn introspect(
    io: &Io,
    registration: &Registration,
    server: &Metadata,
    token: &SecretText,
) -> Result<Introspection, Error> {
    let endpoint = server.introspection_endpoint()?;
    let request = TokenRequest::introspection(token);
    let request = request.into_http(endpoint, registration, registration.method(server), io.http_timeout());
    post(io, registration, Asking::Introspection, request, response::introspection).await
}

/// Sends a request that is no form of ours, and asks again if nobody came to it in time.
pub(crate) async fn send_once(io: &Io, request: HttpRequest) -> Result<HttpResponse, Error> {
    let url = request.url.clone();
    let reply = once_begun(io, request, Asking::UserInfo).await?;
    reply.map_err(|failure| Error::Transport(Transport::new(&url, failure)))
}

/// Has a request sent, and asks again if nobody came to it in time: the machine was busy, or asleep. What a lease has to
/// last for is decided anew by who holds it.
async fn once_begun(io: &Io, request: HttpRequest, asking: Asking) -> Result<HttpReply, Error> {
    if asking == Asking::Refresh {
        return io.http(request).await;
    }
    let late = io.now().boot.plus(TIME_TO_BEGIN);
    match io.http(request.clone()).await? {
        Err(failure) if failure.was_not_begun() && io.now().boot >= late => io.http(request).await,
        reply => Ok(reply),
    }
}

/// Sends one request to one of the two endpoints, and has its answer read.
async fn post<T>(
    io: &Io,
    registration: &Registration,
    asking: Asking,
    (request, sent): (HttpRequest, TokenRequest),
    read: impl FnOnce(&HttpResponse, &Asked<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let url = request.url.clone();
    match once_begun(io, request, asking).await? {
        Ok(response) => {
            let profile = registration.provider.profile();
            read(&response, &Asked { what: asking, profile, sent: &sent })
        }
        Err(failure) => Err(Error::Transport(Transport::new(&url, failure))),
    }
}
