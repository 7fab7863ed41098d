//! Connecting, to one server or to a cluster.

use grantline_core::{SecretText, StoreFailure, StoreFailureKind};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, Pipeline, RedisFuture, RedisResult, TlsCertificates,
    Value,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::failure::broke;
use crate::stores::{kept, tls};

/// What every connection of a store is made by.
#[derive(Clone)]
pub(super) enum Connector {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// A handle, which many operations use at once.
#[derive(Clone)]
pub(super) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connector {
    pub(super) fn to_one(url: &SecretText, root_certificates: Option<&[u8]>) -> Result<Self, StoreFailure> {
        let client = client(url, root_certificates)?;
        choose_provider(&client);
        Ok(Self::One(Box::new(client)))
    }

    pub(super) fn to_cluster(
        urls: &[SecretText],
        root_certificates: Option<&[u8]>,
    ) -> Result<Self, StoreFailure> {
        let mut nodes = Vec::new();
        for url in urls {
            let client = client(url, root_certificates)?;
            choose_provider(&client);
            nodes.push(client.get_connection_info().clone());
        }
        let mut builder = ClusterClient::builder(nodes)
            .connection_timeout(kept::LIMIT)
            .response_timeout(kept::LIMIT)
            .overall_response_timeout(None);
        if let Some(pem) = root_certificates {
            builder = builder.certs(certificates(pem));
        }
        builder.build().map(|client| Self::Cluster(Box::new(client))).map_err(|error| unusable(&error))
    }

    /// The time limit is that of the operation which needs the connection.
    pub(super) async fn connect(&self) -> Result<Connection, StoreFailure> {
        let connected = match self {
            Self::One(client) => {
                let none =
                    AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
                client.get_multiplexed_async_connection_with_config(&none).await.map(Connection::One)
            }
            Self::Cluster(client) => client.get_async_connection().await.map(Connection::Cluster),
        };
        connected.map_err(|error| broke(&error).failure)
    }
}

impl kept::Connection for Connection {
    /// The client does not tell.
    fn has_ended(&self) -> bool {
        false
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

fn client(url: &SecretText, root_certificates: Option<&[u8]>) -> Result<Client, StoreFailure> {
    let opened: RedisResult<Client> = match root_certificates {
        Some(pem) => {
            tls::roots(pem)?;
            Client::build_with_tls(url.expose_secret(), certificates(pem))
        }
        None => Client::open(url.expose_secret()),
    };
    opened.map_err(|error| unusable(&error))
}

fn certificates(root: &[u8]) -> TlsCertificates {
    TlsCertificates { client_tls: None, root_cert: Some(root.to_vec()) }
}

/// For TLS, chooses the cryptography for the whole process unless the application has: this client asks rustls for that
/// choice, and rustls panics instead of choosing where another crate has enabled a second kind.
fn choose_provider(client: &Client) {
    let is_tls = matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. });
    if is_tls && CryptoProvider::get_default().is_none() {
        // Somebody else may have been faster, which is as good.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}

/// The error's own words may quote the URL.
fn unusable(error: &redis::RedisError) -> StoreFailure {
    let detail = format!("the Redis URL cannot be used: {}", error.category());
    StoreFailure::new(StoreFailureKind::Denied, detail)
}
