//! One open file, and the operations on it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use grantline_core::{
    Change, Collection, Now, RecordKey, RecordOperation, Row, StoreFailureKind, StoreReply, StoreRequest,
    Which,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::failure::Trouble;
use super::gate::Inherited;
use super::holders::{Gone, Holder};
use super::{file, rows};
use crate::stores::clock::StoreClock;
use crate::stores::retention::{SWEPT_AT_ONCE, Sweeps, retained};
use crate::stores::unknown_request;

/// A connection of this process, and its name as a holder of leases.
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    holder: Holder,
    clock: StoreClock,
    sweeps: Sweeps,
}

/// A connection that only reads, which nobody keeps from it: what writes may have to wait.
pub(super) struct Reader {
    path: PathBuf,
    connection: Connection,
    clock: StoreClock,
}

/// What does operations on the file, one after the other.
pub(super) trait Works: Inherited {
    fn path(&self) -> &Path;

    /// How long others may be in the way, from now on.
    fn wait_for(&self, patience: Duration) -> Result<(), Trouble>;

    /// `is_awaited`: whether somebody still waits for the answer. Otherwise nothing is written: they were told that it
    /// was not done, and may have asked again.
    fn perform(
        &mut self,
        request: StoreRequest,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<StoreReply, Trouble>;

    /// At the end of the store.
    fn close(self);
}

impl Inherited for Reader {
    /// It has no lock.
    fn let_go(&mut self) {}
}

impl Works for Reader {
    fn path(&self) -> &Path {
        &self.path
    }

    fn wait_for(&self, patience: Duration) -> Result<(), Trouble> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    fn perform(&mut self, request: StoreRequest, _: &dyn Fn() -> bool) -> Result<StoreReply, Trouble> {
        match request {
            StoreRequest::On { key, operation: RecordOperation::Load } => {
                load(&self.connection, &key, &self.clock)
            }
            StoreRequest::List { collection, which: Which::Living, after, limit } => {
                let after = after.unwrap_or_default();
                list(&self.connection, &collection, Which::Living, &after, limit, &self.clock)
            }
            _ => Ok(unknown_request()),
        }
    }

    fn close(self) {}
}

impl Reader {
    /// To the file of a database that is open.
    pub(super) fn beside(database: &Database) -> Result<Self, Trouble> {
        let connection = file::connect_for_reading(&database.path)?;
        Ok(Self { path: database.path.clone(), connection, clock: database.clock.clone() })
    }
}

impl Inherited for Database {
    fn let_go(&mut self) {
        self.holder.let_go();
    }
}

impl Works for Database {
    fn path(&self) -> &Path {
        &self.path
    }

    fn wait_for(&self, patience: Duration) -> Result<(), Trouble> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    fn perform(
        &mut self,
        request: StoreRequest,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<StoreReply, Trouble> {
        match request {
            StoreRequest::On { key, operation: RecordOperation::Load } => {
                load(&self.connection, &key, &self.clock)
            }
            StoreRequest::On { key, operation } => {
                let reply = self.change(&key, operation, is_awaited)?;
                // It is done, and of use to the file alone: what failed now is tried again in an hour.
                let _ = self.sweep();
                Ok(reply)
            }
            StoreRequest::List { collection, which, after, limit } => {
                if which == Which::Abandoned {
                    self.free_all_gone()?;
                }
                list(&self.connection, &collection, which, &after.unwrap_or_default(), limit, &self.clock)
            }
            _ => Ok(unknown_request()),
        }
    }

    /// Its leases end with it; if that fails, others see that their holder is gone.
    fn close(self) {
        if rows::free(&self.connection, self.holder.id()).is_ok() {
            self.holder.remove();
        }
    }
}

impl Database {
    /// `until`: how long others may be in the way.
    pub(super) fn open(path: &Path, clock: StoreClock, until: Instant) -> Result<Self, Trouble> {
        let path = file::make(path)?;
        let connection = file::connect(&path, until)?;
        let holder = Holder::new(&path)?;
        let sweeps = Sweeps::default();
        let mut database = Self { path, connection, holder, clock, sweeps };
        database.wait_for(until.saturating_duration_since(Instant::now()))?;
        database.free_all_gone()?;
        database.sweep()?;
        Ok(database)
    }

    /// As a process that ends without a word.
    #[cfg(test)]
    pub(super) fn die(self) {
        self.holder.die();
    }

    fn change(
        &mut self,
        key: &RecordKey,
        operation: RecordOperation,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<StoreReply, Trouble> {
        let (transaction, now) = begin(&mut self.connection, &self.clock)?;
        if !is_awaited() {
            return Err(Trouble::Found(StoreFailureKind::Unavailable, "nobody waits for it any more"));
        }
        // What is damaged can be removed as well.
        if operation == RecordOperation::Delete {
            rows::remove(&transaction, key)?;
            transaction.commit()?;
            return Ok(StoreReply::Done);
        }
        let (row, gone) = read_without_the_dead(&transaction, &self.holder, key, now)?;
        let (reply, change) = Row::perform(row, operation, now.boot);
        match change {
            Change::None => {}
            Change::Write(row) => {
                rows::write(&transaction, key, &retained(row, now.wall), self.holder.id(), now.boot)?;
            }
            Change::Remove => rows::remove(&transaction, key)?,
        }
        transaction.commit()?;
        gone.into_iter().for_each(Gone::remove);
        Ok(reply)
    }

    fn sweep(&self) -> Result<(), Trouble> {
        let now = self.clock.now();
        if self.sweeps.are_due(now.boot)
            && rows::discard(&self.connection, now.wall, SWEPT_AT_ONCE)? >= SWEPT_AT_ONCE as usize
        {
            self.sweeps.go_on();
        }
        Ok(())
    }

    fn free_all_gone(&mut self) -> Result<(), Trouble> {
        let (transaction, _) = begin(&mut self.connection, &self.clock)?;
        let gone = self.holder.all_gone()?;
        gone.iter().try_for_each(|gone| rows::free(&transaction, &gone.id))?;
        transaction.commit()?;
        gone.into_iter().for_each(Gone::remove);
        Ok(())
    }
}

fn load(connection: &Connection, key: &RecordKey, clock: &StoreClock) -> Result<StoreReply, Trouble> {
    let now = clock.now().boot;
    let row = rows::read(connection, key, now)?.map(|kept| kept.row);
    Ok(Row::perform(row, RecordOperation::Load, now).0)
}

fn list(
    connection: &Connection,
    collection: &Collection,
    which: Which,
    after: &str,
    limit: u32,
    clock: &StoreClock,
) -> Result<StoreReply, Trouble> {
    let entries = rows::list(connection, collection, which, after, limit, clock.now().boot)?;
    Ok(StoreReply::Listed(entries))
}

/// A transaction that may write, and the time in it: waiting for others may have taken a while.
fn begin<'a>(connection: &'a mut Connection, clock: &StoreClock) -> Result<(Transaction<'a>, Now), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    Ok((transaction, clock.now()))
}

/// The row, freed of the lease of a holder that is gone. That holder's file goes once this is committed.
fn read_without_the_dead(
    transaction: &Transaction<'_>,
    own: &Holder,
    key: &RecordKey,
    now: Now,
) -> Result<(Option<Row>, Option<Gone>), Trouble> {
    let Some(mut kept) = rows::read(transaction, key, now.boot)? else { return Ok((None, None)) };
    let running = kept.row.lease.is_some_and(|lease| lease.until > now.boot);
    let gone = kept.holder.filter(|_| running).and_then(|holder| own.gone(&holder));
    if let Some(gone) = &gone {
        rows::free(transaction, &gone.id)?;
        kept.row.lease = None;
    }
    Ok((Some(kept.row), gone))
}
