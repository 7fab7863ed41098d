//! What SQLite and the file system say, as failures of a store.

use std::io;
use std::path::{Path, PathBuf};

use grantline_core::{StoreFailure, StoreFailureKind};
use rusqlite::{Error, ErrorCode, ffi};

/// Why an operation was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite refused.
    Sqlite(Error),
    /// The system refused something about this file.
    File(PathBuf, io::Error),
    /// What is there cannot be used.
    Found(StoreFailureKind, &'static str),
}

impl Trouble {
    /// Whether another connection is in the way, which it will not be for long.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error) if matches!(code(error), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)))
    }

    pub(super) fn of_file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File(path, error)
    }

    /// As the store at that path tells it.
    pub(super) fn at(self, path: &Path) -> StoreFailure {
        let (kind, path, detail) = match self {
            Self::Sqlite(error) => (kind(&error), path.to_owned(), with_code(&error)),
            Self::File(path, error) => {
                let detail = missing_folder(&path, &error).unwrap_or_else(|| error.to_string());
                (kind_of_file(error.kind()), path, detail)
            }
            Self::Found(kind, detail) => (kind, path.to_owned(), detail.to_owned()),
        };
        StoreFailure::new(kind, format!("{}: {detail}", path.display()))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

/// What the system means by "not found" where a file was to be made.
fn missing_folder(path: &Path, error: &io::Error) -> Option<String> {
    let folder =
        path.parent().filter(|folder| error.kind() == io::ErrorKind::NotFound && !folder.exists())?;
    Some(format!("the folder {} does not exist: make it first, or choose another path", folder.display()))
}

/// With SQLite's extended result code: "disk I/O error" alone has thirty meanings.
fn with_code(error: &Error) -> String {
    match error.sqlite_extended_error_code() {
        Some(code) => format!("{error} (SQLite {code})"),
        None => error.to_string(),
    }
}

fn code(error: &Error) -> Option<ErrorCode> {
    error.sqlite_error_code()
}

fn kind(error: &Error) -> StoreFailureKind {
    // The only one of its group that tells of no room: the file of the WAL's index could not grow.
    if error.sqlite_extended_error_code() == Some(ffi::SQLITE_IOERR_SHMSIZE) {
        return StoreFailureKind::Full;
    }
    match code(error) {
        Some(ErrorCode::DiskFull | ErrorCode::TooBig) => StoreFailureKind::Full,
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied,
        ) => StoreFailureKind::Denied,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreFailureKind::Damaged,
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory,
        ) => StoreFailureKind::Unavailable,
        Some(_) => StoreFailureKind::Misbehaved,
        None => kind_of_value(error),
    }
}

/// Errors that rusqlite itself finds: a column that does not hold what this library writes.
fn kind_of_value(error: &Error) -> StoreFailureKind {
    match error {
        Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..) => StoreFailureKind::Damaged,
        _ => StoreFailureKind::Misbehaved,
    }
}

fn kind_of_file(kind: io::ErrorKind) -> StoreFailureKind {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreFailureKind::Full,
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename => StoreFailureKind::Denied,
        _ => StoreFailureKind::Unavailable,
    }
}
