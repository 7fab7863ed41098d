//! The store in Redis.

mod failure;
mod list;
mod reply;
mod scripts;
#[cfg(all(test, unix))]
mod tests;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use grantline_core::{
    Collection, RecordKey, RecordOperation, SecretText, StoreFailure, StoreFailureKind, StoreReply,
    StoreRequest, Which,
};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, TlsCertificates};

use super::kept::{Broke, Kept};
use super::{Perform, Store, tls};
use failure::broke;
use list::List;

/// Where a Redis server is, and how it is spoken to.
///
/// The server needs Redis 6 or later, or what speaks as it does (Valkey), and these rights: `EVALSHA`, `SCRIPT LOAD`,
/// `TIME`, `ZRANGEBYLEX`, `HMGET` and what the scripts use, on keys that begin with `grantline:`. It keeps what it was
/// told as well as it was configured to: with `appendonly yes` and `appendfsync always` an acknowledged record
/// survives a power cut, with `everysec` the last second may be lost, and without them all since the last snapshot.
/// `maxmemory-policy` has to be `noeviction`, or grants are thrown away.
///
/// All records of a registration are in one slot of a cluster; one that redirects clients is refused as unavailable.
#[derive(Clone)]
#[must_use]
pub struct RedisOptions {
    url: SecretText,
    root_certificates: Option<Vec<u8>>,
}

impl RedisOptions {
    /// A server by its URL: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or
    /// `redis+unix:///path`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: SecretText::new(url), root_certificates: None }
    }

    /// Trusts these root certificates, in PEM, instead of the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// The store. It connects when it is first used, and again whenever the connection broke.
    ///
    /// Errors: `Denied`, if the URL or the certificates cannot be read.
    pub fn open(self) -> Result<Store, StoreFailure> {
        if let Some(pem) = &self.root_certificates {
            tls::given(pem)?;
        }
        let client = self.client().map_err(|error| {
            // Its own words may quote the URL.
            let detail = format!("the Redis URL cannot be used: {}", error.category());
            StoreFailure::new(StoreFailureKind::Denied, detail)
        })?;
        if matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. }) {
            tls::choose_provider();
        }
        Ok(Store::elsewhere(RedisStore { options: self, client, connection: Arc::default() }))
    }

    fn client(&self) -> redis::RedisResult<Client> {
        let url = self.url.expose_secret();
        match &self.root_certificates {
            Some(pem) => {
                let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) };
                Client::build_with_tls(url, certificates)
            }
            None => Client::open(url),
        }
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
    client: Client,
    connection: Arc<Kept<MultiplexedConnection>>,
}

impl Perform for RedisStore {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        async move {
            let reply = match request {
                StoreRequest::On { key, operation } => self.on(&key, &operation).await,
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
}

impl RedisStore {
    async fn on(&self, key: &RecordKey, operation: &RecordOperation) -> Result<StoreReply, StoreFailure> {
        let invocation = &scripts::invocation(key, operation).ok_or_else(unknown)?;
        let run = move |mut connection| async move {
            let answer: Result<Vec<Vec<u8>>, _> = invocation.invoke_async(&mut connection).await;
            reply::reply(answer.map_err(|error| broke(&error))?).map_err(Broke::from)
        };
        self.connection.perform(|| self.connect(), run).await
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
        self.connection.perform(|| self.connect(), ask).await
    }

    /// Without time limits of its own: those of an operation hold for all that it takes.
    fn connect(&self) -> BoxFuture<'static, Result<MultiplexedConnection, StoreFailure>> {
        let client = self.client.clone();
        async move {
            let limits = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
            let connecting = client.get_multiplexed_async_connection_with_config(&limits);
            connecting.await.map_err(|error| broke(&error).failure)
        }
        .boxed()
    }
}

fn unknown() -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Misbehaved, "the Redis store does not know this request")
}
