//! From a code, or from a refresh token, to tokens.

use std::sync::Arc;
use std::time::Duration;

use super::pending::PendingLogin;
use crate::directory;
use crate::error::{ClockDifference, Error, Violation};
use crate::flow::Io;
use crate::id_token::{self, IdTokenClaims, IdTokenExpectations};
use crate::login::callback::ValidatedCallback;
use crate::provider::{Asking, Metadata};
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::{AuthorizationCode, RawIdToken, RefreshToken};
use crate::session::SessionId;
use crate::token::{AccessToken, Generation};
use crate::token_endpoint::{self, TokenRequest, TokenResponse};

/// What a user granted, as the token endpoint handed it over.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, where the server gave one. After a refresh, `None` means that the old one stays good
    /// (RFC 6749 section 6).
    pub refresh_token: Option<RefreshToken>,
    /// The ID token as it came: a hint for the end of the session at the provider. That of a refresh was compared with the
    /// one before it, and its signature not verified.
    pub id_token: Option<RawIdToken>,
}

/// A login that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletedLogin {
    /// The tokens.
    pub grant: Grant,
    /// Who logged in, by a valid ID token. `None`: nobody was identified, since the login did not ask for `openid`.
    pub identity: Option<IdTokenClaims>,
    /// The name of the session.
    pub session: SessionId,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
}

/// RFC 6749 section 4.1.3, with the redirect URI byte for byte as it was sent before.
pub(crate) async fn exchange_code(
    io: &Io,
    registration: &Registration,
    callback: ValidatedCallback,
) -> Result<CompletedLogin, Error> {
    let ValidatedCallback { code, pending } = callback;
    let mut form = TokenRequest::new("authorization_code")
        .secret("code", code.expose_secret())
        .parameter("redirect_uri", &pending.redirect_uri);
    if let Some(verifier) = &pending.code_verifier {
        form = form.secret("code_verifier", verifier.expose_secret());
    }
    let form = pending.resources.iter().fold(form, |form, resource| form.parameter("resource", resource));
    let asked = pending.scopes();
    let server = prepare(io, registration, &asked).await?;
    let response = token_endpoint::ask(io, registration, &server, form, Asking::CodeExchange)
        .await
        .map_err(Error::after_the_code)?;
    let identity = identify(io, registration, &asked, (&pending, code), &response).await;
    let identity = identity.map_err(Error::after_the_code)?;
    let grant = grant(response, &asked, Generation::FIRST);
    Ok(CompletedLogin { grant, identity, session: pending.session, app_data: pending.app_data })
}

/// What can be fetched is fetched before the code is sent, which can be done only once.
pub(super) async fn prepare(
    io: &Io,
    registration: &Registration,
    asked: &Scopes,
) -> Result<Arc<Metadata>, Error> {
    if asked.contains("openid") {
        directory::keys(io, &registration.provider).await?;
    }
    directory::metadata(io, &registration.provider).await
}

/// Who logged in: nobody is identified where there is no ID token, and there has to be one if `openid` was asked for
/// (OpenID Connect Core section 3.1.3.3).
async fn identify(
    io: &Io,
    registration: &Registration,
    asked: &Scopes,
    (pending, code): (&PendingLogin, AuthorizationCode),
    response: &TokenResponse,
) -> Result<Option<IdTokenClaims>, Error> {
    let Some(token) = &response.id_token else {
        return match asked.contains("openid") {
            true => Err(Violation::IdTokenMissing.into()),
            false => Ok(None),
        };
    };
    let expected = expectations(pending).access_token(response.access_token.clone()).code(code);
    let received = io.now().wall;
    match id_token::validate(io, registration, token, &expected).await {
        Ok(identity) => Ok(Some(identity)),
        Err(Error::Violation(violation)) => {
            let clocks = ClockDifference::new(received, response.date);
            Err(violation.beside_the_server_s_clock(clocks).into())
        }
        Err(error) => Err(error),
    }
}

fn expectations(pending: &PendingLogin) -> IdTokenExpectations {
    let expected = match &pending.nonce {
        Some(nonce) => IdTokenExpectations::nonce(nonce.as_str()),
        None => IdTokenExpectations::expect_no_nonce(),
    };
    let expected = match pending.max_age_s {
        Some(seconds) => expected.max_age(Duration::from_secs(seconds)),
        None => expected,
    };
    match &pending.acr_values {
        Some(values) if !pending.acr_is_voluntary => expected.acr_values(values.as_str()),
        _ => expected,
    }
}

/// What there is to refresh.
pub(crate) struct Held<'a> {
    pub(crate) refresh_token: &'a RefreshToken,
    /// The scopes in force, for servers that do not repeat them.
    pub(crate) scopes: &'a Scopes,
    pub(crate) id_token: Option<&'a RawIdToken>,
}

/// RFC 6749 section 6. An answer whose ID token speaks of another user, client or login is discarded as a whole (OpenID
/// Connect Core section 12.2).
pub(crate) async fn refresh_grant(
    io: &Io,
    registration: &Registration,
    server: &Metadata,
    held: &Held<'_>,
    generation: Generation,
) -> Result<Grant, Error> {
    let form = TokenRequest::new("refresh_token").secret("refresh_token", held.refresh_token.expose_secret());
    let response = token_endpoint::ask(io, registration, server, form, Asking::Refresh).await?;
    if let Some(id_token) = &response.id_token {
        let (issuer, client_id) = (registration.provider.issuer(), registration.client_id());
        id_token::check_refreshed(id_token, held.id_token, issuer, client_id)
            .map_err(|cause| Error::AnswerDiscarded(Box::new(cause.into())))?;
    }
    Ok(grant(response, held.scopes, generation))
}

fn grant(response: TokenResponse, asked: &Scopes, generation: Generation) -> Grant {
    Grant {
        access_token: response.access_token(asked, generation),
        refresh_token: response.refresh_token,
        id_token: response.id_token,
    }
}
