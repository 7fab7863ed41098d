//! What the emulator sends to applications by itself: logout tokens and webhooks, on loopback only.

mod post;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;

pub(crate) use post::is_on_loopback;

use crate::app_state::AppState;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    LogoutToken,
    /// An event of the Developer Portal.
    Webhook,
}

/// A message to an application, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// What was sent.
    pub kind: NoticeKind,
    /// To whom.
    pub client_id: String,
    /// Where to.
    pub url: String,
    /// The status of the answer; `None` until there is one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

/// A message that is ready to be sent.
pub(crate) struct Notice {
    pub(crate) kind: NoticeKind,
    pub(crate) client_id: String,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    /// A further header field.
    pub(crate) field: Option<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// The newest are kept.
const KEPT: usize = 2000;

#[derive(Default)]
pub(crate) struct Deliveries {
    done: Mutex<Vec<Delivery>>,
    changed: Condvar,
}

impl Deliveries {
    pub(crate) fn list(&self) -> Vec<Delivery> {
        self.lock().clone()
    }

    /// Blocks until there are so many, or `limit` has passed; answers those there are.
    pub(crate) fn wait(&self, count: usize, limit: Duration) -> Vec<Delivery> {
        let end = Instant::now() + limit.min(Duration::from_secs(3600));
        let mut done = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if done.len() >= count || left.is_zero() {
                return done.clone();
            }
            done = self.changed.wait_timeout(done, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn add(&self, delivery: Delivery) {
        let mut done = self.lock();
        if done.len() == KEPT {
            done.remove(0);
        }
        done.push(delivery);
        drop(done);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Delivery>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends them all at once and keeps what became of them.
pub(crate) async fn send(app: &AppState, notices: Vec<Notice>) -> Vec<Delivery> {
    let deliveries = join_all(notices.into_iter().map(deliver)).await;
    for delivery in &deliveries {
        app.deliveries.add(delivery.clone());
    }
    deliveries
}

async fn deliver(notice: Notice) -> Delivery {
    let answered = post::post(&notice).await;
    let (status, error) = match answered {
        Ok(status) => (Some(status), None),
        Err(error) => (None, Some(error)),
    };
    Delivery { kind: notice.kind, client_id: notice.client_id, url: notice.url, status, error }
}
