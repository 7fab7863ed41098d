//! The store in Redis.

mod connection;
mod failure;
mod list;
mod reply;
mod scripts;
mod settings;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::collections::BTreeMap;

use super::kept::{self, Broke, Kept};
use super::{Perform, Store};
use connection::{Connection, Connector};
use failure::broke;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use grantline_core::{
    Collection, RecordKey, RecordOperation, SecretText, StoreFailure, StoreFailureKind, StoreReply,
    StoreRequest, Which,
};
use list::List;

/// Where a Redis server or cluster is, and how it is spoken to.
///
/// It has to be Redis 6 or later, or what speaks as it does (Valkey), and to allow `EVALSHA`, `SCRIPT LOAD`, `TIME`,
/// `ZRANGEBYLEX`, `HMGET` and what the scripts use, on keys that begin with `grantline:`. It keeps what it was told as
/// well as it was configured to: with `appendonly yes` and `appendfsync always` an acknowledged record survives a
/// power cut, with `everysec` the last second may be lost, and without them all since the last snapshot; a failover
/// loses what had not reached the replica. `maxmemory-policy` has to be `noeviction`, or grants are thrown away.
///
/// All records of a registration are in one slot of a cluster, so that they can be listed: a cluster spreads
/// registrations, not the sessions of one.
///
/// Over TLS, opening the store chooses rustls' cryptography for the whole process (`CryptoProvider::install_default`, with
/// `aws_lc_rs`) unless the application has: choose another one before.
#[derive(Clone)]
#[must_use]
pub struct RedisOptions {
    urls: Vec<SecretText>,
    is_cluster: bool,
    root_certificates: Option<Vec<u8>>,
}

impl RedisOptions {
    /// A server by its URL: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or
    /// `redis+unix:///path`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { urls: vec![SecretText::new(url)], is_cluster: false, root_certificates: None }
    }

    /// A cluster by the URLs of some of its nodes, which name the others.
    pub fn cluster<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        let urls = urls.into_iter().map(SecretText::new).collect();
        Self { urls, is_cluster: true, root_certificates: None }
    }

    /// Trusts these root certificates, in PEM, instead of the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// The store. It connects when it is first used, and again whenever the connection broke.
    ///
    /// Errors: `Denied`, if a URL or the certificates cannot be read.
    pub fn open(self) -> Result<Store, StoreFailure> {
        let roots = self.root_certificates.as_deref();
        let connector = match self.urls.as_slice() {
            [url] if !self.is_cluster => Connector::to_one(url, roots)?,
            urls => Connector::to_cluster(urls, roots)?,
        };
        Ok(Store::elsewhere(RedisStore { options: self, connector, connection: Kept::default() }))
    }
}

impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions").finish_non_exhaustive()
    }
}

impl Store {
    /// Sessions in Redis, which many processes and hosts share. [`RedisOptions`] says what it needs and promises.
    ///
    /// Errors: as [`RedisOptions::open`].
    pub fn redis(url: impl Into<String>) -> Result<Self, StoreFailure> {
        RedisOptions::new(url).open()
    }
}

struct RedisStore {
    options: RedisOptions,
    connector: Connector,
    connection: Kept<Connection>,
}

impl Perform for RedisStore {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        async move {
            let may_be_repeated = kept::may_be_repeated(&request);
            let reply = match request {
                StoreRequest::On { key, operation } => self.on(&key, &operation, may_be_repeated).await,
                StoreRequest::List { collection, which, after, limit } => {
                    self.list(&collection, which, after.as_deref(), limit).await
                }
                _ => Err(unknown()),
            };
            reply.unwrap_or_else(StoreReply::Failed)
        }
        .boxed()
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        self.options.clone().open()
    }

    fn settings(&self) -> BoxFuture<'_, Result<BTreeMap<String, String>, StoreFailure>> {
        let ask = |mut connection| async move {
            settings::read(&mut connection).await.map_err(|error| broke(&error))
        };
        self.connection.perform(|| self.connect(), true, ask).boxed()
    }
}

impl RedisStore {
    async fn on(
        &self,
        key: &RecordKey,
        operation: &RecordOperation,
        may_be_repeated: bool,
    ) -> Result<StoreReply, StoreFailure> {
        let invocation = &scripts::invocation(key, operation).ok_or_else(unknown)?;
        let run = move |mut connection| async move {
            let answer: Result<Vec<Vec<u8>>, _> = invocation.invoke_async(&mut connection).await;
            reply::reply(answer.map_err(|error| broke(&error))?).map_err(Broke::from)
        };
        self.connection.perform(|| self.connect(), may_be_repeated, run).await
    }

    async fn list(
        &self,
        collection: &Collection,
        which: Which,
        after: Option<&str>,
        limit: u32,
    ) -> Result<StoreReply, StoreFailure> {
        let list = &List { collection, which, limit: usize::try_from(limit).unwrap_or(usize::MAX) };
        let ask = move |mut connection| async move {
            let page = list.page(&mut connection, after).await;
            page.map(StoreReply::Listed).map_err(|error| broke(&error))
        };
        self.connection.perform(|| self.connect(), true, ask).await
    }

    fn connect(&self) -> BoxFuture<'static, Result<Connection, StoreFailure>> {
        let connector = self.connector.clone();
        async move { connector.connect().await }.boxed()
    }
}

fn unknown() -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Misbehaved, "the Redis store does not know this request")
}
