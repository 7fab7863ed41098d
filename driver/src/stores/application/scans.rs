//! Lists, for which every record has to be loaded: what is needed of it stands inside.
//!
//! That may take longer than anybody waits for one answer. So a list goes on when nobody waits any more, and whoever asks for
//! the same page again is given what came of it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use grantline_core::{Collection, StoreFailure, StoreFailureKind, StoreReply, Which};

use super::turns::lock;
use crate::clock;

/// How long what nobody fetched is of use to whoever asks again.
const KEPT: Duration = Duration::from_secs(30);

/// What is asked for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) collection: Collection,
    pub(super) which: Which,
    pub(super) after: Option<String>,
    pub(super) limit: u32,
}

/// What is under way, and what came of it, when.
type Scan = Shared<BoxFuture<'static, (StoreReply, Instant)>>;

/// All lists of a store that are under way.
#[derive(Default)]
pub(super) struct Scans(Mutex<Vec<(Page, Scan)>>);

impl Scans {
    /// A page, if it is complete within that time: of the scan that is under way for it, or of a new one.
    pub(super) async fn page(
        &self,
        page: &Page,
        limit: Duration,
        scan: impl Future<Output = StoreReply> + Send + 'static,
    ) -> StoreReply {
        let scan = self.under_way(page, scan);
        let Some((reply, _)) = clock::within(limit, limit, scan.clone()).await else {
            let detail = format!("the list takes longer than {limit:?} and goes on: ask for it again");
            return StoreReply::Failed(StoreFailure::new(StoreFailureKind::Unavailable, detail));
        };
        lock(&self.0).retain(|(_, other)| !other.ptr_eq(&scan));
        reply
    }

    fn under_way(&self, page: &Page, scan: impl Future<Output = StoreReply> + Send + 'static) -> Scan {
        let mut scans = lock(&self.0);
        scans.retain(|(_, scan)| scan.peek().is_none_or(is_of_use));
        if let Some((_, scan)) = scans.iter().find(|(of, _)| of == page) {
            return scan.clone();
        }
        let scan = tokio::spawn(scan).map(|ended| {
            let panicked = |_| StoreFailure::new(StoreFailureKind::Misbehaved, "its list panicked");
            (ended.map_err(panicked).unwrap_or_else(StoreReply::Failed), Instant::now())
        });
        let scan = scan.boxed().shared();
        scans.push((page.clone(), scan.clone()));
        scan
    }
}

fn is_of_use((reply, ended): &(StoreReply, Instant)) -> bool {
    !matches!(reply, StoreReply::Failed(_)) && ended.elapsed() < KEPT
}
