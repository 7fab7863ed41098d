//! What became of the messages to applications.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

use super::{Notice, NoticeKind};
use crate::clock::{UnixMillis, after};

/// The newest are kept.
const KEPT: usize = 2000;

/// The newest of a message that are kept.
const ATTEMPTS: usize = 50;

/// How long after each attempt that failed a webhook is sent again, in seconds of the emulator's clock.
const RETRIES_S: [u64; 3] = [10, 60, 300];

/// A message to an application, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Delivery {
    /// Its number, from 1 in the order in which first attempts ended.
    pub number: u64,
    /// What was sent.
    pub kind: NoticeKind,
    /// To whom.
    pub client_id: String,
    /// Where to.
    pub url: String,
    /// The status of the last answer; `None` where there was none.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// Each time it was sent, the last one last; of more than 50 the newest.
    pub attempts: Vec<Attempt>,
    /// When it will be sent again by itself, in milliseconds since 1970-01-01T00:00:00Z by the emulator's clock.
    pub next_attempt_ms: Option<u64>,
}

/// One time that a message was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attempt {
    /// When it ended, in milliseconds since 1970-01-01T00:00:00Z by the emulator's clock.
    pub time_ms: u64,
    /// The status of the answer; `None` where there was none.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

impl Attempt {
    fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Who sent a message again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    ByItself,
    OnDemand,
}

struct Kept {
    delivery: Delivery,
    notice: Arc<Notice>,
    retries: usize,
}

#[derive(Default)]
struct Table {
    forgotten: u64,
    kept: VecDeque<Kept>,
}

#[derive(Default)]
pub(crate) struct Deliveries {
    table: Mutex<Table>,
    changed: Condvar,
}

impl Table {
    fn list(&self) -> Vec<Delivery> {
        self.kept.iter().map(|kept| kept.delivery.clone()).collect()
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Kept> {
        let index = number.checked_sub(self.forgotten + 1)?;
        self.kept.get_mut(usize::try_from(index).ok()?)
    }
}

impl Deliveries {
    pub(crate) fn list(&self) -> Vec<Delivery> {
        self.lock().list()
    }

    /// Blocks until there are so many, or `limit` has passed; answers those there are.
    pub(crate) fn wait(&self, count: usize, limit: Duration) -> Vec<Delivery> {
        let end = Instant::now() + limit.min(Duration::from_secs(3600));
        let mut table = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if table.kept.len() >= count || left.is_zero() {
                return table.list();
            }
            table = self.changed.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// After the first attempt.
    pub(super) fn add(&self, notice: Notice, attempt: Attempt) -> Delivery {
        let mut table = self.lock();
        if table.kept.len() == KEPT {
            table.kept.pop_front();
            table.forgotten += 1;
        }
        let delivery = Delivery {
            number: table.forgotten + table.kept.len() as u64 + 1,
            kind: notice.kind,
            client_id: notice.client_id.clone(),
            url: notice.url.clone(),
            status: attempt.status,
            error: attempt.error.clone(),
            next_attempt_ms: next_attempt(notice.kind, &attempt, 0),
            attempts: vec![attempt],
        };
        table.kept.push_back(Kept { delivery: delivery.clone(), notice: Arc::new(notice), retries: 0 });
        drop(table);
        self.changed.notify_all();
        delivery
    }

    /// After a further attempt. One on demand that fails leaves the next one by itself where it was.
    pub(super) fn attempted(&self, number: u64, attempt: Attempt, again: Again) -> Option<Delivery> {
        let mut table = self.lock();
        let kept = table.get_mut(number)?;
        kept.retries += usize::from(again == Again::ByItself);
        if attempt.succeeded() || again == Again::ByItself {
            kept.delivery.next_attempt_ms = next_attempt(kept.delivery.kind, &attempt, kept.retries);
        }
        kept.delivery.status = attempt.status;
        kept.delivery.error.clone_from(&attempt.error);
        if kept.delivery.attempts.len() >= ATTEMPTS {
            kept.delivery.attempts.remove(0);
        }
        kept.delivery.attempts.push(attempt);
        Some(kept.delivery.clone())
    }

    pub(super) fn notice(&self, number: u64) -> Option<Arc<Notice>> {
        self.lock().get_mut(number).map(|kept| Arc::clone(&kept.notice))
    }

    pub(super) fn next_attempt(&self, number: u64) -> Option<UnixMillis> {
        self.lock().get_mut(number)?.delivery.next_attempt_ms
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Only webhooks are sent again by themselves: a logout token is soon too old.
fn next_attempt(kind: NoticeKind, last: &Attempt, retries: usize) -> Option<UnixMillis> {
    if kind != NoticeKind::Webhook || last.succeeded() {
        return None;
    }
    RETRIES_S.get(retries).map(|seconds| after(last.time_ms, *seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_message_that_is_sent_again_and_again_the_newest_attempts_are_kept() {
        let (deliveries, attempt) =
            (Deliveries::default(), |time_ms| Attempt { time_ms, status: Some(200), error: None });
        let notice = Notice {
            kind: NoticeKind::Webhook,
            client_id: "isv_service".into(),
            url: "http://127.0.0.1/".into(),
            content_type: "application/json",
            field: None,
            body: Vec::new(),
        };
        deliveries.add(notice, attempt(0));
        for time_ms in 1..=60 {
            deliveries.attempted(1, attempt(time_ms), Again::OnDemand).unwrap();
        }
        let times: Vec<u64> = deliveries.list()[0].attempts.iter().map(|attempt| attempt.time_ms).collect();
        assert_eq!(times, (11..=60).collect::<Vec<_>>());
    }
}
