//! The file on the disk: replaced as a whole, readable by its owner alone, used by one emulator at a time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::StateError;

/// The lock that keeps other emulators away. The system lets go of it with the process, however that ends; its file
/// stays.
pub(super) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, StateError> {
        let beside = beside(path, ".lock");
        let failed = |source| StateError::Write { path: beside.clone(), source };
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(false);
        let file = owners_alone(file).open(&beside).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// `None` where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateError::Read { path: path.to_owned(), source }),
    }
}

/// At no time is the file half written: the new one takes the place of the old one when it is on the disk.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let new = beside(path, ".new");
    write_anew(&new, bytes).map_err(|source| StateError::Write { path: new.clone(), source })?;
    let replaced = fs::rename(&new, path).and_then(|()| sync_folder(path));
    replaced.map_err(|source| StateError::Write { path: path.to_owned(), source })
}

fn write_anew(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(path) {
        // Of an emulator that was killed while it wrote.
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = owners_alone(OpenOptions::new().create_new(true).write(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

#[cfg(unix)]
fn owners_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Windows gives a file the rights of its folder.
#[cfg(not(unix))]
fn owners_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// So that the new name outlasts a loss of power.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}
