//! A session's place in the store: how its record is read and written.

use std::time::Duration;

use super::key::SessionKey;
use super::record::SessionRecord;
use crate::error::{Error, SessionError};
use crate::event::{EndReason, Event, Subject};
use crate::flow::Io;
use crate::login::{Grant, Held, LoginApp, refresh_grant};
use crate::provider::Metadata;
use crate::store::{Attempt, End, Record, RecordKey, RecordOperation, StoreFailure, StoreReply};
use crate::token::{AccessToken, Generation};

/// How long a save is tried again while a caller waits for its token, and how long apart.
const PATIENCE: Duration = Duration::from_secs(1);
const BETWEEN_SAVES: Duration = Duration::from_millis(500);

/// A session that could not be saved: the server has spent the refresh token of the generation that the store holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unsaved {
    pub(crate) session: SessionRecord,
    /// The generation that the store is taken to hold.
    pub(super) spent: Generation,
}

/// What became of a save.
pub(super) enum Saved {
    Done,
    /// The store holds a newer session.
    Newer(Record),
    /// The application ended the session meanwhile.
    Ended,
    /// The store did not take it.
    NotNow(StoreFailure),
}

pub(super) struct Place<'a> {
    pub(super) io: &'a Io,
    pub(super) key: &'a SessionKey,
    record_key: RecordKey,
}

impl Unsaved {
    /// Its token, which says that it is not saved.
    pub(super) fn token(&self) -> AccessToken {
        AccessToken { saved: false, ..self.session.access_token.clone() }
    }
}

impl<'a> Place<'a> {
    pub(super) fn new(io: &'a Io, key: &'a SessionKey) -> Self {
        Self { io, key, record_key: key.record_key() }
    }

    pub(super) async fn ask(&self, operation: RecordOperation) -> Result<StoreReply, Error> {
        self.io.store(self.record_key.clone(), operation).await
    }

    pub(super) fn read(&self, record: &Record) -> Result<SessionRecord, Error> {
        SessionRecord::open(self.io, &self.record_key, record)
    }

    pub(super) fn write(&self, session: &SessionRecord) -> Result<Record, Error> {
        session.seal(self.io, &self.record_key)
    }

    /// Writes a new session. One of that name that was there gives way, also one that a host has rotated further in its
    /// memory than the store knows: that is another grant, perhaps another user.
    pub(super) async fn create(&self, session: &mut SessionRecord) -> Result<(), Error> {
        self.io.while_unsaved(self.try_to_create(session)).await
    }

    async fn try_to_create(&self, session: &mut SessionRecord) -> Result<(), Error> {
        let give_up_at = self.io.now().boot.plus(PATIENCE);
        loop {
            let record = self.write(session)?;
            match self.ask(RecordOperation::Create { record }).await? {
                StoreReply::Done => return Ok(()),
                StoreReply::Newer(Record { generation, .. }) | StoreReply::Ended { generation } => {
                    session.access_token.generation = generation.out_of_reach();
                }
                StoreReply::Failed(_) if self.io.now().boot < give_up_at => {
                    self.io.sleep(BETWEEN_SAVES).await;
                }
                other => return Err(unexpected(other)),
            }
        }
    }

    /// Writes new tokens over the generation that was spent for them, and over any other that is older than they are.
    ///
    /// What was rotated further in memory than the store knows is the living grant, whoever saved or buried one of its
    /// earlier generations meanwhile. A tombstone of the application's is beyond that.
    pub(super) async fn commit(&self, session: &SessionRecord, spent: Generation) -> Result<Saved, Error> {
        self.io.while_unsaved(self.try_to_commit(session, spent)).await
    }

    async fn try_to_commit(&self, session: &SessionRecord, spent: Generation) -> Result<Saved, Error> {
        let (record, own) = (self.write(session)?, session.access_token.generation);
        let give_up_at = self.io.now().boot.plus(PATIENCE);
        let mut spent = spent;
        loop {
            match self.ask(RecordOperation::Commit { spent, record: record.clone() }).await? {
                StoreReply::Done => return Ok(Saved::Done),
                StoreReply::Newer(Record { generation, .. }) if spent < generation && generation < own => {
                    spent = generation;
                }
                StoreReply::Ended { generation } if spent < generation && generation <= own => {
                    spent = generation;
                }
                StoreReply::Newer(newer) => return Ok(Saved::Newer(newer)),
                StoreReply::Ended { .. } => return Ok(Saved::Ended),
                StoreReply::Failed(_) if self.io.now().boot < give_up_at => {
                    self.io.sleep(BETWEEN_SAVES).await;
                }
                other => return Ok(Saved::NotNow(other.into_failure())),
            }
        }
    }

    /// Gives a lease back. What the store makes of it changes nothing: a lease that was not given back ends by itself.
    pub(super) async fn end(&self, attempt: Attempt, spent: Generation, why: End) -> Option<StoreReply> {
        let reply = self.ask(RecordOperation::End { attempt, spent, why }).await.ok();
        if let Some(StoreReply::Failed(failure)) = &reply {
            self.tell_store_trouble(failure.clone());
        }
        reply
    }

    /// One refresh, without any of the care that it needs.
    pub(super) async fn refresh(
        &self,
        app: &LoginApp,
        server: &Metadata,
        held: &Held<'_>,
        generation: Generation,
    ) -> Result<Grant, Error> {
        let outcome = refresh_grant(self.io, app.registration(), server, held, generation).await;
        if let Err(error @ Error::AnswerDiscarded(_)) = &outcome {
            self.io.tell(Event::AnswerDiscarded { subject: self.subject(), error: error.clone() });
        }
        outcome
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Session(self.key.clone())
    }

    pub(super) fn tell_refreshed(&self, generation: Generation) {
        self.io.tell(Event::Refreshed { subject: self.subject(), generation });
    }

    pub(super) fn tell_not_saved(&self, generation: Generation, failure: StoreFailure) {
        self.io.tell(Event::NotSaved { subject: self.subject(), generation, failure });
    }

    /// For where a token that is still good is handed out all the same.
    pub(super) fn tell_refresh_failed(&self, error: Error) {
        self.io.tell(Event::RefreshFailed { subject: self.subject(), error });
    }

    pub(super) fn tell_store_trouble(&self, failure: StoreFailure) {
        self.io.tell(Event::StoreTrouble { subject: self.subject(), failure });
    }

    pub(super) fn tell_ended(&self, why: EndReason) {
        self.io.tell(Event::SessionEnded { key: self.key.clone(), why });
    }
}

/// What a reply means that brings nothing.
pub(super) fn unexpected(reply: StoreReply) -> Error {
    match reply {
        StoreReply::Ended { .. } => Error::Session(SessionError::Ended),
        StoreReply::Missing => Error::Session(SessionError::Unknown),
        other => Error::Store(other.into_failure()),
    }
}
