//! A user's session.

use std::sync::Arc;

use grantline_core::{AccessToken, ApiOrigins, Error, LoginApp, Operation, Output, Revocation, SessionId};

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
        let operation = Operation::EndSession { app: self.app.clone(), session: self.id.clone() };
        let form = |output| match output {
            Output::Ended(revocation) => Ok(revocation),
            _ => Err(Error::Internal("a session was to end and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
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

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}
