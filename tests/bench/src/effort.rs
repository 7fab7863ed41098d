//! How much is done.

/// How many of everything.
pub(crate) struct Effort {
    /// How often each thing is measured.
    pub(crate) rounds: usize,
    /// Reads of a fresh token in one measurement.
    pub(crate) reads: u32,
    /// Keyed lookups in one measurement.
    pub(crate) lookups: u32,
    /// Sessions of the largest engine that is looked up in.
    pub(crate) most_sessions: usize,
    /// Idle sessions whose memory is counted, and tenants of the storm.
    pub(crate) many: usize,
    /// Service tokens fetched in one measurement.
    pub(crate) fetches: usize,
    /// Refreshes in one measurement.
    pub(crate) refreshes: usize,
    /// Requests built, answers read, tokens verified and logins gone through in one measurement.
    pub(crate) steps: u32,
}

impl Effort {
    pub(crate) const FULL: Self = Self {
        rounds: 11,
        reads: 1_000_000,
        lookups: 100_000,
        most_sessions: 1_000_000,
        many: 100_000,
        fetches: 4_000,
        refreshes: 50,
        steps: 500,
    };

    /// A look at whether everything works: its figures say little.
    pub(crate) const QUICK: Self = Self {
        rounds: 3,
        reads: 100_000,
        lookups: 10_000,
        most_sessions: 20_000,
        many: 5_000,
        fetches: 500,
        refreshes: 5,
        steps: 50,
    };
}
