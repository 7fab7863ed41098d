//! One emulator: what it holds, its routes, and the loop that serves them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};

use crate::access::{self, Access, PortalHost};
use crate::app_state::{AppState, Shared};
use crate::bounded::bounded;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::Keys;
use crate::notices::Deliveries;
use crate::observe::observe;
use crate::registry::Registry;
use crate::state::State;
use crate::state_file::{self, Saved, StateError, StateFile, Unwritten};
use crate::{
    admin, api, authorize, discovery, health, introspection, logout, portal, revocation, token, unrouted,
    userinfo,
};

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
    #[error(
        "{0} is no address that clients could call; add `issuer` to the configuration, the URL that they do call"
    )]
    NoIssuer(IpAddr),
    /// The state file does not hold what an emulator can begin with.
    #[error(transparent)]
    State(#[from] StateError),
    /// The system refused a key, a thread or a runtime.
    #[error("cannot start: {0} failed; the system is out of a resource, so try again")]
    System(&'static str),
}

/// Why an emulator ended by itself, or could not keep its state at the end.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system takes no more connections.
    #[error("cannot go on accepting connections: {0}; the system is out of a resource, so try again")]
    Accept(#[from] std::io::Error),
    /// What changed since the last time that the state file was written is lost.
    #[error(transparent)]
    State(#[from] StateError),
}

/// An emulator that is bound; [`Server::serve`] answers.
pub struct Server {
    listener: TcpListener,
    shared: Shared,
    state_file: Option<Arc<StateFile>>,
}

impl Server {
    /// Binds `address` (port 0 for any free one) and begins to make the signing keys.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the configuration, the address or the system is in the way.
    pub fn bind(address: SocketAddr, config: Config) -> Result<Self, StartError> {
        config.check()?;
        Self::assemble(address, config, None, None)
    }

    /// The same with what a state file has, which is written while it serves, soon after each change.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the file, the address or the system is in the way.
    pub fn resume(address: SocketAddr, mut file: StateFile) -> Result<Self, StartError> {
        file.config().check()?;
        let saved = file.take_saved();
        Self::assemble(address, file.config().clone(), saved, Some(file))
    }

    fn assemble(
        address: SocketAddr,
        mut config: Config,
        saved: Option<Saved>,
        file: Option<StateFile>,
    ) -> Result<Self, StartError> {
        let (listener, address) = listen(address)?;
        let issuer = match &config.issuer {
            Some(issuer) => issuer.clone(),
            None if address.ip().is_unspecified() => return Err(StartError::NoIssuer(address.ip())),
            None => format!("http://{address}"),
        };
        let (clock, changes) = (Clock::default(), Changes::default());
        clock.set_offset(config.clock_offset_s);
        // From here on they are counted where they wait, and no part of the configuration.
        let first_faults = std::mem::take(&mut config.faults);
        let (faults, keys, tables) = match (saved, &file) {
            (Some(Saved { faults, keys, tables }), Some(file)) => {
                let keys = Keys::restore(keys, &changes);
                (faults, keys.map_err(|_| file.damaged("its keys are none"))?, tables)
            }
            _ => (first_faults, Keys::begin(&changes), State::default()),
        };
        let shared = AppState {
            issuer,
            address,
            access: Access::at(address),
            keys,
            clock,
            journal: Journal::default(),
            faults: Faults::new(faults, &changes),
            deliveries: Deliveries::default(),
            tables: Mutex::new(tables),
            registry: Registry::new(config, &changes),
            changes,
            unwritten: Unwritten::default(),
        };
        Ok(Self { listener, shared: Arc::new(shared), state_file: file.map(Arc::new) })
    }

    /// The issuer: the base URL without a trailing slash.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Lets other machines use the portal and the test controls, where they call it by one of these names. Whoever reaches
    /// the address can then do all that the portal does. An earlier call's names are forgotten.
    pub fn dangerously_let_in_by(&self, hosts: &[PortalHost]) {
        self.shared.access.allow(hosts);
    }

    /// Where a browser finds the portal; `None` where it listens at an address that the portal does not answer at.
    pub fn portal_url(&self) -> Option<String> {
        access::portal_url(&self.shared.access, self.shared.address, portal::PATH)
    }

    pub(crate) fn shared(&self) -> Shared {
        Arc::clone(&self.shared)
    }

    /// Answers requests until `shutdown` completes; open connections are then cut, and the state file, if there is one,
    /// is written for the last time.
    ///
    /// # Errors
    ///
    /// [`ServeError`]: the system accepts no more connections, or the last state could not be written.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { listener, shared, state_file } = self;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let service = router(Arc::clone(&shared)).into_make_service_with_connect_info::<SocketAddr>();
        let keep = async {
            match &state_file {
                Some(file) => state_file::keep(file, &shared).await,
                None => std::future::pending().await,
            }
        };
        let served = tokio::select! {
            served = axum::serve(listener, service).into_future() => served,
            () = shutdown => Ok(()),
            () = keep => Ok(()),
        };
        if let Some(file) = &state_file {
            state_file::save(file, &shared).await?;
        }
        Ok(served?)
    }
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}

/// Where an emulator listens unless told otherwise: any free port of loopback.
pub(crate) const ANY_LOOPBACK_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What is not journaled and meets no fault.
fn unobserved(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route(health::PATH, get(health::health))
        .merge(portal::routes(shared))
        .layer(from_fn(bounded))
        .merge(admin::routes(shared))
}

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
        .fallback(unrouted::not_found)
        .method_not_allowed_fallback(unrouted::not_allowed)
        .layer(from_fn_with_state(Arc::clone(&shared), observe))
        .merge(unobserved(&shared))
        .with_state(shared)
}

#[cfg(test)]
mod tests;
