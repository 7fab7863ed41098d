//! A session that the store does not take: this process alone knows its tokens, and goes on with them.

use super::fresh::{Landing, Want};
use super::place::{Place, Unsaved};
use crate::error::{Error, SessionError};
use crate::login::{Grant, Held, LoginApp};
use crate::store::StoreFailure;
use crate::token::Generation;
use crate::token_endpoint;

impl Place<'_> {
    /// The token in memory, or one for the refresh token in memory. The one in the store is spent.
    pub(super) async fn go_on_in_memory(
        &self,
        app: &LoginApp,
        want: Want,
        unsaved: Unsaved,
        failure: StoreFailure,
    ) -> Landing {
        if want.is_met_by(&unsaved.session, self.io.now()) {
            return unsaved.into();
        }
        let Some(held) = unsaved.session.held() else {
            return unsaved.failed(Error::Session(SessionError::NoRefreshToken));
        };
        match self.refresh_in_memory(app, &held, unsaved.session.access_token.generation).await {
            Ok(grant) => {
                let session = unsaved.session.rotated(grant);
                self.tell_not_saved(session.access_token.generation, failure);
                Unsaved { session, spent: unsaved.spent }.into()
            }
            // The token in memory is dead. Whether the session is, only the store can tell, which may have gone on.
            Err(error) if app.ends_session(&error).is_some() => Error::Store(failure).into(),
            Err(error) => self.without_new_tokens(want, unsaved, error),
        }
    }

    async fn refresh_in_memory(
        &self,
        app: &LoginApp,
        held: &Held<'_>,
        spent: Generation,
    ) -> Result<Grant, Error> {
        let server = token_endpoint::prepare(self.io, app.registration()).await?;
        token_endpoint::admit(self.io, app.registration())?;
        let send = || self.refresh(app, &server, held, spent.next());
        match send().await {
            Err(lost) if lost.outcome_unknown() && !app.registration().asks_for_login_after_lost_answer => {
                send().await.map_err(|again| lost.unless_answered(again))
            }
            outcome => outcome,
        }
    }

    fn without_new_tokens(&self, want: Want, unsaved: Unsaved, error: Error) -> Landing {
        if !want.puts_up_with(&unsaved.session.access_token, self.io.now()) {
            return unsaved.failed(error);
        }
        self.tell_refresh_failed(error);
        unsaved.into()
    }
}

impl Unsaved {
    /// There is no token now, and what is known is kept.
    pub(super) fn failed(self, error: Error) -> Landing {
        Landing { outcome: Err(error), unsaved: Some(self) }
    }
}

impl From<Unsaved> for Landing {
    fn from(unsaved: Unsaved) -> Self {
        Self { outcome: Ok(unsaved.token()), unsaved: Some(unsaved) }
    }
}
