//! What one emulator holds, in the hands of every request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::{Keys, SigningAlgorithm};
use crate::lifetimes::Lifetimes;
use crate::notices::Deliveries;
use crate::state::{GrantReport, State};

/// What all requests share.
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) issuer: String,
    pub(crate) address: SocketAddr,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) faults: Faults,
    pub(crate) deliveries: Deliveries,
    pub(crate) tables: Mutex<State>,
}

pub(crate) type Shared = Arc<AppState>;

impl AppState {
    /// The tables of codes, tokens and logins; held for a moment only, never across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of the grants that are meant, oldest first.
    pub(crate) fn grants(&self, meant: impl Fn(&GrantReport) -> bool) -> Vec<GrantReport> {
        self.state().refresh_tokens.reports(self.clock.now()).filter(meant).collect()
    }

    /// The algorithms that ID tokens may be signed with: Visma Connect has one.
    pub(crate) fn signing_algorithms(&self) -> &'static [SigningAlgorithm] {
        if self.is_visma() { &[SigningAlgorithm::Rs256] } else { &SigningAlgorithm::ALL }
    }

    pub(crate) fn is_visma(&self) -> bool {
        self.config.mode == Mode::VismaConnect
    }
}
