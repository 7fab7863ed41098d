//! What has to be true of every schedule. The server and the store are the judges: an engine is only believed where it
//! says what it was told.

mod answers;
mod end;
mod requests;
mod stored;

use grantline_core::{Attempt, Millis};

use crate::clock::Ms;
use crate::world::World;

/// The invariants. What each means precisely stands beside its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    AnswerNotLost,
    NoReplayUnderALease,
    GenerationNeverFalls,
    EveryCallerAnswered,
    OneRefreshPerExpiry,
    EndsOnlyForCause,
    OneFaultSurvived,
    SavedBeforeSeen,
}

/// The first thing that was wrong in a run.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) at: Ms,
    pub(crate) what: String,
}

/// A lease that was given to a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted {
    attempt: Attempt,
    host: usize,
    life: u32,
    began: Ms,
    /// By the store's clock.
    until: Millis,
    /// Whether the mark of an earlier attempt stood there.
    pub(crate) after_mark: bool,
}

/// A time in which a caller waited for a session's token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) session: usize,
    pub(crate) from: Ms,
    pub(crate) until: Ms,
}

impl World<'_> {
    /// The lease that was given for an attempt.
    pub(crate) fn lease_of(&self, attempt: Attempt) -> Option<&Granted> {
        self.leases.iter().rev().find(|lease| lease.attempt == attempt)
    }
}

impl Invariant {
    pub(crate) const ALL: [Self; 8] = [
        Self::AnswerNotLost,
        Self::NoReplayUnderALease,
        Self::GenerationNeverFalls,
        Self::EveryCallerAnswered,
        Self::OneRefreshPerExpiry,
        Self::EndsOnlyForCause,
        Self::OneFaultSurvived,
        Self::SavedBeforeSeen,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AnswerNotLost => "answer-not-lost",
            Self::NoReplayUnderALease => "no-replay-under-a-lease",
            Self::GenerationNeverFalls => "generation-never-falls",
            Self::EveryCallerAnswered => "every-caller-answered",
            Self::OneRefreshPerExpiry => "one-refresh-per-expiry",
            Self::EndsOnlyForCause => "ends-only-for-cause",
            Self::OneFaultSurvived => "one-fault-survived",
            Self::SavedBeforeSeen => "saved-before-seen",
        }
    }
}
