//! Lists, for which every record has to be loaded: what is needed of it stands inside.
//!
//! That may take longer than anybody waits for one answer. So a list goes on when nobody waits any more, and whoever asks for
//! the same page again is given what came of it.

use std::sync::Mutex;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use grantline_core::{Collection, Entry, Generation, Millis, Row, StoreFailure, StoreFailureKind, Which};

use crate::clock;
use crate::mutex::lock;
use crate::stores::clock::StoreClock;

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

/// What may stand on a page, and after how long: a lease may end while the other records are still loaded, or before
/// anybody asks for what was found.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    entry: Entry,
    /// By the clock of this machine that counts suspend.
    from: Millis,
}

/// What came of a list, and when.
#[derive(Clone)]
struct Ended {
    found: Result<Vec<Candidate>, StoreFailure>,
    at: Millis,
}

type Scan = Shared<BoxFuture<'static, Ended>>;

/// All lists of a store that are under way.
pub(super) struct Scans {
    clock: StoreClock,
    scans: Mutex<Vec<(Page, Scan)>>,
}

impl Candidate {
    /// The row, if it belongs on the page now or as soon as its lease has ended. `now`: of the store's clock; `here`: of
    /// this machine's.
    pub(super) fn of(row: &Row, name: String, which: Which, now: Millis, here: Millis) -> Option<Self> {
        let left = row.lease.map_or(Duration::ZERO, |lease| lease.until.since(now));
        let from = match which {
            Which::Living => (!row.ended).then_some(here),
            Which::Abandoned => row.is_abandoned(now.plus(left)).then(|| here.plus(left)),
        };
        from.map(|from| Self { entry: Entry { name, generation: row.record.generation }, from })
    }

    /// One that cannot be read does not hide the others; whoever loads it is told why.
    pub(super) fn unreadable(
        failure: StoreFailure,
        name: String,
        which: Which,
    ) -> Result<Option<Self>, StoreFailure> {
        match failure.kind {
            StoreFailureKind::Damaged | StoreFailureKind::TooNew => {
                let entry = Entry { name, generation: Generation(0) };
                Ok((which == Which::Living).then_some(Self { entry, from: Millis(0) }))
            }
            _ => Err(failure),
        }
    }
}

impl Page {
    /// Whether all that follows is for the next page.
    pub(super) fn is_full(&self, found: &[Candidate], now: Millis) -> bool {
        found.len() >= self.most() && self.of(found, now).len() >= self.most()
    }

    /// What belongs on it by now.
    fn of(&self, found: &[Candidate], now: Millis) -> Vec<Entry> {
        let found = found.iter().filter(|candidate| candidate.from <= now);
        found.take(self.most()).map(|candidate| candidate.entry.clone()).collect()
    }

    fn most(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }
}

impl Scans {
    pub(super) fn new(clock: StoreClock) -> Self {
        Self { clock, scans: Mutex::default() }
    }

    /// A page, if it is complete within that time: of the scan that is under way for it, or of a new one.
    pub(super) async fn page(
        &self,
        page: &Page,
        limit: Duration,
        scan: impl Future<Output = Result<Vec<Candidate>, StoreFailure>> + Send + 'static,
    ) -> Result<Vec<Entry>, StoreFailure> {
        let scan = self.under_way(page, scan);
        let Some(ended) = clock::within(limit, limit, scan.clone()).await else {
            let detail = format!("the list takes longer than {limit:?} and goes on: ask for it again");
            return Err(StoreFailure::new(StoreFailureKind::Unavailable, detail));
        };
        lock(&self.scans).retain(|(_, other)| !other.ptr_eq(&scan));
        Ok(page.of(&ended.found?, self.clock.now().boot))
    }

    /// However long it has been under way: of lists that are begun anew before they end, none would.
    fn under_way(
        &self,
        page: &Page,
        scan: impl Future<Output = Result<Vec<Candidate>, StoreFailure>> + Send + 'static,
    ) -> Scan {
        let now = self.clock.now().boot;
        let mut scans = lock(&self.scans);
        // Nobody else may have asked them whether they have ended.
        scans.retain(|(_, scan)| scan.clone().now_or_never().is_none_or(|ended| now.since(ended.at) < KEPT));
        if let Some((_, scan)) = scans.iter().find(|(of, _)| of == page) {
            return scan.clone();
        }
        let scan = begun(self.clock.clone(), scan);
        scans.push((page.clone(), scan.clone()));
        scan
    }
}

/// It goes on by itself, and knows when it ended although nobody fetches it.
fn begun(
    clock: StoreClock,
    scan: impl Future<Output = Result<Vec<Candidate>, StoreFailure>> + Send + 'static,
) -> Scan {
    let (end, ended) = oneshot::channel();
    let here = clock.clone();
    tokio::spawn(async move {
        let found = scan.await;
        // Its receiver was dropped: it is too old for anybody.
        let _ = end.send(Ended { found, at: here.now().boot });
    });
    let panicked = move |_| {
        let failure = StoreFailure::new(StoreFailureKind::Misbehaved, "its list panicked");
        Ended { found: Err(failure), at: clock.now().boot }
    };
    ended.map(move |ended| ended.unwrap_or_else(panicked)).boxed().shared()
}
