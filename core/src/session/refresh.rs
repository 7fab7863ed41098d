//! The session flows: a completed login becomes a session, and a session gives a fresh token.

use std::time::Duration;

use super::key::SessionKey;
use super::record::SessionRecord;
use crate::error::{Error, SessionError};
use crate::flow::Io;
use crate::http::DEFAULT_HTTP_TIMEOUT;
use crate::login::{CompletedLogin, Grant, LoginApp, ValidatedCallback, exchange_code, refresh_grant};
use crate::store::{Attempt, End, Record, StoreReply, StoreRequest};
use crate::time::Now;
use crate::token::{AccessToken, Freshness, Generation};

/// How long a lease has to last beyond two HTTP limits: the save.
const TIME_TO_SAVE: Duration = Duration::from_secs(5);

/// Which token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// One that is fresh.
    Fresh,
    /// One of a later generation: this one was refused by an API, or is to be replaced.
    NewerThan(Generation),
}

impl Want {
    /// Whether a stored session has such a token. One that cannot be refreshed is good to its end.
    fn is_met_by(self, session: &SessionRecord, now: Now) -> bool {
        let token = &session.access_token;
        let new_enough = match self {
            Self::Fresh => true,
            Self::NewerThan(generation) => token.generation > generation,
        };
        let alive = match token.freshness(now) {
            Freshness::Fresh => true,
            Freshness::RefreshAhead => session.refresh_token.is_none(),
            Freshness::Expired => false,
        };
        new_enough && alive
    }
}

/// Exchanges the code and saves the session before anybody sees its tokens.
pub(crate) async fn complete_login(
    io: &Io,
    app: &LoginApp,
    callback: ValidatedCallback,
) -> Result<(SessionKey, SessionRecord), Error> {
    let CompletedLogin { grant, session, app_data } = exchange_code(io, app.registration(), callback).await?;
    let key = app.session_key(session);
    let mut session = SessionRecord::new(grant, app_data);
    loop {
        match io.store(StoreRequest::Create { key: key.clone(), record: session.write()? }).await? {
            StoreReply::Done => return Ok((key, session)),
            // A session of that name was there: the new grant takes its place, and the generation does not fall.
            StoreReply::Newer(Record { generation, .. }) | StoreReply::Ended { generation } => {
                session.access_token.generation = generation.next();
            }
            other => return Err(unexpected(other)),
        }
    }
}

/// A token that meets the want: from the store if another process refreshed it, else from the server.
pub(crate) async fn fresh_token(
    io: &Io,
    app: &LoginApp,
    key: &SessionKey,
    want: Want,
) -> Result<AccessToken, Error> {
    loop {
        let attempt = Attempt(io.draw(super::super::seed::Draws::id));
        let ttl = 2 * DEFAULT_HTTP_TIMEOUT + TIME_TO_SAVE;
        match io.store(StoreRequest::Begin { key: key.clone(), attempt, ttl }).await? {
            StoreReply::Begun { record, earlier } => {
                let lease = Lease {
                    io,
                    app,
                    key,
                    attempt,
                    spent: record.generation,
                    after_lost_answer: earlier.is_some(),
                };
                return lease.fresh_token(&record, want).await;
            }
            StoreReply::Held { remaining } => io.sleep(remaining).await,
            StoreReply::Ended { .. } => return Err(Error::Session(SessionError::Ended)),
            StoreReply::Missing => return Err(Error::Session(SessionError::Unknown)),
            other => return Err(unexpected(other)),
        }
    }
}

/// The right to refresh one session, for a while.
struct Lease<'a> {
    io: &'a Io,
    app: &'a LoginApp,
    key: &'a SessionKey,
    attempt: Attempt,
    spent: Generation,
    after_lost_answer: bool,
}

impl Lease<'_> {
    async fn fresh_token(&self, record: &Record, want: Want) -> Result<AccessToken, Error> {
        let now = self.io.now();
        let session = match SessionRecord::read(record, now) {
            Ok(session) => session,
            Err(unreadable) => return self.give_up(End::AttemptSpentNothing, unreadable).await,
        };
        if want.is_met_by(&session, now) {
            self.end(End::AttemptSpentNothing).await?;
            return Ok(session.access_token);
        }
        match self.refresh(&session).await {
            Ok(grant) => self.commit(session.rotated(grant)).await,
            Err(error) => self.judge(error).await,
        }
    }

    /// Sends the refresh; once more, at once, if it may have arrived and its answer is lost: a grace window in
    /// which the server takes the old token again is short.
    async fn refresh(&self, session: &SessionRecord) -> Result<Grant, Error> {
        let Some(token) = &session.refresh_token else {
            return Err(Error::Session(SessionError::NoRefreshToken));
        };
        let (registration, scopes) = (self.app.registration(), &session.access_token.scopes);
        match refresh_grant(self.io, registration, token, scopes, self.spent.next()).await {
            Err(lost) if lost.outcome_unknown() => {
                refresh_grant(self.io, registration, token, scopes, self.spent.next()).await
            }
            outcome => outcome,
        }
    }

    /// Saves the new tokens before they are handed out. If the save fails they are handed out all the same: the
    /// mark stays, and the next attempt tries the old refresh token within the server's grace.
    async fn commit(&self, session: SessionRecord) -> Result<AccessToken, Error> {
        let (key, spent, record) = (self.key.clone(), self.spent, session.write()?);
        match self.io.store(StoreRequest::Commit { key, spent, record }).await? {
            StoreReply::Newer(newer) => Ok(SessionRecord::read(&newer, self.io.now())?.access_token),
            _ => Ok(session.access_token),
        }
    }

    /// Only the server's word on the refresh token ends a session. Whatever else went wrong keeps it.
    async fn judge(&self, error: Error) -> Result<AccessToken, Error> {
        let ends = self.app.registration().provider.profile().ends_session;
        match &error {
            Error::Server(refusal) if ends.contains(&refusal.error.as_str()) => self.refused(error).await,
            lost if lost.outcome_unknown() => Err(error),
            _ => self.give_up(End::AttemptSpentNothing, error).await,
        }
    }

    /// The refresh token is dead, unless somebody else rotated it meanwhile and saved the answer.
    async fn refused(&self, error: Error) -> Result<AccessToken, Error> {
        match self.io.store(StoreRequest::Load { key: self.key.clone() }).await? {
            StoreReply::Loaded(record) if record.generation > self.spent => {
                Ok(SessionRecord::read(&record, self.io.now())?.access_token)
            }
            StoreReply::Loaded(_) if self.after_lost_answer => {
                self.give_up(End::RefusedByServer, Error::Session(SessionError::RefreshOutcomeUnknown)).await
            }
            _ => self.give_up(End::RefusedByServer, error).await,
        }
    }

    async fn give_up(&self, why: End, error: Error) -> Result<AccessToken, Error> {
        self.end(why).await?;
        Err(error)
    }

    async fn end(&self, why: End) -> Result<(), Error> {
        let (key, attempt, spent) = (self.key.clone(), self.attempt, self.spent);
        match self.io.store(StoreRequest::End { key, attempt, spent, why }).await? {
            StoreReply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }
}

fn unexpected(reply: StoreReply) -> Error {
    match reply {
        StoreReply::Failed { detail } => Error::Store(detail),
        _ => Error::Store("it gave an answer that does not fit the question".to_owned()),
    }
}
