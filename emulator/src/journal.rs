//! What reached the emulator: a bounded list of requests, without any secret.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Notify;

/// How many requests are remembered; older ones are forgotten.
pub const JOURNAL_LENGTH: usize = 2000;

/// Longer waits end here, so that no deadline overflows.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// One request as a test sees it; recorded on arrival, completed by the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedRequest {
    /// The path, such as `/connect/token`.
    pub path: String,
    /// The `grant_type` parameter.
    pub grant_type: Option<String>,
    /// The client, from the form, the query, Basic authentication or the access token.
    pub client_id: Option<String>,
    /// How the client authenticated, rightly or not; `None` where none does.
    pub auth_method: Option<AuthMethod>,
    /// The `tenant_id` parameter.
    pub tenant_id: Option<String>,
    /// The `scope` parameter.
    pub scope: Option<String>,
    /// The `resource` parameters (RFC 8707), the first ten of them.
    pub resource: Vec<String>,
    /// The status of the answer; `None` until it is given.
    pub status: Option<u16>,
    /// Why the request was refused, in words; also where the answer itself does not tell.
    pub reason: Option<String>,
}

/// How a request is authenticated (RFC 6749, section 2.3; RFC 6750).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Client id and secret in the header.
    ClientSecretBasic,
    /// Client id and secret in the form.
    ClientSecretPost,
    /// A client id without a secret, in the form of an endpoint where clients authenticate.
    None,
    /// A token in the header.
    Bearer,
}

/// Which requests are meant; what is `None` matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only this client's.
    pub client_id: Option<String>,
    /// Only those to this path.
    pub path: Option<String>,
}

impl RequestFilter {
    fn takes(&self, request: &RecordedRequest) -> bool {
        let client = self.client_id.is_none() || self.client_id == request.client_id;
        let path = self.path.as_ref().is_none_or(|path| *path == request.path);
        client && path
    }
}

#[derive(Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
    arrived: Condvar,
    arrived_async: Notify,
}

#[derive(Default)]
struct Entries {
    /// How many older ones were forgotten: the number of the first that is kept.
    forgotten: usize,
    kept: VecDeque<RecordedRequest>,
}

/// The place of a request in the journal.
#[derive(Clone, Copy)]
pub(crate) struct EntryNumber(usize);

impl Journal {
    pub(crate) fn arrived(&self, request: RecordedRequest) -> EntryNumber {
        let mut entries = self.lock();
        if entries.kept.len() == JOURNAL_LENGTH {
            entries.kept.pop_front();
            entries.forgotten += 1;
        }
        entries.kept.push_back(request);
        let number = entries.forgotten + entries.kept.len() - 1;
        drop(entries);
        self.arrived.notify_all();
        self.arrived_async.notify_waiters();
        EntryNumber(number)
    }

    pub(crate) fn answered(&self, number: EntryNumber, status: u16, reason: Option<String>) {
        let mut entries = self.lock();
        let index = number.0.checked_sub(entries.forgotten);
        if let Some(entry) = index.and_then(|index| entries.kept.get_mut(index)) {
            entry.status = Some(status);
            entry.reason = reason;
        }
    }

    pub(crate) fn find(&self, filter: &RequestFilter) -> Vec<RecordedRequest> {
        self.lock().kept.iter().filter(|request| filter.takes(request)).cloned().collect()
    }

    /// Blocks until `count` matching requests have arrived or `limit` has passed; answers those there are.
    pub(crate) fn wait(&self, filter: &RequestFilter, count: usize, limit: Duration) -> Vec<RecordedRequest> {
        let end = Instant::now() + limit.min(LONGEST_WAIT);
        let mut entries = self.lock();
        loop {
            let found: Vec<_> =
                entries.kept.iter().filter(|request| filter.takes(request)).cloned().collect();
            let left = end.saturating_duration_since(Instant::now());
            if found.len() >= count || left.is_zero() {
                return found;
            }
            entries = self.arrived.wait_timeout(entries, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`Journal::wait`], without blocking the thread.
    pub(crate) async fn wait_async(
        &self,
        filter: &RequestFilter,
        count: usize,
        limit: Duration,
    ) -> Vec<RecordedRequest> {
        let limit = tokio::time::sleep(limit);
        tokio::pin!(limit);
        loop {
            // Registered before the look, so that no arrival in between is missed.
            let next = self.arrived_async.notified();
            let found = self.find(filter);
            if found.len() >= count {
                return found;
            }
            tokio::select! {
                () = next => {}
                () = &mut limit => return found,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(client_id: &str) -> RecordedRequest {
        RecordedRequest {
            path: "/connect/token".into(),
            grant_type: None,
            client_id: Some(client_id.into()),
            auth_method: None,
            tenant_id: None,
            scope: None,
            resource: Vec::new(),
            status: None,
            reason: None,
        }
    }

    #[test]
    fn forgets_the_oldest_and_still_completes_the_right_one() {
        let journal = Journal::default();
        let first = journal.arrived(request("first"));
        for _ in 0..JOURNAL_LENGTH {
            journal.arrived(request("other"));
        }
        let last = journal.arrived(request("last"));
        journal.answered(first, 500, None);
        journal.answered(last, 200, None);
        let all = journal.find(&RequestFilter::default());
        assert_eq!(all.len(), JOURNAL_LENGTH);
        assert_eq!(all.iter().filter_map(|entry| entry.status).collect::<Vec<_>>(), [200]);
    }
}
