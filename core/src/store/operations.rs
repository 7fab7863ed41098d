//! What is asked of a store, and what it answers.

use std::time::Duration;

use super::failure::{StoreFailure, StoreFailureKind};
use super::key::{Collection, RecordKey};
use crate::secret::SecretBytes;
use crate::time::UnixMillis;
use crate::token::Generation;

/// One attempt to refresh, told apart from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u128);

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How often it was rotated. The fence of the protocol: nothing is written over a higher one.
    pub generation: Generation,
    /// The content, sealed, which only core reads.
    pub bytes: SecretBytes,
    /// From then on, by the wall clock, the store may drop it. `None`: never.
    pub discard_after: Option<UnixMillis>,
}

impl Record {
    /// A record that is kept until somebody ends it.
    pub fn new(generation: Generation, bytes: SecretBytes) -> Self {
        Self { generation, bytes, discard_after: None }
    }
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

/// Why an attempt is at its end without new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The attempt spent nothing: clear its lease, and its mark. One that an earlier attempt left stays.
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
    /// One atomic operation on what is kept under a key.
    On {
        /// Which record.
        key: RecordKey,
        /// What to do.
        operation: RecordOperation,
    },
    /// Names of a collection in the order of their bytes, answered by `Listed`. What changes meanwhile may be missed.
    List {
        /// Which collection.
        collection: Collection,
        /// Which of its records.
        which: Which,
        /// Only names after this one: the last of the page before.
        after: Option<String>,
        /// How many at most. Fewer than that: there are no more.
        limit: u32,
    },
}

/// Which records of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All but tombstones.
    Living,
    /// Those with a mark whose lease has ended: their holder is gone, and an answer may be lost with it.
    Abandoned,
}

/// One atomic operation on what is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordOperation {
    /// Writes a new record, answered by `Done`, unless what is kept has the same generation or a higher one: that is
    /// answered by `Newer` or `Ended`, and the caller comes again with a generation above it. Clears mark and lease.
    Create {
        /// What to keep.
        record: Record,
    },
    /// Reads. Answered by `Loaded`, `Ended` or `Missing`.
    Load,
    /// If the lease is free: takes it, sets the pending mark (attempt, generation to be spent) unless an earlier attempt
    /// on this generation left one, which stays, and answers `Begun`. Otherwise `Held`, `Ended` or `Missing`. Leases count by the store's own clock.
    Begin {
        /// Who asks.
        attempt: Attempt,
        /// How long the lease runs.
        ttl: Duration,
    },
    /// If the kept generation is still `spent`, or nothing is kept: writes the record and clears mark and lease,
    /// whoever holds them now, tombstone or not; answers `Done`. If it is higher: `Newer`, or `Ended` where a
    /// tombstone is. If it is lower, somebody restored an old copy: as if it were `spent`.
    Commit {
        /// The generation whose refresh token was spent.
        spent: Generation,
        /// What to keep.
        record: Record,
    },
    /// Ends an attempt, or with it the session. Answered by `Done`; or by `Superseded`, and nothing changed, if another
    /// attempt took the lease over (one that ran out counts as held until then), the generation moved or a tombstone
    /// stands there; or by `Missing`.
    End {
        /// Who asks.
        attempt: Attempt,
        /// The generation that the attempt began with.
        spent: Generation,
        /// Why.
        why: End,
    },
    /// The application ends it: a tombstone takes its place whose generation is higher by 2^32, so that no late answer
    /// revives it, not even one that was rotated further in the memory of a host that could not save. Answered by
    /// `Closed` with what stood there, by `Ended` where a tombstone stood (which rises likewise), or by `Missing`.
    Close,
    /// Removes whatever is kept, tombstones too. Answered by `Done`.
    Delete,
}

/// The store's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreReply {
    /// It is done.
    Done,
    /// The record as it stands.
    Loaded(Record),
    /// The lease is yours.
    Begun {
        /// The record as it stands.
        record: Record,
        /// The mark of an earlier attempt, whose lease ended without an outcome.
        earlier: Option<Mark>,
    },
    /// Somebody else holds the lease.
    Held {
        /// For how long at most.
        remaining: Duration,
    },
    /// The kept generation is higher than the one that was spent: this is the newer record.
    Newer(Record),
    /// The session has ended: a tombstone of this generation stands in its place.
    Ended {
        /// The tombstone's generation.
        generation: Generation,
    },
    /// The attempt no longer holds the lease, or what it began with is gone.
    Superseded,
    /// It is ended now; this stood there.
    Closed(Record),
    /// Nothing is kept under that key.
    Missing,
    /// A page of names.
    Listed(Vec<Entry>),
    /// The store could not do it now; nothing was changed as far as it knows.
    Failed(StoreFailure),
}

impl StoreReply {
    /// What a reply means that brings nothing to whoever asked.
    pub(crate) fn into_failure(self) -> StoreFailure {
        match self {
            Self::Failed(failure) => failure,
            _ => StoreFailure::new(
                StoreFailureKind::Misbehaved,
                "it gave an answer that does not fit the question",
            ),
        }
    }
}

/// A record in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in its collection.
    pub name: String,
    /// How often it was rotated.
    pub generation: Generation,
}
