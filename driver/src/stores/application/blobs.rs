//! Sessions in a blob store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use grantline_core::{
    Change, Entry, Lease, Now, RecordKey, RecordOperation, Row, StoreFailure, StoreFailureKind, StoreReply,
    StoreRequest, Which,
};

use super::apart::{Awaited, Threads, within};
use super::scans::{Candidate, Page, Scans};
use super::sweeps::SweepsByCollection;
use super::turns::{Turn, Turns};
use super::{BlobStore, BoxFuture, envelope, names};
use crate::mutex::lock;
use crate::stores::clock::StoreClock;
use crate::stores::retention::{is_over, retained, since_this_start};
use crate::stores::{Perform, Store, unknown_request};

/// A blob store, and what one process knows of it.
pub(super) struct Blobs {
    inner: Arc<Inner>,
    turns: Arc<Turns>,
    threads: Threads,
    scans: Arc<Scans>,
    sweeps: Arc<SweepsByCollection>,
    limit: Duration,
}

struct Inner {
    blobs: Box<dyn BlobStore>,
    clock: StoreClock,
    /// A lease does not outlive the only process that could hold it, so it is not written down.
    leases: Mutex<HashMap<String, Lease>>,
}

impl Blobs {
    pub(super) fn new(blobs: impl BlobStore, clock: StoreClock, limit: Duration) -> Self {
        let scans = Arc::new(Scans::new(clock.clone()));
        let inner = Inner { blobs: Box::new(blobs), clock, leases: Mutex::default() };
        let (turns, threads, sweeps) = Default::default();
        Self { inner: Arc::new(inner), turns, threads, scans, sweeps, limit }
    }

    /// The same one for a caller with another limit.
    #[cfg(test)]
    pub(super) fn within(&self, limit: Duration) -> Self {
        let (inner, turns, scans) =
            (Arc::clone(&self.inner), Arc::clone(&self.turns), Arc::clone(&self.scans));
        Self { inner, turns, threads: self.threads.clone(), scans, sweeps: Arc::clone(&self.sweeps), limit }
    }

    async fn on(&self, key: RecordKey, operation: RecordOperation) -> Result<StoreReply, StoreFailure> {
        if let Some(all) = self.sweeps.due(&key, &operation, self.inner.clock.now().boot) {
            // Nobody waits for it. What goes wrong with it is tried again in an hour.
            tokio::spawn(self.listing(all));
        }
        let name = names::flat(&key);
        // Kept by the work until it is over: what was saved late must not come after what is saved next.
        let turn = self.turns.of(&name).await;
        let inner = Arc::clone(&self.inner);
        let work = move |awaited| async move { inner.on(&name, operation, &awaited, turn).await };
        self.threads.apart(work).await
    }

    async fn list(&self, page: Page) -> Result<Vec<Entry>, StoreFailure> {
        self.scans.page(&page, self.limit, self.listing(page.clone())).await
    }

    fn listing(&self, page: Page) -> impl Future<Output = Result<Vec<Candidate>, StoreFailure>> + use<> {
        let (inner, turns, limit) = (Arc::clone(&self.inner), Arc::clone(&self.turns), self.limit);
        let threads = self.threads.clone();
        let work = move |_| async move { inner.list(page, &turns, limit).await };
        async move { threads.apart(work).await }
    }
}

impl Perform for Blobs {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(async move {
            let reply = match request {
                StoreRequest::On { key, operation } => within(self.limit, self.on(key, operation)).await,
                StoreRequest::List { collection, which, after, limit } => {
                    let page = Page { collection, which, after, limit };
                    self.list(page).await.map(StoreReply::Listed)
                }
                _ => Ok(unknown_request()),
            };
            reply.unwrap_or_else(StoreReply::Failed)
        })
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Ok(Store::elsewhere(OfTheParent))
    }
}

impl Inner {
    async fn on(
        &self,
        name: &str,
        operation: RecordOperation,
        awaited: &Awaited,
        _turn: Turn,
    ) -> Result<StoreReply, StoreFailure> {
        awaited.still()?;
        // What is damaged can be removed as well.
        if operation == RecordOperation::Delete {
            self.remove(name).await?;
            return Ok(StoreReply::Done);
        }
        let row = self.read(name).await?;
        let now = self.clock.now();
        let (reply, change) = Row::perform(row, operation, now.boot);
        match change {
            Change::None => {}
            Change::Write(row) => self.write(name, row, now, awaited).await?,
            Change::Remove => self.remove(name).await?,
        }
        Ok(reply)
    }

    async fn read(&self, name: &str) -> Result<Option<Row>, StoreFailure> {
        let Some(bytes) = self.blobs.load(name).await? else { return Ok(None) };
        let mut row = envelope::open(&bytes)?;
        row.lease = lock(&self.leases).get(name).copied();
        Ok(Some(since_this_start(row, self.clock.now().boot)))
    }

    async fn write(&self, name: &str, mut row: Row, now: Now, awaited: &Awaited) -> Result<(), StoreFailure> {
        let lease = row.lease.take();
        awaited.still()?;
        self.blobs.save(name, envelope::close(&retained(row, now.wall))?).await?;
        // A lease that nobody knows of would be in everybody's way.
        let lease = lease.filter(|_| awaited.still().is_ok());
        let mut leases = lock(&self.leases);
        match lease {
            Some(lease) => leases.insert(name.to_owned(), lease),
            None => leases.remove(name),
        };
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), StoreFailure> {
        self.blobs.delete(name).await?;
        lock(&self.leases).remove(name);
        Ok(())
    }

    /// `limit`: how long each call may take.
    async fn list(&self, page: Page, turns: &Turns, limit: Duration) -> Result<Vec<Candidate>, StoreFailure> {
        let prefix = names::prefix(&page.collection);
        let mut names: Vec<String> = within(limit, self.blobs.list(&prefix)).await?;
        // Hexadecimal digits sort as the bytes that they stand for.
        names.sort_unstable();
        let mut found = Vec::new();
        for flat in names {
            let own = names::own_name(&flat, &prefix);
            let Some(name) = own.filter(|name| page.after.as_ref().is_none_or(|after| name > after)) else {
                continue;
            };
            if page.is_full(&found, self.clock.now().boot) {
                break;
            }
            found.extend(self.candidate(&flat, name, page.which, turns, limit).await?);
        }
        Ok(found)
    }

    async fn candidate(
        &self,
        flat: &str,
        name: String,
        which: Which,
        turns: &Turns,
        limit: Duration,
    ) -> Result<Option<Candidate>, StoreFailure> {
        let row = match within(limit, self.read(flat)).await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            Err(failure) => return Candidate::unreadable(failure, name, which),
        };
        let now = self.clock.now();
        if is_over(&row, now.wall)
            && let Some(_turn) = turns.free(flat)
            && within(limit, self.read(flat)).await?.is_some_and(|row| is_over(&row, now.wall))
        {
            // However long it takes: the turn is over when it is, since it may come late.
            self.remove(flat).await?;
            return Ok(None);
        }
        Ok(Candidate::of(&row, name, which, now.boot, now.boot))
    }
}

/// What a forked child has of it: nothing. Both would write the same records.
struct OfTheParent;

impl Perform for OfTheParent {
    fn perform(&self, _: StoreRequest) -> BoxFuture<'_, StoreReply> {
        let detail = "a blob store serves one process, and this is a child of it: make a client with a store of its own";
        let failure = StoreFailure::new(StoreFailureKind::Denied, detail);
        Box::pin(async { StoreReply::Failed(failure) })
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Ok(Store::elsewhere(Self))
    }
}
