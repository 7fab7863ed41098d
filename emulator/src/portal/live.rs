//! Requests as they arrive: server-sent events (HTML standard, section 9.2), a batch at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::asked::Asked;
use super::requests::row::Row;
use super::requests::{self, Filter, ROWS};
use crate::app_state::Shared;
use crate::journal::RecordedRequest;

/// What comes within this time is one batch, however much it is.
const BATCH: Duration = Duration::from_millis(200);

/// How long nothing is sent, at most: a browser that went away is noticed by it.
const SILENCE: Duration = Duration::from_secs(15);

/// Whoever reads.
struct Reader {
    app: Shared,
    filter: Filter,
    changes: Receiver<u64>,
    /// The list as it is goes first, so that nothing is missed between the page and this.
    is_new: bool,
}

/// First the list as it is, then what changes in it.
pub(super) async fn follow(State(app): State<Shared>, asked: Asked) -> Response {
    let changes = app.journal.subscribe();
    let reader = Reader { app, filter: Filter::of(&asked), changes, is_new: true };
    let events = unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(event)), reader))
    });
    let fields = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (fields, Body::from_stream(events)).into_response()
}

impl Reader {
    async fn next(&mut self) -> Option<String> {
        if std::mem::take(&mut self.is_new) {
            return Some(event(true, &requests::newest(&self.app, &self.filter)));
        }
        let Ok(first) = tokio::time::timeout(SILENCE, self.changes.recv()).await else {
            return Some(":\n\n".to_owned());
        };
        let mut changed = Changed::default();
        match first {
            Ok(number) => changed.add(number),
            Err(RecvError::Lagged(_)) => changed.too_many = true,
            Err(RecvError::Closed) => return None,
        }
        tokio::time::sleep(BATCH).await;
        changed.drain(&mut self.changes);
        Some(self.batch(&changed))
    }

    fn batch(&self, changed: &Changed) -> String {
        if changed.too_many {
            return event(true, &requests::newest(&self.app, &self.filter));
        }
        let requests = changed.numbers.iter().filter_map(|number| self.app.journal.get(*number));
        let shown: Vec<_> = requests.filter(|request| self.filter.takes(request)).collect();
        match shown.is_empty() {
            true => ":\n\n".to_owned(),
            false => event(false, &shown),
        }
    }
}

/// The newest numbers of a batch.
#[derive(Default)]
struct Changed {
    numbers: BTreeSet<u64>,
    /// The reader was too slow and missed some.
    too_many: bool,
}

impl Changed {
    fn add(&mut self, number: u64) {
        self.numbers.insert(number);
        if self.numbers.len() > ROWS {
            self.numbers.pop_first();
        }
    }

    fn drain(&mut self, changes: &mut Receiver<u64>) {
        loop {
            match changes.try_recv() {
                Ok(number) => self.add(number),
                Err(TryRecvError::Lagged(_)) => self.too_many = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

/// `whole`: these are all that there are to show. As JSON, so that no row breaks the event's line.
fn event(whole: bool, requests: &[RecordedRequest]) -> String {
    let rows: Vec<String> = requests.iter().filter_map(|request| Row::of(request).render().ok()).collect();
    let refused = requests.iter().filter(|request| request.is_refused()).count();
    format!("data: {}\n\n", json!({"whole": whole, "rows": rows, "refused": refused}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_the_newest_and_no_more_than_fit_on_the_page() {
        let mut changed = Changed::default();
        (1..=1000).for_each(|number| changed.add(number));
        assert_eq!(changed.numbers.len(), ROWS);
        assert_eq!(changed.numbers.first(), Some(&801));
    }
}
