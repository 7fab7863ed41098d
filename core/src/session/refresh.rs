//! The session flows: a completed login becomes a session, and a session gives a fresh token.

use std::time::Duration;

use super::key::SessionKey;
use super::record::SessionRecord;
use crate::error::{Error, SessionError};
use crate::flow::Io;
use crate::login::{CompletedLogin, Grant, LoginApp, ValidatedCallback, exchange_code, refresh_grant};
use crate::scopes::Scopes;
use crate::secret::RefreshToken;
use crate::seed::Draws;
use crate::store::{Attempt, End, Record, RecordOperation, StoreFailure, StoreFailureKind, StoreReply};
use crate::time::{Millis, Now};
use crate::token::{AccessToken, Freshness, Generation};

/// What the engine waits for a performer beyond its time limit, and a save in the store.
const TIME_TO_SAVE: Duration = Duration::from_secs(6);
/// How often a save is tried, and how long apart.
const SAVES: u32 = 3;
const BETWEEN_SAVES: Duration = Duration::from_millis(500);
/// How long apart the store is looked at while another holder refreshes.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const SHORTEST_LOOK: Duration = Duration::from_millis(50);
/// A holder that goes on for longer than so many leases is no holder: the store is at fault.
const LONGEST_WAIT: u32 = 3;

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
    let mut failures = 0;
    loop {
        match io.store(key.record_key(), RecordOperation::Create { record: session.write()? }).await? {
            StoreReply::Done => return Ok((key, session)),
            // A session of that name was there: the new grant takes its place, and the generation does not fall.
            StoreReply::Newer(Record { generation, .. }) | StoreReply::Ended { generation } => {
                session.access_token.generation = generation.next();
            }
            StoreReply::Failed(_) if failures < SAVES => {
                failures += 1;
                io.sleep(BETWEEN_SAVES).await;
            }
            other => return Err(unexpected(other).after_the_code()),
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
    let ttl = 2 * io.http_timeout() + TIME_TO_SAVE;
    let give_up_at = io.now().boot.plus(LONGEST_WAIT * ttl);
    loop {
        if let Some(token) = look(io, key, want).await? {
            return Ok(token);
        }
        let attempt = Attempt(io.draw(Draws::id));
        // From before the store was asked: its clock began later.
        let until = io.now().boot.plus(ttl);
        match io.store(key.record_key(), RecordOperation::Begin { attempt, ttl }).await? {
            StoreReply::Begun { record, earlier } => {
                let lease = Lease { io, app, key, attempt, until, spent: record.generation };
                if let Some(token) = lease.fresh_token(&record, want, earlier.is_some()).await? {
                    return Ok(token);
                }
            }
            StoreReply::Held { .. } if io.now().boot >= give_up_at => {
                return Err(misbehaved("its lease is held without end by another"));
            }
            StoreReply::Held { remaining } => io.sleep(remaining.clamp(SHORTEST_LOOK, LOOK_AGAIN)).await,
            other => return Err(unexpected(other)),
        }
    }
}

/// The stored token, where it will do: nothing is written then.
async fn look(io: &Io, key: &SessionKey, want: Want) -> Result<Option<AccessToken>, Error> {
    match io.store(key.record_key(), RecordOperation::Load).await? {
        StoreReply::Loaded(record) => {
            let session = SessionRecord::read(&record, io.now())?;
            Ok(want.is_met_by(&session, io.now()).then_some(session.access_token))
        }
        other => Err(unexpected(other)),
    }
}

/// The right to refresh one session, for a while.
struct Lease<'a> {
    io: &'a Io,
    app: &'a LoginApp,
    key: &'a SessionKey,
    attempt: Attempt,
    /// When the store may give the lease to another, on the clock that counts suspend.
    until: Millis,
    spent: Generation,
}

/// A refresh that brought no tokens.
struct Failed {
    error: Error,
    /// An answer to this refresh token was lost, now or in an earlier attempt.
    answer_lost: bool,
}

impl Lease<'_> {
    /// `None`: the lease is too short for what is to be done, or another host's token is past its time too. Begin
    /// again.
    async fn fresh_token(
        &self,
        record: &Record,
        want: Want,
        answer_lost: bool,
    ) -> Result<Option<AccessToken>, Error> {
        let now = self.io.now();
        let session = match SessionRecord::read(record, now) {
            Ok(session) => session,
            Err(unreadable) => return self.give_up(Failed { error: unreadable, answer_lost }).await,
        };
        if want.is_met_by(&session, now) {
            self.end_attempt(answer_lost).await;
            return Ok(Some(session.access_token));
        }
        let Some(token) = &session.refresh_token else {
            let error = Error::Session(SessionError::NoRefreshToken);
            return self.give_up(Failed { error, answer_lost }).await;
        };
        if !self.lasts_for_one_more() {
            self.end_attempt(answer_lost).await;
            return Ok(None);
        }
        let in_hand = (want == Want::Fresh).then(|| session.access_token.clone());
        match self.refresh(token, &session.access_token.scopes, answer_lost).await {
            Ok(grant) => self.commit(session.rotated(grant)).await,
            Err(failed) => self.judge(failed, in_hand).await,
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
        if !self.lasts_for_one_more() {
            return Err(Failed { error: lost, answer_lost: true });
        }
        send().await.map_err(|again| {
            // What is known of the first request is not forgotten for a second that did not get through.
            let error = if matches!(again, Error::Server(_)) { again } else { lost };
            Failed { error, answer_lost: true }
        })
    }

    /// Nothing is sent on a lease that is too short: a host that slept meanwhile would spend a token that another
    /// has rotated.
    fn lasts_for_one_more(&self) -> bool {
        self.until >= self.io.now().boot.plus(self.io.http_timeout())
    }

    /// Saves the new tokens before they are handed out. If they cannot be saved they are handed out all the same,
    /// and the store keeps the mark of this attempt.
    async fn commit(&self, session: SessionRecord) -> Result<Option<AccessToken>, Error> {
        let record = session.write()?;
        for _ in 0..SAVES {
            let commit = RecordOperation::Commit { spent: self.spent, record: record.clone() };
            match self.io.store(self.key.record_key(), commit).await? {
                StoreReply::Done => return Ok(Some(session.access_token)),
                StoreReply::Newer(newer) => {
                    return Ok(self.adopt(&newer).unwrap_or(Some(session.access_token)));
                }
                StoreReply::Failed(_) => self.io.sleep(BETWEEN_SAVES).await,
                other => return Err(unexpected(other)),
            }
        }
        Ok(Some(session.access_token))
    }

    /// Only the server's word on the refresh token ends a session. Whatever else went wrong keeps it, and a token
    /// that is still good for a while is used on.
    async fn judge(
        &self,
        failed: Failed,
        in_hand: Option<AccessToken>,
    ) -> Result<Option<AccessToken>, Error> {
        let ends = self.app.registration().provider.profile().ends_session;
        let outcome = match &failed.error {
            Error::Server(refusal) if ends.contains(&refusal.error.as_str()) => {
                return self.refused(failed).await;
            }
            // The lease and the mark stay: who comes after it tries once more.
            lost if lost.outcome_unknown() => Err(failed.error),
            _ => self.give_up(failed).await,
        };
        let now = self.io.now();
        match in_hand.filter(|token| token.freshness(now) != Freshness::Expired) {
            Some(token) => Ok(Some(token)),
            None => outcome,
        }
    }

    /// The refresh token is dead, unless somebody else rotated it meanwhile and saved the answer. A store that does
    /// not tell ends nothing.
    async fn refused(&self, failed: Failed) -> Result<Option<AccessToken>, Error> {
        match self.io.store(self.key.record_key(), RecordOperation::Load).await? {
            StoreReply::Loaded(record) if record.generation > self.spent => self.adopt(&record),
            StoreReply::Loaded(_) => {
                self.end(End::RefusedByServer).await;
                Err(match failed.answer_lost {
                    true => Error::Session(SessionError::RefreshOutcomeUnknown),
                    false => failed.error,
                })
            }
            other => self.give_up(Failed { error: unexpected(other), answer_lost: true }).await,
        }
    }

    fn adopt(&self, newer: &Record) -> Result<Option<AccessToken>, Error> {
        let now = self.io.now();
        let token = SessionRecord::read(newer, now)?.access_token;
        Ok((token.freshness(now) != Freshness::Expired).then_some(token))
    }

    async fn give_up(&self, failed: Failed) -> Result<Option<AccessToken>, Error> {
        self.end_attempt(failed.answer_lost).await;
        Err(failed.error)
    }

    async fn end_attempt(&self, answer_lost: bool) {
        self.end(if answer_lost { End::AnswerLost } else { End::AttemptSpentNothing }).await;
    }

    /// What the store makes of it changes nothing here: a lease that was not given back ends by itself.
    async fn end(&self, why: End) {
        let (attempt, spent) = (self.attempt, self.spent);
        let _ = self.io.store(self.key.record_key(), RecordOperation::End { attempt, spent, why }).await;
    }
}

/// What a reply means that brings nothing.
fn unexpected(reply: StoreReply) -> Error {
    match reply {
        StoreReply::Ended { .. } => Error::Session(SessionError::Ended),
        StoreReply::Missing => Error::Session(SessionError::Unknown),
        StoreReply::Failed(failure) => Error::Store(failure),
        _ => misbehaved("it gave an answer that does not fit the question"),
    }
}

fn misbehaved(detail: &str) -> Error {
    Error::Store(StoreFailure::new(StoreFailureKind::Misbehaved, detail))
}
