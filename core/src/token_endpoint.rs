//! The token endpoint: one request, one answer (RFC 6749 sections 3.2, 5).

mod request;
mod response;

use std::time::Duration;

pub(crate) use request::TokenRequest;
pub(crate) use response::{LONGEST_TEXT, cut, is_error_code};

use crate::error::{Error, Transport};
use crate::flow::Io;
use crate::provider::Asking;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::{BearerToken, RawIdToken, RefreshToken};
use crate::time::Now;
use crate::token::{AccessToken, Generation, Life};

/// A successful token response (RFC 6749 section 5.1), checked.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: BearerToken,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) id_token: Option<RawIdToken>,
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

/// Sends one token request and reads its answer.
pub(crate) async fn ask(
    io: &Io,
    registration: &Registration,
    request: TokenRequest,
    asking: Asking,
) -> Result<TokenResponse, Error> {
    let endpoint = registration.provider.token_endpoint()?;
    let requested = io.now();
    let (http, sent_secrets) = request.into_http(endpoint, registration, io.http_timeout());
    let response = io.http(http).await?.map_err(|failure| {
        let mut to = endpoint.clone();
        to.set_query(None);
        Error::Transport(Transport { to: to.into(), failure })
    })?;
    let advise = |error: &str| registration.provider.profile().advise(error, asking);
    response::read(&response, requested, &sent_secrets, advise)
}
