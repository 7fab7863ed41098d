//! Who holds a lease, and whether they live: each store that is open has a file, locked for as long as it is.
//!
//! The system gives the lock back when the process ends, however it ends, and not before: not when it is stopped. The
//! file's name is written beside each lease.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use grantline_core::StoreFailureKind;

use super::failure::Trouble;
use crate::entropy;
use crate::fork::Process;

/// This store's own file.
pub(super) struct Holder {
    folder: PathBuf,
    id: String,
    process: Process,
    /// The lock. `None`: a forked child has let go of it.
    file: Option<File>,
}

/// The file of a holder that is gone. As long as this value lives, nobody else takes it for one that is.
pub(super) struct Gone {
    pub(super) id: String,
    path: PathBuf,
    _file: File,
}

impl Holder {
    /// A holder of leases in the store at `path`.
    pub(super) fn new(path: &Path) -> Result<Self, Trouble> {
        let folder = folder_of(path)?;
        loop {
            let id = new_id()?;
            let path = folder.join(&id);
            let file = locked(&path).map_err(Trouble::of_file(&path))?;
            // Another process may have come between the making and the locking, and taken it for one that is gone.
            if let Some(file) = file.filter(|_| path.exists()) {
                return Ok(Self { folder, id, process: Process::current(), file: Some(file) });
            }
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// That holder's file, if it is gone for certain. One whose file is not there counts as alive: somebody may have
    /// tidied up.
    pub(super) fn gone(&self, id: &str) -> Option<Gone> {
        if id == self.id || !is_id(id) {
            return None;
        }
        let path = self.folder.join(id);
        let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        file.try_lock().ok()?;
        Some(Gone { id: id.to_owned(), path, _file: file })
    }

    /// Everybody who is gone.
    pub(super) fn all_gone(&self) -> Result<Vec<Gone>, Trouble> {
        let entries = fs::read_dir(&self.folder).map_err(Trouble::of_file(&self.folder))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| self.gone(&name)).collect())
    }

    /// In a forked child, which shares the lock (`flock`) with its parent: as long as one of the two has the file open, the
    /// parent counts as alive.
    pub(super) fn let_go(&mut self) {
        self.file = None;
    }

    /// As the end of its process does, also while another test's new process still has the file: each has, until it runs
    /// its program.
    #[cfg(test)]
    pub(super) fn die(&self) {
        if let Some(file) = &self.file {
            file.unlock().unwrap();
        }
    }

    /// For the end, when no lease names it any more.
    pub(super) fn remove(&self) {
        // In a forked child it is its parent's, who still uses it.
        if self.process.is_current() {
            // What stays behind is found and removed by the next one who opens the store.
            let _ = fs::remove_file(self.folder.join(&self.id));
        }
    }
}

impl Gone {
    /// For when no lease names it any more.
    pub(super) fn remove(self) {
        // What stays behind is found and removed by the next one who opens the store.
        let _ = fs::remove_file(&self.path);
    }
}

/// The folder beside the store at `path`, made if it is not there.
pub(super) fn folder_of(path: &Path) -> Result<PathBuf, Trouble> {
    let folder = super::file::beside(path, "-holders");
    make(&folder).map_err(Trouble::of_file(&folder))?;
    Ok(folder)
}

fn new_id() -> Result<String, Trouble> {
    let number = entropy::number();
    let number = number.map_err(|_| {
        Trouble::Found(StoreFailureKind::Unavailable, "the operating system gives no entropy")
    })?;
    Ok(format!("{number:032x}"))
}

fn is_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// A new file with its lock; `None` if another process was faster with the lock.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
