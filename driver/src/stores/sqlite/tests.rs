//! What is peculiar to the file: whose it is, who holds leases in it, and what can be wrong with it.

mod bad_files;
mod holders;
mod keeping;
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use grantline_core::{
    Attempt, Collection, Generation, Millis, Now, Record, RecordKey, RecordKind, RecordOperation,
    SecretBytes, StoreReply, StoreRequest, UnixMillis, Which,
};
use tempfile::TempDir;

use super::database::{Database, Works as _};
use super::failure::Trouble;
use crate::stores::clock::TestClock;

const LEASE: Duration = Duration::from_secs(25);
const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };

/// A folder with a file in it, and a clock for whoever opens it. Removed at the end.
struct Place {
    folder: PathBuf,
    clock: TestClock,
    _kept: TempDir,
}

impl Place {
    fn new() -> Self {
        let kept = TempDir::new().unwrap();
        Self { folder: kept.path().to_owned(), _kept: kept, clock: TestClock::at(NOW) }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("sessions.db")
    }

    fn holders(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder.join("sessions.db-holders"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect()
    }

    fn try_open(&self) -> Result<Database, Trouble> {
        Database::open(&self.path(), self.clock.clock(), soon())
    }

    fn open(&self) -> Database {
        self.try_open().unwrap()
    }

    /// The file without us.
    fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }
}

impl Database {
    fn on(&mut self, operation: RecordOperation) -> StoreReply {
        self.on_named("a", operation)
    }

    fn on_named(&mut self, name: &str, operation: RecordOperation) -> StoreReply {
        let path = self.path.clone();
        let request = StoreRequest::On { key: key(name), operation };
        self.perform(request, &|| true).unwrap_or_else(|trouble| StoreReply::Failed(trouble.at(&path)))
    }

    fn begin(&mut self, attempt: u128) -> StoreReply {
        self.on(RecordOperation::Begin { attempt: Attempt(attempt), ttl: LEASE })
    }

    fn names(&mut self, which: Which) -> Vec<String> {
        let list = StoreRequest::List { collection: key("").collection, which, after: None, limit: 10 };
        match self.perform(list, &|| true).unwrap() {
            StoreReply::Listed(entries) => entries.into_iter().map(|entry| entry.name).collect(),
            other => panic!("a list was answered by {other:?}"),
        }
    }
}

/// Nothing here takes so long.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn key(name: &str) -> RecordKey {
    let collection = Collection::new(RecordKind::Session, "https://issuer.example", "client");
    RecordKey { collection, name: name.to_owned() }
}

fn record(generation: u64) -> Record {
    Record::new(Generation(generation), SecretBytes::new(format!("record {generation}").into_bytes()))
}

fn create(generation: u64) -> RecordOperation {
    RecordOperation::Create { record: record(generation) }
}

fn commit(spent: u64) -> RecordOperation {
    RecordOperation::Commit { spent: Generation(spent), record: record(spent + 1) }
}

/// What a process leaves that ends without a word: its lock is free, and nothing else has changed.
fn killed(database: Database) {
    database.die();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

impl Database {
    fn pragma(&self, name: &str) -> String {
        let value: rusqlite::types::Value =
            self.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap();
        match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    fn set_pragma(&self, name: &str, value: i64) {
        self.connection.pragma_update(None, name, value).unwrap();
    }
}
