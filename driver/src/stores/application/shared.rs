//! Sessions in a shared store.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use grantline_core::{
    Change, RecordKey, RecordOperation, Row, StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which,
};

use super::apart::{Threads, within};
use super::scans::{Candidate, Page, Scans};
use super::sweeps::SweepsByCollection;
use super::{BoxFuture, SharedStore, Snapshot, Versioned, envelope, names};
use crate::stores::clock::StoreClock;
use crate::stores::retention::{is_over, retained};
use crate::stores::{Perform, Store, unknown_request};

/// How often somebody else may write between reading and writing.
const ATTEMPTS: u32 = 16;

/// How many names are asked for, and how many of their records at a time.
const PAGE: u32 = 256;
const AT_A_TIME: usize = 16;

/// A shared store.
#[derive(Clone)]
pub(super) struct Shared {
    store: Arc<dyn SharedStore>,
    /// Leases count by the store's own.
    clock: StoreClock,
    threads: Threads,
    scans: Arc<Scans>,
    sweeps: Arc<SweepsByCollection>,
    limit: Duration,
}

impl Shared {
    pub(super) fn new(store: impl SharedStore, clock: StoreClock, limit: Duration) -> Self {
        Self::of(Arc::new(store), clock, limit)
    }

    fn of(store: Arc<dyn SharedStore>, clock: StoreClock, limit: Duration) -> Self {
        let scans = Arc::new(Scans::new(clock.clone()));
        let (threads, sweeps) = Default::default();
        Self { store, clock, threads, scans, sweeps, limit }
    }

    async fn on(&self, key: &RecordKey, operation: RecordOperation) -> Result<StoreReply, StoreFailure> {
        let name = names::flat(key);
        for _ in 0..ATTEMPTS {
            if let Some(reply) = self.attempt(&name, operation.clone()).await? {
                return Ok(reply);
            }
        }
        let detail = format!("others wrote the same record {ATTEMPTS} times in between");
        Err(StoreFailure::new(StoreFailureKind::Unavailable, detail))
    }

    /// `None`: somebody else wrote in between.
    async fn attempt(
        &self,
        name: &str,
        operation: RecordOperation,
    ) -> Result<Option<StoreReply>, StoreFailure> {
        let Snapshot { clock, kept } = self.store.load(name).await?;
        // What is damaged can be removed as well.
        if operation == RecordOperation::Delete {
            return Ok(self.remove(name, kept).await?.then_some(StoreReply::Done));
        }
        let row = kept.as_ref().map(|kept| envelope::open(&kept.bytes)).transpose()?;
        let (reply, change) = Row::perform(row, operation, clock);
        let changed = match change {
            Change::None => true,
            Change::Write(row) => self.write(name, kept, row).await?,
            Change::Remove => self.remove(name, kept).await?,
        };
        Ok(changed.then_some(reply))
    }

    async fn write(&self, name: &str, kept: Option<Versioned>, row: Row) -> Result<bool, StoreFailure> {
        let bytes = envelope::close(&retained(row, self.clock.now().wall))?;
        self.store.replace(name, kept.as_ref().map(|kept| kept.version.as_str()), bytes).await
    }

    async fn remove(&self, name: &str, kept: Option<Versioned>) -> Result<bool, StoreFailure> {
        match kept {
            Some(kept) => self.store.delete(name, &kept.version).await,
            None => Ok(true),
        }
    }

    fn listing(&self, page: Page) -> impl Future<Output = Result<Vec<Candidate>, StoreFailure>> + use<> {
        let (shared, threads) = (self.clone(), self.threads.clone());
        async move { threads.apart(move |_| async move { shared.list(page).await }).await }
    }

    async fn list(&self, page: Page) -> Result<Vec<Candidate>, StoreFailure> {
        let prefix = names::prefix(&page.collection);
        let mut after = page.after.as_ref().map(|name| format!("{prefix}{}", names::hexadecimal(name)));
        let mut found = Vec::new();
        while !page.is_full(&found, self.clock.now().boot) {
            let names = self.names(&prefix, after.as_deref()).await?;
            let last = names.last().cloned();
            let is_last = names.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            let (prefix, which) = (&prefix, page.which);
            let candidate =
                |flat: String| async move { within(self.limit, self.candidate(&flat, prefix, which)).await };
            let candidates = stream::iter(names).map(candidate).buffered(AT_A_TIME);
            for candidate in candidates.collect::<Vec<_>>().await {
                found.extend(candidate?);
            }
            match last {
                Some(last) if !is_last => after = Some(last),
                _ => break,
            }
        }
        Ok(found)
    }

    /// Names, as they have to come: whoever went on after a wrong one would never come to an end, or miss some.
    async fn names(&self, prefix: &str, after: Option<&str>) -> Result<Vec<String>, StoreFailure> {
        let names = within(self.limit, self.store.list(prefix, after, PAGE)).await?;
        let sorted = after.into_iter().chain(names.iter().map(String::as_str)).is_sorted_by(|a, b| a < b);
        if sorted && names.iter().all(|name| name.starts_with(prefix)) {
            return Ok(names);
        }
        let detail = "its list is not sorted by bytes, or has names that were not asked for";
        Err(StoreFailure::new(StoreFailureKind::Misbehaved, detail))
    }

    async fn candidate(
        &self,
        flat: &str,
        prefix: &str,
        which: Which,
    ) -> Result<Option<Candidate>, StoreFailure> {
        let Some(name) = names::own_name(flat, prefix) else { return Ok(None) };
        let Snapshot { clock, kept } = self.store.load(flat).await?;
        let Some(kept) = kept else { return Ok(None) };
        let row = match envelope::open(&kept.bytes) {
            Ok(row) => row,
            Err(failure) => return Candidate::unreadable(failure, name, which),
        };
        let now = self.clock.now();
        if is_over(&row, now.wall) && self.store.delete(flat, &kept.version).await? {
            return Ok(None);
        }
        Ok(Candidate::of(&row, name, which, clock, now.boot))
    }
}

impl Perform for Shared {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(async move {
            let (shared, limit) = (self.clone(), self.limit);
            let reply = match request {
                StoreRequest::On { key, operation } => {
                    if let Some(all) = self.sweeps.due(&key, &operation, self.clock.now().boot) {
                        // Nobody waits for it. What goes wrong with it is tried again in an hour.
                        tokio::spawn(self.listing(all));
                    }
                    let work = move |_| within(limit, async move { shared.on(&key, operation).await });
                    within(limit, self.threads.apart(work)).await
                }
                StoreRequest::List { collection, which, after, limit: most } => {
                    let page = Page { collection, which, after, limit: most };
                    let scan = self.listing(page.clone());
                    self.scans.page(&page, limit, scan).await.map(StoreReply::Listed)
                }
                _ => Ok(unknown_request()),
            };
            reply.unwrap_or_else(StoreReply::Failed)
        })
    }

    /// With threads and lists of its own: those of the parent's are not the child's.
    fn reopen(&self) -> Result<Store, StoreFailure> {
        Ok(Store::elsewhere(Self::of(Arc::clone(&self.store), self.clock.clone(), self.limit)))
    }
}
