//! The session store as data: what a flow asks of it, and what it answers.
//!
//! A store sees names, generations, marks, leases and opaque bytes. Each operation is atomic.

use std::time::Duration;

use crate::secret::SecretBytes;
use crate::session::SessionKey;
use crate::token::Generation;

/// One attempt to refresh, told apart from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u128);

/// A session as a store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How often it was rotated.
    pub generation: Generation,
    /// The session itself, which only core reads.
    pub bytes: SecretBytes,
}

/// What an attempt leaves in the store before it sends anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// Whose it is.
    pub attempt: Attempt,
    /// The generation whose refresh token it was about to spend.
    pub spent: Generation,
    /// How long ago it was set, by the store's own clock.
    pub age: Duration,
}

impl Mark {
    /// A mark as the store found it.
    pub fn new(attempt: Attempt, spent: Generation, age: Duration) -> Self {
        Self { attempt, spent, age }
    }
}

/// Why a session's attempt or the session itself is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The attempt spent nothing: clear its mark and its lease.
    AttemptSpentNothing,
    /// An answer to the attempt, or to an earlier one, was lost: clear the lease and leave a mark, so that whoever
    /// comes next knows.
    AnswerLost,
    /// The server no longer accepts the refresh token: a tombstone of the same generation, so that a late valid
    /// answer still revives the session.
    RefusedByServer,
}

/// One operation on the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreRequest {
    /// Writes a new session, answered by `Done`, unless what is kept under that key has the same generation or a
    /// higher one: that is answered by `Newer` or `Ended`, and the caller comes again with a generation above it.
    Create {
        /// Which session.
        key: SessionKey,
        /// What to keep.
        record: Record,
    },
    /// Reads. Answered by `Loaded`, `Ended` or `Missing`.
    Load {
        /// Which session.
        key: SessionKey,
    },
    /// If the lease is free: takes it, sets the pending mark (attempt, generation to be spent), and answers
    /// `Begun`. Otherwise `Held`, `Ended` or `Missing`. Leases count by the store's own clock.
    Begin {
        /// Which session.
        key: SessionKey,
        /// Who asks.
        attempt: Attempt,
        /// How long the lease runs.
        ttl: Duration,
    },
    /// If the stored generation is still `spent`: writes the record and clears mark and lease, whoever holds them
    /// now, tombstone or not; answers `Done`. If it is higher: `Newer`, or `Ended` where a tombstone is.
    Commit {
        /// Which session.
        key: SessionKey,
        /// The generation whose refresh token was spent.
        spent: Generation,
        /// What to keep.
        record: Record,
    },
    /// Ends an attempt or the session; changes nothing if the attempt no longer holds the lease or the generation
    /// has moved. Answered by `Done`.
    End {
        /// Which session.
        key: SessionKey,
        /// Who asks.
        attempt: Attempt,
        /// The generation that the attempt began with.
        spent: Generation,
        /// Why.
        why: End,
    },
}

/// The store's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreReply {
    /// It is done.
    Done,
    /// The session as it stands.
    Loaded(Record),
    /// The lease is yours.
    Begun {
        /// The session as it stands.
        record: Record,
        /// The mark of an earlier attempt, whose lease ended without an outcome.
        earlier: Option<Mark>,
    },
    /// Somebody else holds the lease.
    Held {
        /// For how long at most.
        remaining: Duration,
    },
    /// The stored generation is higher than the one that was spent: this is the newer session.
    Newer(Record),
    /// The session has ended: a tombstone of this generation stands in its place.
    Ended {
        /// The tombstone's generation.
        generation: Generation,
    },
    /// Nothing is kept under that key.
    Missing,
    /// The store could not do it now; nothing was changed as far as it knows.
    Failed {
        /// The store's own words, for a person. Holds no secret.
        detail: String,
    },
}
