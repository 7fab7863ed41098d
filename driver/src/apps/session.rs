//! A user's session.

use std::sync::Arc;

use grantline_core::{AccessToken, LoginApp, Operation, SessionId};

use crate::call::Call;
use crate::pump::Pump;
use crate::token_source::TokenSource;

/// A handle on a user's session. Cloning it is cheap.
#[derive(Clone)]
pub struct Session {
    id: SessionId,
    source: TokenSource,
}

impl Session {
    pub(crate) fn new(pump: &Arc<Pump>, app: &LoginApp, id: SessionId) -> Self {
        let slot = pump.engine.session_slot(&app.session_key(id.clone()));
        let (app, session) = (app.clone(), id.clone());
        let source = TokenSource::new(pump, slot, move |newer_than| Operation::SessionToken {
            app: app.clone(),
            session: session.clone(),
            newer_than,
        });
        Self { id, source }
    }

    /// Its name: keep it, for instance in the user's cookie session, to find the session again.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the
    /// new refresh token is saved before anybody sees the access token.
    ///
    /// Errors: `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log in again; and
    /// whatever keeps the server from answering, which loses nothing.
    pub fn fresh_token(&self) -> Call<Arc<AccessToken>> {
        self.source.fresh_token()
    }

    /// A new access token, although the one in hand is still fresh.
    ///
    /// Errors: as [`Self::fresh_token`].
    pub fn refresh(&self) -> Call<Arc<AccessToken>> {
        self.source.refresh()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}
