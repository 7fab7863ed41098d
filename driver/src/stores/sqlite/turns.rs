//! Whose turn it is to write.
//!
//! Who finds an SQLite database locked looks again after a while, and meanwhile whoever wrote last writes again: of eight
//! busy processes some wait for ten seconds. The system's queue for the lock on a file is fair, so they stand there first.
//! The turn is for fairness alone; that only one writes is up to SQLite.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use grantline_core::StoreFailureKind;

use super::failure::Trouble;
use super::{file, holders};

/// The queue of one database.
#[derive(Clone)]
pub(super) struct Turns(Arc<File>);

/// The right to write next, until it is dropped.
pub(super) struct Turn(Arc<File>);

impl Turns {
    pub(super) fn of(path: &Path) -> Result<Self, Trouble> {
        let path = holders::folder_of(&file::make(path)?)?.join("turn");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map(|file| Self(Arc::new(file))).map_err(Trouble::of_file(&path))
    }

    /// Waits for as long as it takes: a process that was stopped in its turn has it until it goes on or ends.
    pub(super) fn take(&self) -> Turn {
        // If the system refuses, everybody writes when SQLite lets them.
        let _ = system::lock(&self.0);
        Turn(Arc::clone(&self.0))
    }

    /// Waits for so long at most.
    pub(super) fn take_within(&self, limit: Duration) -> Result<Turn, Trouble> {
        let (sender, taken) = channel();
        let turns = self.clone();
        // Who comes too late with the turn drops it.
        thread::spawn(move || drop(sender.send(turns.take())));
        let busy = "other processes are in the way";
        taken.recv_timeout(limit).map_err(|_| Trouble::Found(StoreFailureKind::Unavailable, busy))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // It fails only where there was nothing to lock with.
        let _ = system::unlock(&self.0);
    }
}

/// A lock of the process (POSIX): a forked child has no part in it, which would keep it after the parent's death.
#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;

    use rustix::fs::{FlockOperation, fcntl_lock};

    pub(super) fn lock(file: &File) -> io::Result<()> {
        Ok(fcntl_lock(file, FlockOperation::LockExclusive)?)
    }

    pub(super) fn unlock(file: &File) -> io::Result<()> {
        Ok(fcntl_lock(file, FlockOperation::Unlock)?)
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io;

    pub(super) fn lock(file: &File) -> io::Result<()> {
        file.lock()
    }

    pub(super) fn unlock(file: &File) -> io::Result<()> {
        file.unlock()
    }
}
