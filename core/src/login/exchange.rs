//! From a code, or from a refresh token, to tokens.

use crate::error::{Error, Violation};
use crate::flow::Io;
use crate::id_token;
use crate::login::callback::ValidatedCallback;
use crate::provider::Asking;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::{RawIdToken, RefreshToken};
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
    /// The ID token, not validated: nothing in it may be believed yet, and nothing of it can be read from here.
    pub id_token: Option<RawIdToken>,
}

/// A login that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletedLogin {
    /// The tokens.
    pub grant: Grant,
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
    let asked = pending.scope.as_deref().and_then(Scopes::granted).unwrap_or_else(Scopes::all_allowed);
    let response = token_endpoint::ask(io, registration, form, Asking::CodeExchange)
        .await
        .map_err(Error::after_the_code)?;
    // OpenID Connect Core section 3.1.3.3.
    if asked.contains("openid") && response.id_token.is_none() {
        return Err(Violation::IdTokenMissing.into());
    }
    let grant = grant(response, &asked, Generation::FIRST);
    Ok(CompletedLogin { grant, session: pending.session, app_data: pending.app_data })
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
    held: &Held<'_>,
    generation: Generation,
) -> Result<Grant, Error> {
    let form = TokenRequest::new("refresh_token").secret("refresh_token", held.refresh_token.expose_secret());
    let response = token_endpoint::ask(io, registration, form, Asking::Refresh).await?;
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
