//! What one run came to.

use crate::clock::Ms;
use crate::faults::Kind;
use crate::invariants::Violation;

/// What one run came to.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) violation: Option<Violation>,
    /// Faults that struck, by the place of their kind.
    pub(crate) injected: [u64; Kind::ALL.len()],
    /// Whether any fault that was aimed at an effect found it.
    pub(crate) struck: bool,
    pub(crate) events: u64,
    pub(crate) calls: u64,
    pub(crate) refreshes: u64,
    /// Refresh requests that presented a spent token.
    pub(crate) replays: u64,
    /// Sessions that were over in the end although neither user nor provider ended them.
    pub(crate) lost: u64,
    /// The longest that a caller waited while its host ran.
    pub(crate) longest_wait: Ms,
    /// Holders that learnt of a lost answer while its replay would still have been in time.
    pub(crate) replay_was_in_time: bool,
}

impl Verdict {
    pub(crate) fn inject(&mut self, kind: Kind, count: u64) {
        self.injected[kind.place()] += count;
    }
}
