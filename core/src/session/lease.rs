//! The holder of a lease: one refresh, from the decision to the save.

use std::time::Duration;

use super::fresh::Want;
use super::place::{Place, Saved, Unsaved, unexpected};
use super::record::SessionRecord;
use crate::effect::TIME_TO_BEGIN;
use crate::error::{Error, SessionError};
use crate::event::EndReason;
use crate::login::{Grant, Held, LoginApp};
use crate::provider::Metadata;
use crate::store::{Attempt, End, Record, RecordOperation, StoreReply};
use crate::time::{Millis, Now};
use crate::token::{AccessToken, Freshness, Generation};
use crate::token_endpoint;

/// The right to refresh one session, for a while.
pub(super) struct Lease<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) app: &'a LoginApp,
    pub(super) server: &'a Metadata,
    pub(super) attempt: Attempt,
    /// When the store may give the lease to another, on the clock that counts suspend.
    pub(super) until: Millis,
    pub(super) spent: Generation,
}

/// What holding the lease came to.
pub(super) enum Turn {
    Token(AccessToken),
    /// As `Token`, and the store did not take it.
    Unsaved(Box<Unsaved>),
    /// The lease is too short for what is to be done, or another host's word is to be waited for: begin again.
    Again,
    /// Nothing was sent, since the host slept between the decision and the send: begin again, once.
    TooLate(Error),
}

/// A refresh that brought no tokens.
struct Failed {
    error: Error,
    /// An answer to this refresh token was lost, now or in an earlier attempt.
    answer_lost: bool,
    /// The last request may still have its effect: the lease is kept from others meanwhile.
    is_under_way: bool,
}

impl Failed {
    /// Nothing of this attempt is under way.
    fn at_rest(error: Error, answer_lost: bool) -> Self {
        // One that was discarded is lost as well.
        let answer_lost = answer_lost || matches!(error, Error::AnswerDiscarded(_));
        Self { error, answer_lost, is_under_way: false }
    }
}

impl Lease<'_> {
    pub(super) async fn fresh_token(
        &self,
        record: &Record,
        want: Want,
        answer_lost: bool,
    ) -> Result<Turn, Error> {
        let now = self.place.io.now();
        let session = match self.place.read(record) {
            Ok(session) => session,
            Err(unreadable) => return self.give_up(Failed::at_rest(unreadable, answer_lost)).await,
        };
        if want.is_met_by(&session, now) {
            self.end_attempt(answer_lost).await;
            return Ok(Turn::Token(session.access_token));
        }
        let Some(held) = session.held() else {
            let error = Error::Session(SessionError::NoRefreshToken);
            return self.give_up(Failed::at_rest(error, answer_lost)).await;
        };
        if answer_lost && !self.may_repeat() {
            return self.end_session(EndReason::RefreshOutcomeUnknown, None).await;
        }
        if !self.lasts_for_one_more() {
            self.end_attempt(answer_lost).await;
            return Ok(Turn::Again);
        }
        let in_hand = session.access_token.clone();
        match self.refresh(&held, answer_lost).await {
            Ok(grant) => self.commit(session.rotated(grant)).await,
            Err(failed) if failed.error.was_not_begun() && self.has_passed(TIME_TO_BEGIN, now) => {
                self.end_attempt(failed.answer_lost).await;
                Ok(Turn::TooLate(failed.error))
            }
            Err(failed) => self.judge(failed, want, in_hand).await,
        }
    }

    /// Sends the refresh; once more, at once, if it may have arrived and its answer is lost: a grace window in
    /// which the server takes the old token again is short, and no circuit is asked.
    async fn refresh(&self, held: &Held<'_>, answer_lost: bool) -> Result<Grant, Failed> {
        let admitted = token_endpoint::admit(self.place.io, self.app.registration());
        admitted.map_err(|error| Failed::at_rest(error, answer_lost))?;
        let lost = match self.send(held).await {
            Err(error) if self.is_lost(&error) => error,
            outcome => return outcome.map_err(|error| Failed::at_rest(error, answer_lost)),
        };
        if !self.may_repeat() || !self.lasts_for_one_more() {
            return Err(Failed { error: lost, answer_lost: true, is_under_way: true });
        }
        self.send(held).await.map_err(|again| {
            let is_under_way = self.is_lost(&again);
            Failed { error: lost.unless_answered(again), answer_lost: true, is_under_way }
        })
    }

    async fn send(&self, held: &Held<'_>) -> Result<Grant, Error> {
        self.place.refresh(self.app, self.server, held, self.spent.next()).await
    }

    /// Whether the request behind this failure can have had its effect. Where that would end the session, a plain 503 is
    /// taken at its word: a server that rests shall not log everybody out.
    fn is_lost(&self, error: &Error) -> bool {
        error.outcome_unknown() && (self.may_repeat() || !error.is_service_unavailable())
    }

    /// Whether a refresh token whose answer was lost is sent once more.
    fn may_repeat(&self) -> bool {
        !self.app.registration().asks_for_login_after_lost_answer
    }

    /// Nothing is sent on a lease that is too short: a host that slept meanwhile would spend a token that another
    /// has rotated.
    fn lasts_for_one_more(&self) -> bool {
        self.until >= self.place.io.now().boot.plus(TIME_TO_BEGIN + self.place.io.http_timeout())
    }

    fn has_passed(&self, time: Duration, since: Now) -> bool {
        self.place.io.now().boot >= since.boot.plus(time)
    }

    /// Saves the new tokens before they are handed out. If they cannot be saved they are handed out all the same,
    /// say so, and the store keeps the mark of this attempt.
    async fn commit(&self, session: SessionRecord) -> Result<Turn, Error> {
        let generation = session.access_token.generation;
        match self.place.commit(&session, self.spent).await? {
            Saved::Done => {
                self.place.tell_refreshed(generation);
                Ok(Turn::Token(session.access_token))
            }
            Saved::Newer(newer) => {
                if newer.generation == generation {
                    // Its own, which a first try wrote whose reply was lost.
                    self.place.tell_refreshed(generation);
                }
                Ok(self
                    .adopt(&newer)
                    .unwrap_or(Turn::Token(AccessToken { saved: false, ..session.access_token })))
            }
            Saved::Ended => {
                self.place.revoke(self.app, &session).await;
                Err(Error::Session(SessionError::Ended))
            }
            Saved::NotNow(failure) => {
                self.place.tell_not_saved(generation, failure);
                Ok(Turn::Unsaved(Box::new(Unsaved { session, spent: self.spent })))
            }
        }
    }

    /// Only the server's word on the refresh token ends a session. Whatever else went wrong keeps it, and a token
    /// that is still good for a while is used on.
    async fn judge(&self, failed: Failed, want: Want, in_hand: AccessToken) -> Result<Turn, Error> {
        if let Some(error) = self.app.ends_session(&failed.error) {
            return self.refused(failed, error).await;
        }
        // Otherwise the lease and the mark stay: who comes after it tries once more.
        if !failed.is_under_way {
            self.end_attempt(failed.answer_lost).await;
        }
        if !want.puts_up_with(&in_hand, self.place.io.now()) {
            return Err(failed.error);
        }
        self.place.tell_refresh_failed(failed.error);
        Ok(Turn::Token(in_hand))
    }

    /// The refresh token is dead, unless somebody else rotated it meanwhile and saved the answer. A store that does
    /// not tell ends nothing.
    async fn refused(&self, failed: Failed, error: String) -> Result<Turn, Error> {
        match self.place.ask(RecordOperation::Load).await? {
            StoreReply::Loaded(record) if record.generation > self.spent => self.adopt(&record),
            StoreReply::Loaded(_) if failed.answer_lost => {
                self.end_session(EndReason::RefreshOutcomeUnknown, None).await
            }
            StoreReply::Loaded(_) => {
                self.end_session(EndReason::RefusedByServer { error }, Some(failed.error)).await
            }
            other => self.give_up(Failed::at_rest(unexpected(other), true)).await,
        }
    }

    /// Leaves a tombstone, unless another has taken over: then its word counts.
    ///
    /// Asked once more if the store fails: its reply may have been lost, and what is written twice is written once.
    async fn end_session(&self, why: EndReason, error: Option<Error>) -> Result<Turn, Error> {
        let end = || self.place.end(self.attempt, self.spent, End::RefusedByServer);
        match end().await {
            Some(StoreReply::Superseded) => return Ok(Turn::Again),
            Some(StoreReply::Failed(_)) => drop(end().await),
            _ => {}
        }
        self.place.tell_ended(why);
        Err(error.unwrap_or(Error::Session(SessionError::RefreshOutcomeUnknown)))
    }

    fn adopt(&self, newer: &Record) -> Result<Turn, Error> {
        let token = self.place.read(newer)?.access_token;
        match token.freshness(self.place.io.now()) {
            Freshness::Expired => Ok(Turn::Again),
            _ => Ok(Turn::Token(token)),
        }
    }

    async fn give_up(&self, failed: Failed) -> Result<Turn, Error> {
        self.end_attempt(failed.answer_lost).await;
        Err(failed.error)
    }

    async fn end_attempt(&self, answer_lost: bool) {
        let why = if answer_lost { End::AnswerLost } else { End::AttemptSpentNothing };
        self.place.end(self.attempt, self.spent, why).await;
    }
}
