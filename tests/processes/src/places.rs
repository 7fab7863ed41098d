//! The stores that processes share, each started and emptied here.

use grantline::{Error, Store};
use grantline_test_servers::{Postgres, Redis};
use tempfile::TempDir;

use crate::failure::{Result, cannot};
use crate::job::Place;

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Redis,
    Postgresql,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Redis, Self::Postgresql];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
            Self::Postgresql => "postgresql",
        }
    }

    /// Whether the lease of a holder that was killed ends with it, and not by its time.
    pub(crate) fn frees_at_once(self) -> bool {
        self == Self::Sqlite
    }

    /// A new and empty store of this kind.
    pub(crate) fn start(self) -> Result<Running> {
        Ok(match self {
            Self::Sqlite => Running::File(folder()?),
            Self::Redis => Running::Redis(Redis::start().map_err(cannot("start Redis"))?),
            Self::Postgresql => Running::Postgres(Postgres::start().map_err(cannot("start PostgreSQL"))?),
        })
    }
}

/// Never one that was there before: a connection of the scenario before that still closes removes the write-ahead log by
/// its path.
fn folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("grantline-processes-")
        .tempdir()
        .map_err(cannot("create a temporary folder"))
}

/// A store that lives as long as this value.
pub(crate) enum Running {
    File(TempDir),
    Redis(Redis),
    Postgres(Postgres),
}

impl Running {
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::File(folder) => Place::Sqlite(folder.path().join("sessions.sqlite")),
            Self::Redis(server) => Place::Redis(server.url()),
            Self::Postgres(server) => Place::Postgresql(server.url("postgres")),
        }
    }
}

impl Place {
    /// Whether a process that is stopped keeps everybody from writing: opening SQLite's file writes to it.
    pub(crate) fn has_stuck_writer(&self) -> bool {
        matches!(self, Self::Sqlite(_)) && self.open().is_err_and(|error| error.code() == "store_unavailable")
    }

    /// The store itself, as every process opens it.
    pub(crate) fn open(&self) -> Result<Store, Error> {
        let store = match self {
            Self::Sqlite(path) => Store::sqlite(path),
            Self::Redis(url) => Store::redis(url.as_str()),
            Self::Postgresql(url) => Store::postgres(url.as_str()),
        };
        store.map_err(Error::Store)
    }
}
