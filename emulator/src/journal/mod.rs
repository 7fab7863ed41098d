//! What reached the emulator, and what became of it: a bounded list of requests, without any secret.

mod entry;
mod shorten;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::broadcast;

pub use entry::{AuthMethod, Check, Parameter, RecordedAnswer, RecordedRequest, RequestFilter};
pub(crate) use shorten::Shortener;

/// How many requests are remembered; older ones are forgotten.
pub const JOURNAL_LENGTH: usize = 2000;

/// Longer waits end here, so that no deadline overflows.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How many changes a reader may be behind before it misses some.
const BEHIND: usize = 1024;

pub(crate) struct Journal {
    entries: Mutex<Entries>,
    /// That one arrived or was answered.
    told: Condvar,
    changed: broadcast::Sender<u64>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { entries: Mutex::default(), told: Condvar::new(), changed: broadcast::Sender::new(BEHIND) }
    }
}

#[derive(Default)]
struct Entries {
    /// How many older ones were forgotten.
    forgotten: u64,
    kept: VecDeque<RecordedRequest>,
}

impl Entries {
    fn get_mut(&mut self, number: u64) -> Option<&mut RecordedRequest> {
        let index = number.checked_sub(self.forgotten + 1)?;
        self.kept.get_mut(usize::try_from(index).ok()?)
    }

    fn matching<'a>(&'a self, filter: &'a RequestFilter) -> impl Iterator<Item = &'a RecordedRequest> {
        self.kept.iter().filter(|request| filter.takes(request))
    }
}

/// What became of a request.
pub(crate) struct Conclusion {
    pub(crate) checks: Vec<Check>,
    /// `None` where the connection was closed in its place.
    pub(crate) answer: Option<RecordedAnswer>,
    pub(crate) took: Duration,
    pub(crate) error_id: Option<String>,
}

impl Journal {
    /// Gives the request its number.
    pub(crate) fn arrived(&self, mut request: RecordedRequest) -> u64 {
        let mut entries = self.lock();
        if entries.kept.len() == JOURNAL_LENGTH {
            entries.kept.pop_front();
            entries.forgotten += 1;
        }
        let number = entries.forgotten + entries.kept.len() as u64 + 1;
        request.number = number;
        entries.kept.push_back(request);
        drop(entries);
        self.told.notify_all();
        self.tell(number);
        number
    }

    pub(crate) fn concluded(&self, number: u64, conclusion: Conclusion) {
        let mut entries = self.lock();
        if let Some(entry) = entries.get_mut(number) {
            // What is found after a refusal, such as that nobody waited for it, is not why.
            let failed = conclusion.checks.iter().find(|check| !check.passed);
            entry.reason = failed.map(|check| check.words.clone());
            entry.checks = conclusion.checks;
            entry.status = conclusion.answer.as_ref().map(|answer| answer.status);
            entry.answer = conclusion.answer;
            entry.took_us = u64::try_from(conclusion.took.as_micros()).ok();
            entry.error_id = conclusion.error_id;
        }
        drop(entries);
        self.told.notify_all();
        self.tell(number);
    }

    /// The numbers of requests that arrive or are answered from now on. Whoever reads too slowly misses some
    /// (`RecvError::Lagged`), and holds nobody up.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<u64> {
        self.changed.subscribe()
    }

    fn tell(&self, number: u64) {
        // Refused only where nobody listens.
        let _ = self.changed.send(number);
    }

    pub(crate) fn get(&self, number: u64) -> Option<RecordedRequest> {
        self.lock().get_mut(number).cloned()
    }

    pub(crate) fn find(&self, filter: &RequestFilter) -> Vec<RecordedRequest> {
        self.lock().matching(filter).cloned().collect()
    }

    /// The newest that match, at most so many, oldest first.
    pub(crate) fn newest(&self, filter: &RequestFilter, count: usize) -> Vec<RecordedRequest> {
        let entries = self.lock();
        let mut newest: Vec<_> =
            entries.kept.iter().rev().filter(|request| filter.takes(request)).take(count).cloned().collect();
        newest.reverse();
        newest
    }

    /// All that match, once there are so many.
    fn find_at_least(&self, filter: &RequestFilter, count: usize) -> Option<Vec<RecordedRequest>> {
        let entries = self.lock();
        let enough = entries.matching(filter).count() >= count;
        enough.then(|| entries.matching(filter).cloned().collect())
    }

    /// Blocks until `count` matching requests have arrived or `limit` has passed; answers those there are.
    pub(crate) fn wait(&self, filter: &RequestFilter, count: usize, limit: Duration) -> Vec<RecordedRequest> {
        let end = Instant::now() + limit.min(LONGEST_WAIT);
        let mut entries = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if entries.matching(filter).count() >= count || left.is_zero() {
                return entries.matching(filter).cloned().collect();
            }
            entries = self.told.wait_timeout(entries, left).unwrap_or_else(PoisonError::into_inner).0;
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
        // Before the look, so that no arrival in between is missed.
        let mut changes = self.subscribe();
        loop {
            if let Some(found) = self.find_at_least(filter, count) {
                return found;
            }
            tokio::select! {
                // Also when some were missed.
                _ = changes.recv() => {}
                () = &mut limit => return self.find(filter),
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
            number: 0,
            time_ms: 0,
            method: "POST".into(),
            path: "/connect/token".into(),
            grant_type: None,
            client_id: Some(client_id.into()),
            auth_method: None,
            tenant_id: None,
            scope: None,
            resource: Vec::new(),
            parameters: Vec::new(),
            checks: Vec::new(),
            status: None,
            answer: None,
            took_us: None,
            error_id: None,
            reason: None,
        }
    }

    fn answered(status: u16) -> Conclusion {
        Conclusion {
            checks: Vec::new(),
            answer: Some(RecordedAnswer { status, error: None, members: Vec::new() }),
            took: Duration::from_micros(7),
            error_id: None,
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
        journal.concluded(first, answered(500));
        journal.concluded(last, answered(200));
        let all = journal.find(&RequestFilter::default());
        assert_eq!(all.len(), JOURNAL_LENGTH);
        assert_eq!(all.iter().filter_map(|entry| entry.status).collect::<Vec<_>>(), [200]);
        assert_eq!(journal.get(last).and_then(|entry| entry.took_us), Some(7));
        assert_eq!((journal.get(first), journal.get(0)), (None, None));
    }

    #[test]
    fn a_reader_that_falls_behind_misses_numbers_and_holds_nobody_up() {
        let journal = Journal::default();
        let mut slow = journal.subscribe();
        for _ in 0..=BEHIND {
            journal.arrived(request("any"));
        }
        assert!(matches!(slow.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
        assert!(slow.try_recv().is_ok());
    }
}
