//! The store in PostgreSQL.

mod connection;
mod failure;
mod rows;
mod schema;
mod settings;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use grantline_core::{SecretText, StoreFailure, StoreFailureKind, StoreReply, StoreRequest};
use tokio_postgres::Client;

use super::clock::StoreClock;
use super::kept::{Broke, Connection, Kept, may_be_repeated};
use super::retention::{SWEPT_AT_ONCE, Sweeps};
use super::{Perform, Store};
use connection::Connector;
use rows::{Rows, sweep};

/// Statements wait for the disk one after the other on a connection, and together on several.
const CONNECTIONS: usize = 4;

/// Where a PostgreSQL database is, and how it is spoken to.
///
/// The server needs PostgreSQL 13 or later. Its tables `grantline_schema` and `grantline_records` are created when the
/// store is first used; a role that may not create them needs `SELECT` on both and `INSERT`, `UPDATE` and `DELETE` on the
/// second. A record that was acknowledged survives a power cut unless the server runs with `synchronous_commit` or
/// `fsync` off.
///
/// Every statement is a transaction of its own and leaves nothing in the session, so a pooler in transaction mode
/// (PgBouncer, Supavisor, RDS Proxy) may stand between. A process opens up to four connections.
#[derive(Clone)]
#[must_use]
pub struct PostgresOptions {
    url: SecretText,
    root_certificates: Option<Vec<u8>>,
}

impl PostgresOptions {
    /// A database by its URL: `postgres://user:password@host:port/database?sslmode=require`.
    ///
    /// Certificates are always verified, as `verify-full` of other clients has it. Without `sslmode` TLS is required, but
    /// for a server on loopback or a Unix socket; `sslmode=disable` is a server elsewhere that has none.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: SecretText::new(url), root_certificates: None }
    }

    /// Trusts these root certificates, in PEM, instead of the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// The store. It connects when it is first used, and again whenever a connection broke.
    ///
    /// Errors: `Denied`, if the URL or the certificates cannot be read.
    pub fn open(self) -> Result<Store, StoreFailure> {
        self.open_by(StoreClock::default())
    }

    fn open_by(self, clock: StoreClock) -> Result<Store, StoreFailure> {
        let connector = Connector::new(self.url.expose_secret(), self.root_certificates.as_deref())?;
        Ok(Store::elsewhere(PostgresStore {
            options: self,
            connector: Arc::new(connector),
            lines: Default::default(),
            has_schema: AtomicBool::new(false),
            clock,
            sweeps: Sweeps::default(),
        }))
    }
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions").finish_non_exhaustive()
    }
}

impl Store {
    /// Sessions in a PostgreSQL database, which many processes and hosts share. [`PostgresOptions`] says what it needs
    /// and promises.
    ///
    /// Errors: as [`PostgresOptions::open`].
    pub fn postgres(url: impl Into<String>) -> Result<Self, StoreFailure> {
        PostgresOptions::new(url).open()
    }
}

struct PostgresStore {
    options: PostgresOptions,
    connector: Arc<Connector>,
    lines: [Line; CONNECTIONS],
    has_schema: AtomicBool,
    /// For the sweeps alone: leases count by the database's own.
    clock: StoreClock,
    sweeps: Sweeps,
}

/// A connection, and how much waits for it.
#[derive(Default)]
struct Line {
    kept: Kept<Arc<Client>>,
    /// Each operation under way holds it as well.
    busy: Arc<()>,
}

impl Connection for Arc<Client> {
    fn has_ended(&self) -> bool {
        self.is_closed()
    }
}

impl Line {
    fn load(&self) -> usize {
        Arc::strong_count(&self.busy)
    }
}

impl Perform for PostgresStore {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        async move {
            let line = self.line();
            let _busy = Arc::clone(&line.busy);
            let connect = || {
                let connector = Arc::clone(&self.connector);
                async move { connector.connect().await }.boxed()
            };
            let request = &request;
            let work = |client| self.over(client, request);
            let reply = line.kept.perform(connect, may_be_repeated(request), work).await;
            reply.unwrap_or_else(StoreReply::Failed)
        }
        .boxed()
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        self.options.clone().open_by(self.clock.clone())
    }

    fn settings(&self) -> BoxFuture<'_, Result<BTreeMap<String, String>, StoreFailure>> {
        let connect = || {
            let connector = Arc::clone(&self.connector);
            async move { connector.connect().await }.boxed()
        };
        let read = |client: Arc<Client>| async move { settings::read(&client).await };
        self.line().kept.perform(connect, true, read).boxed()
    }
}

impl PostgresStore {
    /// The first of those with the least to do: who does one thing after the other opens one connection.
    fn line(&self) -> &Line {
        let [first, others @ ..] = &self.lines;
        others.iter().fold(first, |best, line| if line.load() < best.load() { line } else { best })
    }

    /// Before the operation, whose answer it must not hold up once there is one. It is of use to the database alone, so
    /// what failed now is tried again in an hour; one who may not delete may still read.
    async fn sweep_if_due(&self, client: &Client) {
        if self.sweeps.are_due(self.clock.now().boot)
            && sweep(client, SWEPT_AT_ONCE).await.is_ok_and(|swept| swept >= u64::from(SWEPT_AT_ONCE))
        {
            self.sweeps.go_on();
        }
    }

    async fn over(&self, client: Arc<Client>, request: &StoreRequest) -> Result<StoreReply, Broke> {
        if !self.has_schema.load(Ordering::Relaxed) {
            schema::provide(&client).await?;
            self.has_schema.store(true, Ordering::Relaxed);
        }
        self.sweep_if_due(&client).await;
        let rows = Rows(&client);
        match request {
            StoreRequest::On { key, operation } => rows.on(key, operation).await,
            StoreRequest::List { collection, which, after, limit } => {
                rows.list(collection, *which, after.as_deref(), *limit).await
            }
            _ => Err(unknown().into()),
        }
    }
}

fn unknown() -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Misbehaved, "the PostgreSQL store does not know this request")
}
