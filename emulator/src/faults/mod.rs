//! Faults on demand: what the emulator does wrong, for whom, where and how often.

mod canned;
mod http;
mod kind;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::changes::Changes;
use crate::control::ControlError;

pub use canned::{CannedReply, Reply};
pub(crate) use http::{Held, HttpFaults, closed_connection};
pub use kind::{
    AccessTokenFault, DiscoveryFault, FaultKind, IdTokenFault, JwksFault, LogoutTokenFault, UserinfoFault,
    WebhookFault,
};

/// The check of a request that a fault was prepared for.
pub(crate) const CHECK: &str = "fault";

/// The most that wait at once.
const WAITING: usize = 1000;

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

/// A fault that waits for its requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WaitingFault {
    /// Its number, from 1 in the order in which they were added since the start.
    pub(crate) number: u64,
    /// With the times that are left.
    #[serde(flatten)]
    pub(crate) fault: Fault,
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
    /// As many wait as there may be.
    #[error("{WAITING} faults wait, which is the most: clear some")]
    TooMany,
}

/// All faults that wait for their requests, oldest first.
pub(crate) struct Faults {
    table: Mutex<Table>,
    /// How often faults were cleared: what is held back goes when it changes.
    cleared: watch::Sender<u64>,
    changes: Changes,
}

#[derive(Default)]
struct Table {
    last_number: u64,
    waiting: Vec<WaitingFault>,
}

impl Table {
    fn push(&mut self, fault: Fault) -> u64 {
        self.last_number += 1;
        self.waiting.push(WaitingFault { number: self.last_number, fault });
        self.last_number
    }
}

impl Faults {
    pub(crate) fn new(waiting: Vec<Fault>, changes: &Changes) -> Self {
        let mut table = Table::default();
        for fault in waiting {
            table.push(fault);
        }
        Self { table: Mutex::new(table), cleared: watch::Sender::new(0), changes: changes.clone() }
    }

    /// Gives it its number.
    pub(crate) fn add(&self, fault: Fault) -> Result<u64, FaultError> {
        fault.check()?;
        let mut table = self.lock();
        if table.waiting.len() >= WAITING {
            return Err(FaultError::TooMany);
        }
        self.changes.tell();
        Ok(table.push(fault))
    }

    pub(crate) fn list(&self) -> Vec<WaitingFault> {
        self.lock().waiting.clone()
    }

    /// Forgets the faults that are meant, and lets every answer go that is being held back.
    pub(crate) fn clear(&self, meant: impl Fn(&WaitingFault) -> bool) {
        self.lock().waiting.retain(|waiting| !meant(waiting));
        self.changes.tell();
        self.cleared.send_modify(|times| *times += 1);
    }

    /// The same for one; where it does not wait, nothing changes.
    pub(crate) fn clear_one(&self, number: u64) -> Result<(), ControlError> {
        let is_meant = |waiting: &WaitingFault| waiting.number == number;
        if !self.lock().waiting.iter().any(is_meant) {
            return Err(ControlError::Unknown { kind: "fault", id: number.to_string() });
        }
        self.clear(is_meant);
        Ok(())
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
        let mut table = self.lock();
        let mut met =
            table.waiting.iter_mut().enumerate().filter(|(_, waiting)| waiting.fault.meets(path, client_id));
        let (index, fault, taken) = met.find_map(|(index, WaitingFault { fault, .. })| {
            select(&fault.fault).map(|taken| (index, fault, taken))
        })?;
        fault.times = fault.times.map(|times| times.saturating_sub(1));
        if fault.times == Some(0) {
            table.waiting.remove(index);
        }
        self.changes.tell();
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
