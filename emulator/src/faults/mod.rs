//! Faults on demand: what the emulator does wrong, for whom, where and how often.

mod canned;
mod http;
mod kind;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::changes::Changes;

pub use canned::{CannedReply, Reply};
pub(crate) use http::{Held, HttpFaults, closed_connection};
pub use kind::{
    AccessTokenFault, DiscoveryFault, FaultKind, IdTokenFault, JwksFault, LogoutTokenFault, UserinfoFault,
    WebhookFault,
};

/// Something that goes wrong for the requests it is meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub fault: FaultKind,
    /// Only for this client (form, query, Basic user name or access token; it need not exist); all unless given.
    #[serde(default)]
    pub client_id: Option<String>,
    /// HTTP and discovery faults: only at this path, such as `/connect/token`; all but `/admin` unless given.
    #[serde(default)]
    pub path: Option<String>,
    /// How often it happens; until it is cleared unless given.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// For every client, at every path, until it is cleared.
    pub fn new(fault: FaultKind) -> Self {
        Self { fault, client_id: None, path: None, times: None }
    }

    /// Only for requests of this client.
    #[must_use]
    pub fn for_client(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// Only at this path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    pub(crate) fn is_reply(&self) -> bool {
        matches!(self.fault, FaultKind::Reply(_))
    }

    /// # Errors
    ///
    /// [`FaultError`] says why it could never happen.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if self.times == Some(0) {
            return Err(FaultError::Times);
        }
        if self.path.as_ref().is_some_and(|path| !path.starts_with('/')) {
            return Err(FaultError::Path);
        }
        if self.path.is_some() && !self.fault.has_a_path() {
            return Err(FaultError::NoPath);
        }
        if self.client_id.is_some() && !self.fault.has_a_client() {
            return Err(FaultError::NoClient);
        }
        self.fault.check()
    }

    fn meets(&self, path: Option<&str>, client_id: Option<&str>) -> bool {
        (self.path.is_none() || self.path.as_deref() == path)
            && (self.client_id.is_none() || self.client_id.as_deref() == client_id)
    }
}

/// Why a fault or a prepared reply was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Not the status of an answer.
    #[error("status is not an HTTP status of an answer: give 200 to 999, or leave it out to delay only")]
    Status,
    /// Not the status of a refusal.
    #[error("code is {0}: give the HTTP status of a refusal, 400 to 599")]
    Code(u16),
    /// Not an HTTP header field, or one of the message's framing.
    #[error(
        "header \"{0}\" cannot be set: HTTP does not allow its name or value, or the server sets it itself"
    )]
    Header(String),
    /// For no request.
    #[error("times is 0: give at least 1, or leave it out for a fault that stays until it is cleared")]
    Times,
    /// Not a path.
    #[error("path does not begin with /: give one such as /connect/token")]
    Path,
    /// A path for what is not a fault of an endpoint.
    #[error("this fault has a place of its own: leave path out")]
    NoPath,
    /// A client for what no client is named in.
    #[error("the requests that meet this fault name no client: leave client_id out")]
    NoClient,
}

/// All faults that wait for their requests, oldest first.
pub(crate) struct Faults {
    waiting: Mutex<Vec<Fault>>,
    /// How often faults were cleared: what is held back goes when it changes.
    cleared: watch::Sender<u64>,
    changes: Changes,
}

impl Faults {
    pub(crate) fn new(waiting: Vec<Fault>, changes: &Changes) -> Self {
        Self { waiting: Mutex::new(waiting), cleared: watch::Sender::new(0), changes: changes.clone() }
    }

    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        self.lock().push(fault);
        self.changes.tell();
        Ok(())
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Forgets the faults that are meant, and lets every answer go that is being held back.
    pub(crate) fn clear(&self, meant: impl Fn(&Fault) -> bool) {
        self.lock().retain(|fault| !meant(fault));
        self.changes.tell();
        self.cleared.send_modify(|times| *times += 1);
    }

    /// Ends at the next [`Self::clear`], also when that comes before it is awaited.
    pub(crate) fn held(&self) -> Held {
        Held::new(self.cleared.subscribe())
    }

    /// Takes one use of the oldest fault that is meant for such a request and of which `select` gives something.
    pub(crate) fn take<T>(
        &self,
        path: Option<&str>,
        client_id: Option<&str>,
        select: impl Fn(&FaultKind) -> Option<T>,
    ) -> Option<T> {
        let mut waiting = self.lock();
        let mut met = waiting.iter_mut().enumerate().filter(|(_, fault)| fault.meets(path, client_id));
        let (index, fault, taken) =
            met.find_map(|(index, fault)| select(&fault.fault).map(|taken| (index, fault, taken)))?;
        fault.times = fault.times.map(|times| times.saturating_sub(1));
        if fault.times == Some(0) {
            waiting.remove(index);
        }
        self.changes.tell();
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
