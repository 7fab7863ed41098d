//! The store in an SQLite file.

mod database;
mod failure;
mod file;
mod gate;
mod holders;
mod rows;
#[cfg(test)]
mod tests;
mod turns;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{self, Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::BoxFuture;
use grantline_core::{RecordOperation, StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which};

use super::clock::StoreClock;
use super::{Perform, Store};
use crate::clock;
use crate::fork::{self, Process};
use database::Database;
use failure::Trouble;
use gate::Shared;
use turns::Turns;

impl Store {
    /// Sessions in an SQLite file, which any number of processes of this machine and user share. It is made if it is
    /// not there, and kept readable for its owner alone, whoever made it; its folder has to be there, on a local disk.
    ///
    /// Beside `sessions.db` SQLite keeps `sessions.db-wal` and `sessions.db-shm`, and this store the folder
    /// `sessions.db-holders`: a small file for each process that has it open, locked for as long. By that lock others see at
    /// once that a process was killed, and take over what it was refreshing; one that is only stopped keeps its lease for its
    /// time. A name in that folder that nobody uses is removed by the next one who opens the store.
    ///
    /// The file belongs to SQLite while a process has it open: to copy it, use `VACUUM INTO` or SQLite's backup. A process
    /// that opens and closes it by other means gives back the locks of its own connections, and so risks what is in it. A
    /// process that is stopped in the very moment of writing makes the others wait: `Unavailable` after 5 seconds, until it
    /// goes on or ends.
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
        let turns = turns_of(&path)?;
        let turn = turns.take_within(file::PATIENCE)?;
        let database = share(&path, clock.clone())?;
        drop(turn);
        let (jobs, waiting) = channel();
        let worker = thread::Builder::new().name("grantline-sqlite".to_owned());
        worker.spawn(move || work(&database, &turns, &waiting)).map_err(Trouble::of_file(&path))?;
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

/// Behind the gate, since it may make the file.
fn turns_of(path: &Path) -> Result<Turns, Trouble> {
    let _gate = gate::enter();
    Turns::of(path)
}

/// Opens the file, so that a forked child knows of it.
fn share(path: &Path, clock: StoreClock) -> Result<Shared, Trouble> {
    let _gate = gate::enter();
    let database = Arc::new(Mutex::new(Some(Database::open(path, clock)?)));
    gate::register(&database);
    Ok(database)
}

/// Until nobody can ask any more.
fn work(database: &Shared, turns: &Turns, jobs: &Receiver<Job>) {
    for Job { request, reply } in jobs {
        // Whoever asked may have given up while it waited.
        if !reply.is_canceled() {
            let done = catch_unwind(AssertUnwindSafe(|| perform(database, turns, request)));
            // Whoever asked may have given up by now.
            let _ = reply.send(done.unwrap_or_else(|_| failed(StoreFailureKind::Misbehaved, "it panicked")));
        }
    }
    let _gate = gate::enter();
    if let Some(database) = gate::lock(database).take() {
        database.close();
    }
}

fn perform(database: &Shared, turns: &Turns, request: StoreRequest) -> StoreReply {
    // Before the gate: how long it takes is up to others, and who forks does not wait for them.
    let _turn = writes(&request).then(|| turns.take());
    let _gate = gate::enter();
    match gate::lock(database).as_mut() {
        Some(database) => {
            let result = database.perform(request);
            result.unwrap_or_else(|trouble| StoreReply::Failed(trouble.at(&database.path)))
        }
        None => failed(StoreFailureKind::Misbehaved, "it was closed"),
    }
}

fn writes(request: &StoreRequest) -> bool {
    !matches!(
        request,
        StoreRequest::On { operation: RecordOperation::Load, .. }
            | StoreRequest::List { which: Which::Living, .. }
    )
}

fn failed(kind: StoreFailureKind, detail: &str) -> StoreReply {
    StoreReply::Failed(StoreFailure::new(kind, detail))
}
