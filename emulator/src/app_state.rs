//! What one emulator holds, in the hands of every request.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::Access;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::Config;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::Keys;
use crate::notices::Deliveries;
use crate::registry::Registry;
use crate::state::{GrantReport, SessionReport, State};
use crate::state_file::Unwritten;

/// What all requests share.
pub(crate) struct AppState {
    pub(crate) registry: Registry,
    pub(crate) issuer: String,
    pub(crate) address: SocketAddr,
    pub(crate) access: Access,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) deliveries: Deliveries,
    pub(crate) tables: Mutex<State>,
    pub(crate) changes: Changes,
    pub(crate) unwritten: Unwritten,
}

pub(crate) type Shared = Arc<AppState>;

impl AppState {
    /// The configuration as it is now. A request keeps to that of its [`Visit`](crate::visit::Visit).
    pub(crate) fn config(&self) -> Arc<Config> {
        self.registry.config()
    }

    /// The tables of codes, tokens and logins; held for a moment only, never across an await.
    pub(crate) fn state(&self) -> Tables<'_> {
        let held = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        Tables { held, changes: &self.changes, registry: &self.registry }
    }

    /// What became of the grants that are meant, oldest first.
    pub(crate) fn grants(&self, meant: impl Fn(&GrantReport) -> bool) -> Vec<GrantReport> {
        self.state().refresh_tokens.reports(self.clock.now()).filter(meant).collect()
    }

    /// The sessions that are meant and not over, that one last which began last.
    pub(crate) fn sessions(&self, meant: impl Fn(&SessionReport) -> bool) -> Vec<SessionReport> {
        let mut sessions = self.state().sessions.reports(self.clock.now());
        sessions.retain(meant);
        sessions
    }
}

/// The tables in somebody's hands. Whoever changes them says so by taking them `mut`.
pub(crate) struct Tables<'a> {
    held: MutexGuard<'a, State>,
    changes: &'a Changes,
    registry: &'a Registry,
}

impl Tables<'_> {
    /// Whether both are still registered. What is begun for them under the same lock cannot outlive them: a removal takes
    /// them from the registry first, and then forgets what was granted, under this lock.
    pub(crate) fn are_registered(&self, client_id: &str, sub: &str) -> bool {
        let config = self.registry.config();
        config.application(client_id).is_some() && config.user_by_sub(sub).is_some()
    }
}

impl Deref for Tables<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.held
    }
}

impl DerefMut for Tables<'_> {
    fn deref_mut(&mut self) -> &mut State {
        // The state file is written later, and waits for this guard to go.
        self.changes.tell();
        &mut self.held
    }
}
