//! An OAuth 2.x and OpenID Connect authorization server on loopback that behaves like Visma Connect,
//! or, in [`Mode::Standard`], as the RFCs say. For tests and offline work: its default credentials are
//! public, and it keeps everything in memory unless it has a [`StateFile`].
//!
//! A test starts one on a free port and talks HTTP to it:
//!
//! ```
//! use grantline_emulator::{Config, Emulator};
//!
//! let emulator = Emulator::start(Config::default())?;
//! assert!(emulator.issuer().starts_with("http://127.0.0.1:"));
//! emulator.stop();
//! # Ok::<(), grantline_emulator::StartError>(())
//! ```

mod access;
mod admin;
mod api;
mod app_state;
mod authorize;
mod basic;
mod bearer;
mod bounded;
mod changes;
mod clock;
mod config;
mod control;
mod cors;
mod discovery;
mod emulator;
mod faults;
mod grants;
mod health;
mod introspection;
mod journal;
mod keys;
mod limits;
mod live;
mod logout;
mod notices;
mod observe;
mod pages;
mod params;
mod portal;
mod random;
mod refusal;
mod registry;
mod revocation;
mod server;
mod state;
mod state_file;
mod suggestion;
mod token;
mod unrouted;
mod userinfo;
mod visit;
mod wrong;

pub use access::{PortalHost, PortalHostError};
pub use authorize::{Landing, LoginError};
pub use clock::Clock;
pub use config::{
    Api, Application, ApplicationType, Config, ConfigError, Consent, DEFAULT_TOML, Mode, RefreshPolicy,
    Secret, Tenant, User,
};
pub use control::{ApprovalError, ClientType, ControlError, NewSecrets, NewUser, TenantDetails, UserDetails};
pub use emulator::Emulator;
pub use faults::{
    AccessTokenFault, CannedReply, DiscoveryFault, Fault, FaultError, FaultKind, IdTokenFault, JwksFault,
    LogoutTokenFault, Reply, UserinfoFault, WebhookFault,
};
pub use grants::{BegunGrant, GrantError, GrantRequest};
pub use journal::{
    AuthMethod, Check, JOURNAL_LENGTH, Parameter, RecordedAnswer, RecordedRequest, RequestFilter,
};
pub use keys::{KeyRotation, RotationError, SigningAlgorithm};
pub use notices::{Attempt, Delivery, NoticeKind};
pub use server::{ServeError, Server, StartError};
pub use state::{GrantEnd, GrantReport, SessionReport};
pub use state_file::{StateError, StateFile, StateNews};
