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
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;
use futures_util::future::BoxFuture;
use grantline_core::{RecordOperation, StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::clock::StoreClock;
use super::{Perform, Store};
use crate::clock;
use crate::fork::{self, Process};
use crate::mutex::lock;
use database::{Database, Reader, Works};
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
    /// process that is stopped in the very moment of writing keeps the others from it: they read on, and to write is
    /// `Unavailable` after 5 seconds, until it goes on or ends.
    ///
    /// Errors: `Denied`, if the file or its folder may not be written; `Damaged`, if something else is there; `TooNew`;
    /// `Unavailable`, if other processes are in the way for 5 seconds.
    pub fn sqlite(path: impl AsRef<Path>) -> Result<Self, StoreFailure> {
        Sqlite::open(path.as_ref(), StoreClock::default(), LIMIT).map(Self::elsewhere)
    }
}

/// How long opening may take, and one operation with what waits before it: less than the engine gives any store.
const LIMIT: Duration = Duration::from_secs(5);

/// How many operations may wait for one that others keep from going on. Room is made for those alone that do.
const MOST_WAITING: usize = 16_384;

/// A file, and the threads that work on it: SQLite blocks.
struct Sqlite {
    path: PathBuf,
    clock: StoreClock,
    limit: Duration,
    process: Process,
    writes: Sender<Job>,
    reads: Sender<Job>,
}

struct Job {
    request: StoreRequest,
    asked: Instant,
    reply: oneshot::Sender<StoreReply>,
}

impl Sqlite {
    fn open(path: &Path, clock: StoreClock, limit: Duration) -> Result<Self, StoreFailure> {
        Self::try_open(path, clock, limit).map_err(|trouble| trouble.at(path))
    }

    fn try_open(path: &Path, clock: StoreClock, limit: Duration) -> Result<Self, Trouble> {
        let began = Instant::now();
        watch_forks()?;
        // The working directory may change before a child opens it again.
        let path = path::absolute(path).map_err(Trouble::of_file(path))?;
        let turns = turns_of(&path)?;
        let turn = turns.take_until(began + Patience::of(limit).turn);
        let (database, reader) = share(&path, clock.clone(), began + limit)?;
        drop(turn);
        let writes = started(&path, move |jobs| work(&database, Some(&turns), limit, jobs))?;
        let reads = started(&path, move |jobs| work(&reader, None, limit, jobs))?;
        Ok(Self { path, clock, limit, process: Process::current(), writes, reads })
    }

    async fn ask(&self, request: StoreRequest) -> StoreReply {
        if !self.process.is_current() {
            return failed(StoreFailureKind::Misbehaved, "it was opened before the process forked");
        }
        let (reply, answer) = oneshot::channel();
        let jobs = if writes(&request) { &self.writes } else { &self.reads };
        match jobs.try_send(Job { request, asked: Instant::now(), reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return failed(StoreFailureKind::Unavailable, "too many operations wait already");
            }
            Err(TrySendError::Closed(_)) => {
                return failed(StoreFailureKind::Misbehaved, "its thread has ended");
            }
        }
        match clock::within(self.limit, self.limit, answer).await {
            Some(Ok(reply)) => reply,
            Some(Err(_)) => failed(StoreFailureKind::Misbehaved, "its thread has ended"),
            None => failed(StoreFailureKind::Unavailable, &format!("no answer within {:?}", self.limit)),
        }
    }
}

/// How long what is to be waited for, from the moment of the question.
struct Patience {
    /// The turn, which is done without after that.
    turn: Duration,
    /// SQLite's own lock: its failure comes before the limit.
    lock: Duration,
    /// That lock, however late it is: the process may have been stopped meanwhile.
    least: Duration,
}

impl Patience {
    fn of(limit: Duration) -> Self {
        let fifth = limit / 5;
        Self { turn: fifth * 3, lock: fifth * 4, least: fifth }
    }
}

impl Perform for Sqlite {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(self.ask(request))
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Self::open(&self.path, self.clock.clone(), self.limit).map(Store::elsewhere)
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
fn share(
    path: &Path,
    clock: StoreClock,
    until: Instant,
) -> Result<(Shared<Database>, Shared<Reader>), Trouble> {
    let _gate = gate::enter();
    let database = Database::open(path, clock, until)?;
    let reader = Arc::new(Mutex::new(Some(Reader::beside(&database)?)));
    let database = Arc::new(Mutex::new(Some(database)));
    gate::register(&database);
    gate::register(&reader);
    Ok((database, reader))
}

/// Starts a thread that does what it is sent.
fn started(
    path: &Path,
    work: impl FnOnce(&mut Receiver<Job>) + Send + 'static,
) -> Result<Sender<Job>, Trouble> {
    let (jobs, mut waiting) = channel(MOST_WAITING);
    let worker = thread::Builder::new().name("grantline-sqlite".to_owned());
    worker.spawn(move || work(&mut waiting)).map_err(Trouble::of_file(path))?;
    Ok(jobs)
}

/// Until nobody can ask any more.
fn work<T: Works>(open: &Shared<T>, turns: Option<&Turns>, limit: Duration, jobs: &mut Receiver<Job>) {
    let patience = Patience::of(limit);
    while let Some(Job { request, asked, reply }) = jobs.blocking_recv() {
        // Whoever asked may have given up while it waited.
        if !reply.is_canceled() {
            let is_awaited = || !reply.is_canceled();
            let done = catch_unwind(AssertUnwindSafe(|| {
                // Before the gate: how long it takes is up to others, and who forks does not wait for them.
                let _turn = turns.and_then(|turns| turns.take_until(asked + patience.turn));
                let until = asked + patience.lock;
                let left = until.saturating_duration_since(Instant::now()).max(patience.least);
                perform(open, request, left, &is_awaited)
            }));
            // Whoever asked may have given up by now.
            let _ = reply.send(done.unwrap_or_else(|_| failed(StoreFailureKind::Misbehaved, "it panicked")));
        }
    }
    let _gate = gate::enter();
    if let Some(open) = lock(open).take() {
        open.close();
    }
}

fn perform<T: Works>(
    open: &Shared<T>,
    request: StoreRequest,
    patience: Duration,
    is_awaited: &dyn Fn() -> bool,
) -> StoreReply {
    let _gate = gate::enter();
    match lock(open).as_mut() {
        Some(open) => {
            let result = open.wait_for(patience).and_then(|()| open.perform(request, is_awaited));
            result.unwrap_or_else(|trouble| StoreReply::Failed(trouble.at(open.path())))
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
