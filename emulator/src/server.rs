//! One emulator: what it holds, its routes, and the loop that serves them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};

use crate::app_state::{AppState, Shared};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::cors::cors;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::Keys;
use crate::notices::Deliveries;
use crate::observe::observe;
use crate::registry::Registry;
use crate::{admin, api, authorize, discovery, introspection, logout, revocation, token, userinfo};

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration contradicts itself.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// All addresses were asked for, and none is what clients would call it.
    #[error("listening on {0} needs `issuer` in the configuration: the URL that clients call")]
    NoIssuer(IpAddr),
    /// The system refused a key, a thread or a runtime.
    #[error("cannot start: {0} failed; the system is out of a resource, so try again")]
    System(&'static str),
}

/// An emulator that is bound and holds its keys; [`Server::serve`] answers.
pub struct Server {
    listener: TcpListener,
    shared: Shared,
}

impl Server {
    /// Binds `address` (port 0 for any free one) and makes the signing keys.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the configuration, the address or the system is in the way.
    pub fn bind(address: SocketAddr, mut config: Config) -> Result<Self, StartError> {
        config.check()?;
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let issuer = match &config.issuer {
            Some(issuer) => issuer.clone(),
            None if address.ip().is_unspecified() => return Err(StartError::NoIssuer(address.ip())),
            None => format!("http://{address}"),
        };
        let clock = Clock::default();
        clock.set_offset(config.clock_offset_s);
        let shared = AppState {
            issuer,
            address,
            keys: Keys::generate().map_err(|_| StartError::System("making keys"))?,
            clock,
            journal: Journal::default(),
            // From here on they are counted where they wait, and no part of the configuration.
            faults: Faults::new(std::mem::take(&mut config.faults)),
            deliveries: Deliveries::default(),
            tables: Mutex::default(),
            registry: Registry::new(config),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// The issuer: the base URL without a trailing slash.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    pub(crate) fn shared(&self) -> Shared {
        Arc::clone(&self.shared)
    }

    /// Answers requests until `shutdown` completes; open connections are then cut.
    ///
    /// # Errors
    ///
    /// The system's, when it cannot go on accepting connections.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let service = router(self.shared).into_make_service_with_connect_info::<SocketAddr>();
        tokio::select! {
            served = axum::serve(listener, service).into_future() => served,
            () = shutdown => Ok(()),
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}

/// Where an emulator listens unless told otherwise: any free port of loopback.
pub(crate) const ANY_LOOPBACK_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn router(shared: Shared) -> Router {
    let [openid, oauth] = discovery::METADATA_PATHS;
    Router::new()
        .route(openid, get(discovery::metadata))
        .route(oauth, get(discovery::metadata))
        .route(discovery::JWKS_PATH, get(discovery::jwks))
        .route("/connect/token", any(token::endpoint))
        .route("/connect/revocation", any(revocation::endpoint))
        .route("/connect/introspect", any(introspection::endpoint))
        .merge(authorize::routes())
        .merge(logout::routes())
        .route("/connect/userinfo", get(userinfo::endpoint).post(userinfo::endpoint))
        .route("/api/invoices", get(api::invoices))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(Arc::clone(&shared), observe))
        .layer(from_fn_with_state(Arc::clone(&shared), cors))
        .merge(admin::routes(&shared))
        .with_state(shared)
}
