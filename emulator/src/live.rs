//! Requests as they arrive: server-sent events (HTML standard, section 9.2), a batch at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use utoipa::ToSchema;

use crate::app_state::Shared;
use crate::journal::{RecordedRequest, RequestFilter};

/// The most requests of a batch.
pub(crate) const NEWEST: usize = 200;

/// What comes within this time is one batch, however much it is.
const BATCH: Duration = Duration::from_millis(200);

/// How long nothing is sent, at most: a reader that went away is noticed by it.
const SILENCE: Duration = Duration::from_secs(15);

/// An event without data.
const COMMENT: &str = ":\n\n";

/// Requests that arrived or were answered, oldest first, the newest 200 at most.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestBatch {
    /// Whether these are all that there are to show: at the beginning, and where the reader was too slow.
    pub(crate) whole: bool,
    /// Each as it is now. One comes again when it is answered.
    pub(crate) requests: Vec<RecordedRequest>,
}

/// Whoever reads.
struct Reader {
    app: Shared,
    filter: RequestFilter,
    /// The data of an event, in one line.
    data: fn(&RequestBatch) -> String,
    changes: Receiver<u64>,
    /// The list as it is goes first, so that nothing is missed before this.
    is_new: bool,
}

/// First the requests as they are, then what changes in them.
pub(crate) fn follow(app: Shared, filter: RequestFilter, data: fn(&RequestBatch) -> String) -> Response {
    let changes = app.journal.subscribe();
    let reader = Reader { app, filter, data, changes, is_new: true };
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
            return Some(self.whole());
        }
        let Ok(first) = tokio::time::timeout(SILENCE, self.changes.recv()).await else {
            return Some(COMMENT.to_owned());
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

    fn whole(&self) -> String {
        let requests = self.app.journal.newest(&self.filter, NEWEST);
        self.event(&RequestBatch { whole: true, requests })
    }

    fn batch(&self, changed: &Changed) -> String {
        if changed.too_many {
            return self.whole();
        }
        let requests = changed.numbers.iter().filter_map(|number| self.app.journal.get(*number));
        let requests: Vec<_> = requests.filter(|request| self.filter.takes(request)).collect();
        match requests.is_empty() {
            true => COMMENT.to_owned(),
            false => self.event(&RequestBatch { whole: false, requests }),
        }
    }

    fn event(&self, batch: &RequestBatch) -> String {
        format!("data: {}\n\n", (self.data)(batch))
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
        if self.numbers.len() > NEWEST {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_the_newest_and_no_more_than_it_may_have() {
        let mut changed = Changed::default();
        (1..=1000).for_each(|number| changed.add(number));
        assert_eq!(changed.numbers.len(), NEWEST);
        assert_eq!(changed.numbers.first(), Some(&801));
    }
}
