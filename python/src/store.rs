//! Where sessions are kept.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grantline::fork::Owned;
use grantline::{Error, PostgresOptions, RedisOptions, StoreFailure, StoreFailureKind};
use pyo3::prelude::*;

use crate::client::Pem;
use crate::error::raised;
use crate::own_store::{Blobs, Methods, OF_BLOBS, OF_SHARED, Shared};

/// A place for sessions: `Client(store=...)`. Clients that are given the same object share the place.
///
/// What leaves the memory of a process is sealed, so every store but memory wants `sealing_keys` as well.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct Store {
    place: Place,
    /// As this process opened it. The lock is taken by who holds the GIL alone, and the GIL is not released under it: so
    /// no fork finds it taken.
    opened: Mutex<Owned<grantline::Store>>,
}

enum Place {
    Memory,
    Sqlite(PathBuf),
    Redis(RedisOptions),
    Postgres(PostgresOptions),
    /// A forked child has it not.
    Blobs(Owned<Arc<Methods>>),
    Shared(Arc<Methods>),
}

impl Place {
    fn open(&self) -> Result<grantline::Store, StoreFailure> {
        match self {
            Self::Memory => Ok(grantline::Store::memory()),
            Self::Sqlite(path) => grantline::Store::sqlite(path),
            Self::Redis(options) => options.clone().open(),
            Self::Postgres(options) => options.clone().open(),
            Self::Blobs(store) => {
                let detail = "a blob store serves one process, and this is a child of it: make a Store here";
                let denied = || StoreFailure::new(StoreFailureKind::Denied, detail);
                let store = store.get().ok_or_else(denied)?;
                Ok(grantline::Store::blobs(Blobs(Arc::clone(store))))
            }
            Self::Shared(store) => Ok(grantline::Store::shared(Shared(Arc::clone(store)))),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "sqlite",
            Self::Redis(_) => "redis",
            Self::Postgres(_) => "postgres",
            Self::Blobs(_) => "blobs",
            Self::Shared(_) => "shared",
        }
    }
}

impl Store {
    fn open(py: Python<'_>, place: Place) -> PyResult<Self> {
        let store = py.detach(|| place.open()).map_err(|failure| raised(Error::Store(failure)))?;
        Ok(Self { place, opened: Mutex::new(Owned::new(store)) })
    }

    /// Whether several processes use it at a time.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self.place, Place::Memory | Place::Blobs(_))
    }

    /// The store for a client of this process. A forked child opens it anew: what its parent opened is the parent's.
    pub(crate) fn in_this_process(&self, py: Python<'_>) -> PyResult<grantline::Store> {
        if let Some(store) = self.opened().get() {
            return Ok(store.clone());
        }
        let store = py.detach(|| self.place.open()).map_err(|failure| raised(Error::Store(failure)))?;
        *self.opened() = Owned::new(store.clone());
        Ok(store)
    }

    fn opened(&self) -> MutexGuard<'_, Owned<grantline::Store>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Store {
    /// Sessions that live as long as the process, in its memory: for tests, scripts, and whoever logs in anew at each
    /// start. A forked child begins without them.
    #[staticmethod]
    fn memory(py: Python<'_>) -> PyResult<Self> {
        Self::open(py, Place::Memory)
    }

    /// Sessions in an SQLite file, which any number of processes of this machine and user share. It is made if it is not
    /// there, for its owner alone; its folder has to be there, on a local disk.
    ///
    /// Raises `StoreError`: `store_denied` if the file or its folder may not be written, `store_damaged` if something
    /// else is there, `store_too_new`, `store_unavailable`.
    #[staticmethod]
    fn sqlite(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::open(py, Place::Sqlite(path))
    }

    /// Sessions in Redis, which many processes and hosts share. It has to run with `maxmemory-policy noeviction`, or
    /// grants are thrown away; what survives a power cut is what its `appendfsync` says.
    ///
    /// `url`: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or `redis+unix:///path`.
    /// `root_certificates`: roots to trust instead of the system's, in PEM. It connects when it is first used.
    /// Raises `StoreError` (`store_denied`) for a URL or certificates that cannot be read.
    #[staticmethod]
    #[pyo3(signature = (url, *, root_certificates=None))]
    fn redis(py: Python<'_>, url: String, root_certificates: Option<Pem>) -> PyResult<Self> {
        let options = RedisOptions::new(url);
        let options = match root_certificates {
            Some(pem) => options.root_certificates(pem.into_bytes()),
            None => options,
        };
        Self::open(py, Place::Redis(options))
    }

    /// Sessions in a PostgreSQL database, which many processes and hosts share, in two tables, which it makes. It works
    /// behind a pooler in transaction mode.
    ///
    /// `url`: `postgres://user:password@host:port/database`. TLS is required and its certificates verified, but on
    /// loopback or a Unix socket; `sslmode=disable` is a server elsewhere that has none. `root_certificates`: roots to
    /// trust instead of the system's, in PEM. It connects when it is first used.
    /// Raises `StoreError` (`store_denied`) for a URL or certificates that cannot be read.
    #[staticmethod]
    #[pyo3(signature = (url, *, root_certificates=None))]
    fn postgres(py: Python<'_>, url: String, root_certificates: Option<Pem>) -> PyResult<Self> {
        let options = PostgresOptions::new(url);
        let options = match root_certificates {
            Some(pem) => options.root_certificates(pem.into_bytes()),
            None => options,
        };
        Self::open(py, Place::Postgres(options))
    }

    /// Sessions in a place of the application that one process uses at a time, such as a keychain or a file: an object
    /// with the methods of `grantline.BlobStore`, sync or async ones. A forked child cannot use it.
    ///
    /// Sync methods run on threads of their own, async ones on the event loop that runs where this is called: such a
    /// client is closed within it, by `async with` or `aclose`. What they raise is `store_misbehaved`, but for a
    /// `StoreError`, which keeps its code. `grantline.testing.check_store` checks the rest.
    ///
    /// Raises `TypeError` if a method is missing, `RuntimeError` if one is async and no event loop runs here.
    #[staticmethod]
    fn blobs(py: Python<'_>, store: &Bound<'_, PyAny>) -> PyResult<Self> {
        let store = Arc::new(Methods::of(store, OF_BLOBS)?);
        Self::open(py, Place::Blobs(Owned::new(store)))
    }

    /// Sessions in a place of the application that many processes share, such as a table of its own: an object with the
    /// methods of `grantline.SharedStore`, otherwise as for `blobs`. A forked child uses the object as it is: whether
    /// its connections bear that is up to the application. Async methods it cannot use, since their event loop is the
    /// parent's.
    #[staticmethod]
    fn shared(py: Python<'_>, store: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::open(py, Place::Shared(Arc::new(Methods::of(store, OF_SHARED)?)))
    }

    fn __repr__(&self) -> String {
        format!("<grantline.Store {}>", self.place.name())
    }
}
