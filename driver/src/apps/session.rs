//! A user's session.

use std::sync::Arc;

use grantline_core::{
    AccessToken, ApiOrigins, EndedSession, Error, IdTokenClaims, LoginApp, LogoutRedirect, LogoutRequest,
    Operation, Output, RawIdToken, Revocation, SessionId, UserInfo, Violation,
};

use crate::api::Api;
use crate::call::Call;
use crate::client::ClientState;
use crate::token_source::{Grant, TokenSource};

/// A handle on a user's session. Cloning it is cheap.
#[derive(Clone)]
pub struct Session {
    client: Arc<ClientState>,
    app: LoginApp,
    id: SessionId,
    source: TokenSource,
}

/// A session that is over here, and on its way to be over at the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct BegunLogout {
    /// Where the browser goes.
    pub redirect: LogoutRedirect,
    /// What the server said to the revocation of the refresh token.
    pub revocation: Revocation,
}

impl Session {
    pub(crate) fn new(client: &Arc<ClientState>, app: &LoginApp, id: SessionId) -> Self {
        let grant = Grant::Session { app: app.clone(), session: id.clone() };
        let source = TokenSource::new(client, grant);
        Self { client: Arc::clone(client), app: app.clone(), id, source }
    }

    /// Its name: keep it, for instance in the user's cookie session, to find the session again.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the
    /// new refresh token is saved before anybody sees the access token.
    ///
    /// Errors: `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log in again. Whoever asks
    /// first after the server has ended the session gets its own word, `invalid_grant` (at Visma Connect also
    /// `invalid_scope`), or `refresh_outcome_unknown` where the answer to an earlier refresh was lost, with the same
    /// advice. Whatever else keeps the server or the store from answering loses nothing.
    pub fn fresh_token(&self) -> Call<Arc<AccessToken>> {
        self.source.fresh_token()
    }

    /// Reads the access token where it stands in memory, if it is good now: see [`TokenSource::peek`].
    pub fn peek<R>(&self, read: impl FnOnce(&AccessToken) -> R) -> Option<R> {
        self.source.peek(read)
    }

    /// A new access token, although the one in hand is still fresh.
    ///
    /// Errors: as [`Self::fresh_token`].
    pub fn refresh(&self) -> Call<Arc<AccessToken>> {
        self.source.refresh()
    }

    /// An API refused this token although it is not past its time: it is not handed out again, and whoever asks next
    /// gets a later one. If there is a later one already, nothing happens.
    pub fn invalidate(&self, refused: &AccessToken) {
        self.source.invalidate(refused);
    }

    /// Ends the session: in the store, so that nobody refreshes it any more, and at the server, where that takes the
    /// refresh token back (RFC 7009). It is over whatever the server says; a later login may use its name again.
    ///
    /// This client hands out its access token no more. Another process that has it in memory does so until it would
    /// fetch the next one, shortly before the token's end: an API that has to know sooner asks the server.
    ///
    /// Errors: whatever keeps the store from taking note.
    pub fn end(&self) -> Call<Revocation> {
        self.ended(|ended| ended.revocation)
    }

    fn ended<T: 'static>(&self, form: fn(EndedSession) -> T) -> Call<T> {
        let operation = Operation::EndSession { app: self.app.clone(), session: self.id.clone() };
        let form = move |output| match output {
            Output::Ended(ended) => Ok(form(*ended)),
            _ => Err(Error::Internal("a session was to end and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    /// Who logged in, by the session's valid ID token; `None`, if its login did not ask for `openid`. Read from the store.
    ///
    /// Errors: `session_unknown`, `session_ended`, whatever keeps the store from answering.
    pub fn identity(&self) -> Call<Option<IdTokenClaims>> {
        let operation = Operation::SessionIdentity { app: self.app.clone(), session: self.id.clone() };
        let form = |output| match output {
            Output::Identity(identity) => Ok(identity.map(|identity| *identity)),
            _ => Err(Error::Internal("an identity was asked for and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    /// What the provider says of the user (OpenID Connect Core section 5.3): with a token of this session, which is
    /// replaced once if the provider refuses it. An answer about anybody but the user who logged in is refused.
    ///
    /// Errors: those of [`Self::identity`] and [`Self::fresh_token`]; `user_info_subject_mismatch`; `endpoint_missing`; the
    /// provider's refusal, such as `insufficient_scope`.
    pub fn user_info(&self) -> Call<UserInfo> {
        let session = self.clone();
        Call::of(async move {
            let subject = session.identity().await?.map(|identity| identity.subject().to_owned());
            let token = session.fresh_token().await?;
            match session.ask_user_info(Arc::clone(&token), subject.clone()).await {
                Err(error) if is_about_the_token(&error) => {
                    session.invalidate(&token);
                    session.ask_user_info(session.fresh_token().await?, subject).await
                }
                outcome => outcome,
            }
        })
    }

    fn ask_user_info(&self, token: Arc<AccessToken>, subject: Option<String>) -> Call<UserInfo> {
        let operation = Operation::UserInfo { app: self.app.clone(), token, subject };
        let form = |output| match output {
            Output::UserInfo(answer) => Ok(*answer),
            _ => Err(Error::Internal("a user's claims were asked for and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    /// Ends the session here, as [`Self::end`], and makes the URL that ends the user's session at the provider (OpenID
    /// Connect RP-Initiated Logout): send the browser there. With the ID token of the login, if it asked for `openid`.
    ///
    /// The session ends first, and whatever goes wrong afterwards: where the provider's metadata cannot be had, there is no
    /// URL, and [`LogoutRedirect::failure`] says why. Who drops the call goes without the URL; the session ends all the same.
    ///
    /// Errors: whatever keeps the store from taking note.
    pub fn begin_logout(&self, request: LogoutRequest) -> Call<BegunLogout> {
        let (session, ending) = (self.clone(), self.ended(|ended| ended));
        Call::of(async move {
            let EndedSession { revocation, id_token } = ending.await?;
            let redirect = session.redirect_to_logout(id_token, request).await?;
            Ok(BegunLogout { redirect, revocation })
        })
    }

    fn redirect_to_logout(
        &self,
        id_token: Option<RawIdToken>,
        request: LogoutRequest,
    ) -> Call<LogoutRedirect> {
        let app = self.app.clone();
        let form = |output| match output {
            Output::LogoutRedirect(redirect) => Ok(*redirect),
            _ => Err(Error::Internal("a logout was to begin and something else came")),
        };
        Call::begin(&self.client, Operation::RedirectToLogout { app, id_token, request }, Box::new(form))
    }

    /// An API at these origins, whose requests go out with this session's tokens.
    pub fn api(&self, origins: ApiOrigins) -> Api {
        self.source.api(origins)
    }

    /// The source of its tokens, without its name.
    pub fn token_source(&self) -> &TokenSource {
        &self.source
    }
}

/// Visma Connect does not say in a challenge what it refuses.
fn is_about_the_token(error: &Error) -> bool {
    match error {
        Error::Server(refusal) => refusal.error == "invalid_token",
        Error::Violation(Violation::UnexpectedStatus { status: 401 }) => true,
        _ => false,
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}
