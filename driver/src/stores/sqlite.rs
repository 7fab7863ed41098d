//! The store in an SQLite file.

mod database;
mod failure;
mod file;
mod gate;
mod holders;
mod rows;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{self, Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::BoxFuture;
use grantline_core::{StoreFailure, StoreFailureKind, StoreReply, StoreRequest};

use super::clock::StoreClock;
use super::{Perform, Store};
use crate::clock;
use crate::fork::{self, Process};
use database::Database;
use failure::Trouble;
use gate::Shared;

impl Store {
    /// Sessions in an SQLite file, which any number of processes of this machine and user share. It is made if it is
    /// not there; its folder has to be there.
    ///
    /// Errors: `Denied`, if the file or its folder may not be written; `Damaged`, if something else is there; `TooNew`;
    /// `Unavailable`, if other processes are in the way for 5 seconds.
    pub fn sqlite(path: impl AsRef<Path>) -> Result<Self, StoreFailure> {
        Sqlite::open(path.as_ref(), StoreClock::default()).map(Self::elsewhere)
    }
}

/// How long one operation may take, with what waits before it.
const LIMIT: Duration = Duration::from_secs(8);

/// A file, and the thread that works on it: SQLite blocks.
struct Sqlite {
    path: PathBuf,
    clock: StoreClock,
    process: Process,
    jobs: Sender<Job>,
}

struct Job {
    request: StoreRequest,
    reply: oneshot::Sender<StoreReply>,
}

impl Sqlite {
    fn open(path: &Path, clock: StoreClock) -> Result<Self, StoreFailure> {
        Self::try_open(path, clock).map_err(|trouble| trouble.at(path))
    }

    fn try_open(path: &Path, clock: StoreClock) -> Result<Self, Trouble> {
        watch_forks()?;
        // The working directory may change before a child opens it again.
        let path = path::absolute(path).map_err(Trouble::of_file(path))?;
        let database = {
            let _gate = gate::enter();
            let database = Database::open(&path, clock.clone())?;
            let database = Arc::new(Mutex::new(Some(database)));
            gate::register(&database);
            database
        };
        let (jobs, waiting) = channel();
        let worker = thread::Builder::new().name("grantline-sqlite".to_owned());
        worker.spawn(move || work(&database, &waiting)).map_err(Trouble::of_file(&path))?;
        Ok(Self { path, clock, process: Process::current(), jobs })
    }

    async fn ask(&self, request: StoreRequest) -> StoreReply {
        if !self.process.is_current() {
            return failed(StoreFailureKind::Misbehaved, "it was opened before the process forked");
        }
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job { request, reply }).is_err() {
            return failed(StoreFailureKind::Misbehaved, "its thread has ended");
        }
        match clock::within(LIMIT, LIMIT, answer).await {
            Some(Ok(reply)) => reply,
            Some(Err(_)) => failed(StoreFailureKind::Misbehaved, "its thread has ended"),
            None => failed(StoreFailureKind::Unavailable, "no answer within 8 seconds"),
        }
    }
}

impl Perform for Sqlite {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(self.ask(request))
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Self::open(&self.path, self.clock.clone()).map(Store::elsewhere)
    }
}

fn watch_forks() -> Result<(), Trouble> {
    let refused =
        |_| Trouble::Found(StoreFailureKind::Unavailable, "the operating system takes no handler for forks");
    fork::watch().map_err(refused)?;
    gate::watch()
}

/// Until nobody can ask any more.
fn work(database: &Shared, jobs: &Receiver<Job>) {
    for Job { request, reply } in jobs {
        // Whoever asked may have given up while it waited.
        if !reply.is_canceled() {
            let done = catch_unwind(AssertUnwindSafe(|| perform(database, request)));
            // Whoever asked may have given up by now.
            let _ = reply.send(done.unwrap_or_else(|_| failed(StoreFailureKind::Misbehaved, "it panicked")));
        }
    }
    let _gate = gate::enter();
    if let Some(database) = gate::lock(database).take() {
        database.close();
    }
}

fn perform(database: &Shared, request: StoreRequest) -> StoreReply {
    let _gate = gate::enter();
    match gate::lock(database).as_mut() {
        Some(database) => {
            let result = database.perform(request);
            result.unwrap_or_else(|trouble| StoreReply::Failed(trouble.at(&database.path)))
        }
        None => failed(StoreFailureKind::Misbehaved, "it was closed"),
    }
}

fn failed(kind: StoreFailureKind, detail: &str) -> StoreReply {
    StoreReply::Failed(StoreFailure::new(kind, detail))
}
