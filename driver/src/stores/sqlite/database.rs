//! One open file, and the operations on it.

use std::path::{Path, PathBuf};

use grantline_core::{
    Change, Collection, Entry, Now, RecordKey, RecordOperation, Row, StoreReply, StoreRequest, Which,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::failure::Trouble;
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

impl Database {
    pub(super) fn open(path: &Path, clock: StoreClock) -> Result<Self, Trouble> {
        let path = file::make(path)?;
        let connection = file::connect(&path)?;
        let holder = Holder::new(&path)?;
        let sweeps = Sweeps::default();
        let mut database = Self { path, connection, holder, clock, sweeps };
        database.free_all_gone()?;
        database.sweep()?;
        Ok(database)
    }

    pub(super) fn perform(&mut self, request: StoreRequest) -> Result<StoreReply, Trouble> {
        match request {
            StoreRequest::On { key, operation: RecordOperation::Load } => self.load(&key),
            StoreRequest::On { key, operation } => {
                let reply = self.change(&key, operation)?;
                // It is done, and of use to the file alone: what failed now is tried again in an hour.
                let _ = self.sweep();
                Ok(reply)
            }
            StoreRequest::List { collection, which, after, limit } => {
                let entries = self.list(&collection, which, &after.unwrap_or_default(), limit)?;
                Ok(StoreReply::Listed(entries))
            }
            _ => Ok(unknown_request()),
        }
    }

    fn load(&self, key: &RecordKey) -> Result<StoreReply, Trouble> {
        let now = self.clock.now().boot;
        let row = rows::read(&self.connection, key, now)?.map(|kept| kept.row);
        Ok(Row::perform(row, RecordOperation::Load, now).0)
    }

    fn change(&mut self, key: &RecordKey, operation: RecordOperation) -> Result<StoreReply, Trouble> {
        let (transaction, now) = begin(&mut self.connection, &self.clock)?;
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

    fn list(
        &mut self,
        collection: &Collection,
        which: Which,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Entry>, Trouble> {
        if which == Which::Abandoned {
            self.free_all_gone()?;
        }
        rows::list(&self.connection, collection, which, after, limit, self.clock.now().boot)
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

    /// At the end of the store. Its leases end with it; if that fails, others see that their holder is gone.
    pub(super) fn close(self) {
        if rows::free(&self.connection, self.holder.id()).is_ok() {
            self.holder.remove();
        }
    }
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
