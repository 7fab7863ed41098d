//! Whose turn it is to write.
//!
//! Who finds an SQLite database locked looks again after a while, and meanwhile whoever wrote last writes again: of eight
//! busy processes some wait for ten seconds. The system's queue for the lock on a file is fair, so they stand there first.
//! The turn is for fairness alone; that only one writes is up to SQLite. So who does not get it goes on without: a process
//! that was stopped in its turn has it until it goes on or ends.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use super::failure::Trouble;
use super::{file, holders};
use crate::fork::Process;
use crate::mutex::lock;

/// The queue of one database.
pub(super) struct Turns(Arc<Line>);

/// The right to write next, until it is dropped.
pub(super) struct Turn(Arc<Line>);

/// The place of this process in the system's queue, which knows nothing of threads.
struct Line {
    path: PathBuf,
    process: Process,
    file: File,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    place: Place,
    /// This process has the turn, and one of its threads has it.
    is_taken: bool,
    waiting: u32,
}

/// Where this process stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// A thread stands in the queue, which nothing calls back: it waits for whoever wants the turn by then.
    InQueue,
    /// It was sent away, and so is everybody who waited. The system takes two processes that wait for each other's turns
    /// at two databases for a deadlock, although no thread of theirs is in one (`EDEADLK`).
    SentAway,
    /// It has the turn.
    AtTurn,
}

/// One for each database: closing a file gives back what another one of this process has locked of it.
static LINES: Mutex<Vec<Weak<Line>>> = Mutex::new(Vec::new());

impl Turns {
    pub(super) fn of(path: &Path) -> Result<Self, Trouble> {
        let path = holders::folder_of(&file::make(path)?)?.join("turn");
        let process = Process::current();
        let mut lines = lock(&LINES);
        lines.retain(|line| line.strong_count() > 0);
        let mut open = lines.iter().filter_map(Weak::upgrade);
        if let Some(line) = open.find(|line| line.path == path && line.process == process) {
            return Ok(Self(line));
        }
        let line = Arc::new(Line::new(path, process)?);
        lines.push(Arc::downgrade(&line));
        Ok(Self(line))
    }

    /// `None`: it is not to be had so soon, or the system refuses it.
    pub(super) fn take_until(&self, until: Instant) -> Option<Turn> {
        let mut state = lock(&self.0.state);
        state.waiting += 1;
        let (mut state, is_mine) = self.0.wait(state, until);
        state.waiting -= 1;
        is_mine.then(|| Turn(Arc::clone(&self.0)))
    }
}

impl Line {
    fn new(path: PathBuf, process: Process) -> Result<Self, Trouble> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(Trouble::of_file(&path))?;
        Ok(Self { path, process, file, state: Mutex::default(), changed: Condvar::new() })
    }

    fn wait<'a>(
        self: &'a Arc<Self>,
        mut state: MutexGuard<'a, State>,
        until: Instant,
    ) -> (MutexGuard<'a, State>, bool) {
        loop {
            if matches!(state.place, Place::Outside | Place::SentAway) {
                state.place = match system::try_lock(&self.file) {
                    Ok(true) => Place::AtTurn,
                    Ok(false) if self.ask() => Place::InQueue,
                    Ok(false) | Err(_) => return (state, false),
                };
            }
            if state.place == Place::AtTurn && !state.is_taken {
                state.is_taken = true;
                return (state, true);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return (state, false);
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.place == Place::SentAway {
                return (state, false);
            }
        }
    }

    /// Whether a thread stands in the system's queue now.
    fn ask(self: &Arc<Self>) -> bool {
        let line = Arc::clone(self);
        thread::Builder::new().name("grantline-turn".to_owned()).spawn(move || line.stand_in_queue()).is_ok()
    }

    fn stand_in_queue(&self) {
        let locked = system::lock(&self.file);
        let mut state = lock(&self.state);
        state.place = match locked {
            Ok(()) if state.waiting == 0 => {
                self.give_back();
                Place::Outside
            }
            Ok(()) => Place::AtTurn,
            Err(_) => Place::SentAway,
        };
        self.changed.notify_all();
    }

    fn give_back(&self) {
        // It fails only where there was nothing to lock with.
        let _ = system::unlock(&self.file);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        self.0.give_back();
        (state.place, state.is_taken) = (Place::Outside, false);
        self.0.changed.notify_one();
    }
}

/// A lock of the process (POSIX): a forked child has no part in it, which would keep it after the parent's death.
#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;

    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;

    pub(super) fn lock(file: &File) -> io::Result<()> {
        Ok(rustix::io::retry_on_intr(|| fcntl_lock(file, FlockOperation::LockExclusive))?)
    }

    pub(super) fn try_lock(file: &File) -> io::Result<bool> {
        match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn unlock(file: &File) -> io::Result<()> {
        Ok(fcntl_lock(file, FlockOperation::Unlock)?)
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, TryLockError};
    use std::io;

    pub(super) fn lock(file: &File) -> io::Result<()> {
        file.lock()
    }

    pub(super) fn try_lock(file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn unlock(file: &File) -> io::Result<()> {
        file.unlock()
    }
}
