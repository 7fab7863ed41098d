//! What one emulator holds, in the hands of every request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::journal::Journal;
use crate::keys::SigningKey;
use crate::lifetimes::Lifetimes;
use crate::replies::Replies;
use crate::state::{GrantReport, State};

/// What all requests share.
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) issuer: String,
    pub(crate) address: SocketAddr,
    pub(crate) key: SigningKey,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) replies: Replies,
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

    pub(crate) fn is_visma(&self) -> bool {
        self.config.mode == Mode::VismaConnect
    }
}
