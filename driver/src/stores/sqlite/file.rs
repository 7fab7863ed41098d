//! Opening the file.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use grantline_core::StoreFailureKind;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::failure::Trouble;
use super::rows::SCHEMA;
use crate::mutex::lock;

/// What the header of our files says (`application_id`): "grnt".
const APPLICATION: i64 = 0x6772_6e74;

/// The version that this release writes (`user_version`), and the highest that it reads.
const VERSION: i64 = 1;

/// The file at that path, made if there is none, for nobody but its owner; and its one true path, by which all processes
/// find the same holders.
///
/// It is opened here only if nobody else has it yet, and while nobody connects: closing a file gives back all locks that
/// the process has on it, SQLite's too ("How To Corrupt An SQLite Database File", section 2.2).
pub(super) fn make(path: &Path) -> Result<PathBuf, Trouble> {
    let _opening = opening();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    // SQLite gives its other files (-wal, -shm) the mode of this one.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Trouble::of_file(path)(error));
        }
        _ => {}
    }
    fs::canonicalize(path).map_err(Trouble::of_file(path))
}

/// One at a time opens a file in this process.
fn opening() -> MutexGuard<'static, ()> {
    static OPENING: Mutex<()> = Mutex::new(());

    lock(&OPENING)
}

/// A connection to a database of ours. `until`: how long others may be in the way.
pub(super) fn connect(path: &Path, until: Instant) -> Result<Connection, Trouble> {
    loop {
        match try_connect(path, until) {
            // While another process makes the file or recovers it, SQLite does not always wait.
            Err(trouble) if trouble.is_busy() && Instant::now() < until => {
                thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// One more, which only reads.
pub(super) fn connect_for_reading(path: &Path) -> Result<Connection, Trouble> {
    let _opening = opening();
    let connection = open(path)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

fn try_connect(path: &Path, until: Instant) -> Result<Connection, Trouble> {
    let _opening = opening();
    let mut connection = open(path)?;
    connection.busy_timeout(until.saturating_duration_since(Instant::now()))?;
    // Before anything is written: it may be somebody else's.
    is_ours(&connection)?;
    keep_to_owner(path)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Trouble::Found(StoreFailureKind::Denied, "there is no write-ahead log in this place"));
    }
    // An answer that was given is on the disk; fullfsync makes that true on Apple's systems.
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA trusted_schema = OFF;")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_ours(&transaction)? {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(connection)
}

/// Takes away what others may do with it, as they may after `touch`, a copy or a restored backup. Nothing is opened for
/// that, see [`make`].
#[cfg(unix)]
fn keep_to_owner(path: &Path) -> Result<(), Trouble> {
    for end in ["", "-wal", "-shm", "-holders"] {
        let path = beside(path, end);
        match take_from_others(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Trouble::of_file(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(unix)]
fn take_from_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut permissions = fs::metadata(path)?.permissions();
    let mode = permissions.mode();
    match mode & 0o077 {
        0 => Ok(()),
        others => {
            permissions.set_mode(mode & !others);
            fs::set_permissions(path, permissions)
        }
    }
}

/// Elsewhere a file's rights are a list of its own, and those of a user's folders keep others out.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn keep_to_owner(_: &Path) -> Result<(), Trouble> {
    Ok(())
}

/// The path of what stands beside the file, by the end of its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Whether it is ours already; not yet, if it is empty.
fn is_ours(connection: &Connection) -> Result<bool, Trouble> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    match number("PRAGMA application_id")? {
        APPLICATION if version == VERSION => Ok(true),
        APPLICATION if version > VERSION => {
            Err(Trouble::Found(StoreFailureKind::TooNew, "a newer release of grantline wrote this database"))
        }
        0 if version == 0 && tables == 0 => Ok(false),
        _ => Err(Trouble::Found(StoreFailureKind::Damaged, "this is the database of another program")),
    }
}
