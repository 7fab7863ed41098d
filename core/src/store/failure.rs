//! Why a store did not do its part.

use std::time::Duration;

use crate::error::Advice;

/// A store operation that was not done. As far as the store knows nothing was changed, and never is anything deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {detail}", what = .kind.what())]
pub struct StoreFailure {
    /// What kind of failure.
    pub kind: StoreFailureKind,
    /// The store's own words, for a person. Holds no secret.
    pub detail: String,
}

/// The kinds of failure of a store, by what has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StoreFailureKind {
    /// It cannot be reached, is busy, or did not answer in time.
    Unavailable,
    /// There is no room left.
    Full,
    /// It may not be read or written: a read-only file, a locked keychain, missing rights.
    Denied,
    /// What it holds under that name is truncated or was changed.
    Damaged,
    /// What it holds was written by a newer release.
    TooNew,
    /// It raised something, or answered what does not fit the question: a fault in the store.
    Misbehaved,
}

impl StoreFailure {
    /// A failure of that kind. `detail` must hold no secret.
    pub fn new(kind: StoreFailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    pub(crate) fn advice(&self) -> Advice {
        match self.kind {
            StoreFailureKind::Unavailable => Advice::Retry { after: None::<Duration> },
            StoreFailureKind::Misbehaved => Advice::ReportBug,
            StoreFailureKind::Full
            | StoreFailureKind::Denied
            | StoreFailureKind::Damaged
            | StoreFailureKind::TooNew => Advice::FixConfiguration,
        }
    }
}

impl StoreFailureKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "store_unavailable",
            Self::Full => "store_full",
            Self::Denied => "store_denied",
            Self::Damaged => "store_damaged",
            Self::TooNew => "store_too_new",
            Self::Misbehaved => "store_misbehaved",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Unavailable => "the store cannot be reached now",
            Self::Full => "the store has no room left: make some",
            Self::Denied => "the store may not be used: check its permissions, or unlock it",
            Self::Damaged => "the store holds something that is truncated or was changed",
            Self::TooNew => "the store was written by a newer release: update grantline",
            Self::Misbehaved => "the store broke its contract",
        }
    }
}
