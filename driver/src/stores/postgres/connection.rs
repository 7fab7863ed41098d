//! Connecting.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;

use grantline_core::{StoreFailure, StoreFailureKind, is_loopback};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::broke;
use crate::stores::tls;

/// What every connection of a store is made by.
pub(super) struct Connector {
    config: Config,
    /// `None`: TLS is not wanted.
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(url: &str, root_certificates: Option<&[u8]>) -> Result<Self, StoreFailure> {
        let mut config: Config = url.parse().map_err(|error| unreadable(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(denied("the PostgreSQL URL names no host"));
        }
        if config.get_application_name().is_none() {
            config.application_name("grantline");
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            // It would fall back to plain text wherever somebody in between says so.
            config.ssl_mode(if stays_here(&config) { SslMode::Disable } else { SslMode::Require });
        }
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls_config(root_certificates)?)),
        };
        Ok(Self { config, tls })
    }

    /// A connection, which is served by a task of the runtime that this is awaited on.
    pub(super) async fn connect(&self) -> Result<Arc<Client>, StoreFailure> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()).await.map(|(client, connection)| {
                // How it ends, the next statement is told.
                tokio::spawn(async move { drop(connection.await) });
                client
            }),
            None => self.config.connect(NoTls).await.map(|(client, connection)| {
                tokio::spawn(async move { drop(connection.await) });
                client
            }),
        };
        client.map(Arc::new).map_err(|error| broke(&error).failure)
    }
}

fn tls_config(root_certificates: Option<&[u8]>) -> Result<ClientConfig, StoreFailure> {
    let roots = match root_certificates {
        Some(pem) => tls::roots(pem)?,
        None => roots_of_the_system(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| denied(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What of them cannot be read is not trusted, which a handshake will tell.
fn roots_of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Whether no network is in between.
fn stays_here(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_loopback(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// The error's own words may quote the URL, but for those that name an option.
fn unreadable(error: &tokio_postgres::Error) -> StoreFailure {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let known = ["sslmode", "port", "hostaddr", "connect_timeout", "target_session_attrs", "channel_binding"];
    let option = known.into_iter().find(|option| text == format!("invalid value for option `{option}`"));
    match option {
        Some("sslmode") => denied(
            "the PostgreSQL URL has an unknown `sslmode`: it is `require`, which verifies the certificate and the \
             name, or `disable`",
        ),
        Some(option) => denied(format!("the PostgreSQL URL has an invalid value for `{option}`")),
        None => denied(
            "the PostgreSQL URL cannot be read: percent-encode what is special in the user's name and the password",
        ),
    }
}

fn denied(detail: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Denied, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Connector::new(url, None).map(|connector| connector.config.get_ssl_mode()).unwrap()
    }

    #[test]
    fn tls_is_required_unless_the_server_is_here_or_the_url_declines_it() {
        assert_eq!(mode("postgres://user@db.example/app"), SslMode::Require);
        assert_eq!(mode("postgres://user@db.example/app?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://user@db.example/app?sslmode=disable"), SslMode::Disable);
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://user@{here}/app")), SslMode::Disable, "{here}");
        }
        assert_eq!(mode("postgres://user@localhost/app?sslmode=require"), SslMode::Require);
        assert_eq!(mode("host=db.example hostaddr=127.0.0.1 user=u"), SslMode::Disable);
        assert_eq!(mode("host=localhost hostaddr=192.0.2.1 user=u"), SslMode::Require);
    }

    fn refused(url: &str) -> String {
        let failure = Connector::new(url, None).err().unwrap();
        assert_eq!(failure.kind, StoreFailureKind::Denied);
        failure.to_string()
    }

    #[test]
    fn a_url_that_cannot_be_read_is_refused_without_its_password() {
        for url in [
            "postgres://user:pass@hunter2:word@db.example/app",
            "postgres://user@db.example/app?hunter2=1",
            "user:hunter2@db.example/app",
            "postgres://:hunter2@",
        ] {
            assert!(!refused(url).contains("hunter2"), "{}", refused(url));
        }
        assert!(refused("postgres://u@h/d?sslmode=verify-full").contains("it is `require`,"));
    }
}
