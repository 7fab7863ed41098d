//! The session flows: a completed login becomes a session, and a session gives a fresh token.

use std::time::Duration;

use super::key::SessionKey;
use super::record::SessionRecord;
use crate::error::{Error, SessionError};
use crate::flow::Io;
use crate::http::DEFAULT_HTTP_TIMEOUT;
use crate::login::{CompletedLogin, Grant, LoginApp, ValidatedCallback, exchange_code, refresh_grant};
use crate::scopes::Scopes;
use crate::secret::RefreshToken;
use crate::seed::Draws;
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
        let attempt = Attempt(io.draw(Draws::id));
        let ttl = 2 * DEFAULT_HTTP_TIMEOUT + TIME_TO_SAVE;
        match io.store(StoreRequest::Begin { key: key.clone(), attempt, ttl }).await? {
            StoreReply::Begun { record, earlier } => {
                let lease = Lease { io, app, key, attempt, spent: record.generation };
                if let Some(token) = lease.fresh_token(&record, want, earlier.is_some()).await? {
                    return Ok(token);
                }
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
}

/// A refresh that brought no tokens, and whether an answer to this refresh token was lost, now or before.
struct Failed {
    error: Error,
    answer_lost: bool,
}

impl Lease<'_> {
    /// `None`: another host rotated the session meanwhile, and its token is past its time too. Begin again.
    async fn fresh_token(
        &self,
        record: &Record,
        want: Want,
        answer_lost: bool,
    ) -> Result<Option<AccessToken>, Error> {
        let now = self.io.now();
        let session = match SessionRecord::read(record, now) {
            Ok(session) => session,
            Err(unreadable) => return self.give_up(unreadable).await,
        };
        if want.is_met_by(&session, now) {
            self.end(End::AttemptSpentNothing).await;
            return Ok(Some(session.access_token));
        }
        let Some(token) = &session.refresh_token else {
            return self.give_up(Error::Session(SessionError::NoRefreshToken)).await;
        };
        match self.refresh(token, &session.access_token.scopes, answer_lost).await {
            Ok(grant) => self.commit(session.rotated(grant)).await,
            Err(failed) => self.judge(failed).await,
        }
    }

    /// Sends the refresh; once more, at once, if it may have arrived and its answer is lost: a grace window in
    /// which the server takes the old token again is short.
    async fn refresh(
        &self,
        token: &RefreshToken,
        scopes: &Scopes,
        answer_lost: bool,
    ) -> Result<Grant, Failed> {
        let registration = self.app.registration();
        let send = || refresh_grant(self.io, registration, token, scopes, self.spent.next());
        let lost = match send().await {
            Err(error) if error.outcome_unknown() => error,
            outcome => return outcome.map_err(|error| Failed { error, answer_lost }),
        };
        send().await.map_err(|again| {
            // What is known of the first request is not forgotten for a second that did not get through.
            let error = if matches!(again, Error::Server(_)) { again } else { lost };
            Failed { error, answer_lost: true }
        })
    }

    /// Saves the new tokens before they are handed out. If the save fails they are handed out all the same: the
    /// mark stays, and the next attempt tries the old refresh token within the server's grace.
    async fn commit(&self, session: SessionRecord) -> Result<Option<AccessToken>, Error> {
        let (key, spent, record) = (self.key.clone(), self.spent, session.write()?);
        match self.io.store(StoreRequest::Commit { key, spent, record }).await? {
            StoreReply::Newer(newer) => self.adopt(&newer),
            _ => Ok(Some(session.access_token)),
        }
    }

    /// Only the server's word on the refresh token ends a session. Whatever else went wrong keeps it.
    async fn judge(&self, failed: Failed) -> Result<Option<AccessToken>, Error> {
        let ends = self.app.registration().provider.profile().ends_session;
        match &failed.error {
            Error::Server(refusal) if ends.contains(&refusal.error.as_str()) => self.refused(failed).await,
            // The lease and the mark stay: who comes after it tries once more.
            lost if lost.outcome_unknown() => Err(failed.error),
            _ => self.give_up(failed.error).await,
        }
    }

    /// The refresh token is dead, unless somebody else rotated it meanwhile and saved the answer. A store that does
    /// not tell ends nothing.
    async fn refused(&self, failed: Failed) -> Result<Option<AccessToken>, Error> {
        match self.io.store(StoreRequest::Load { key: self.key.clone() }).await? {
            StoreReply::Loaded(record) if record.generation > self.spent => self.adopt(&record),
            StoreReply::Loaded(_) => {
                self.end(End::RefusedByServer).await;
                Err(match failed.answer_lost {
                    true => Error::Session(SessionError::RefreshOutcomeUnknown),
                    false => failed.error,
                })
            }
            _ => self.give_up(failed.error).await,
        }
    }

    fn adopt(&self, newer: &Record) -> Result<Option<AccessToken>, Error> {
        let now = self.io.now();
        let token = SessionRecord::read(newer, now)?.access_token;
        Ok((token.freshness(now) != Freshness::Expired).then_some(token))
    }

    async fn give_up(&self, error: Error) -> Result<Option<AccessToken>, Error> {
        self.end(End::AttemptSpentNothing).await;
        Err(error)
    }

    /// What the store makes of it changes nothing here: a lease that was not given back ends by itself.
    async fn end(&self, why: End) {
        let (key, attempt, spent) = (self.key.clone(), self.attempt, self.spent);
        let _ = self.io.store(StoreRequest::End { key, attempt, spent, why }).await;
    }
}

fn unexpected(reply: StoreReply) -> Error {
    match reply {
        StoreReply::Failed { detail } => Error::Store(detail),
        _ => Error::Store("it gave an answer that does not fit the question".to_owned()),
    }
}
