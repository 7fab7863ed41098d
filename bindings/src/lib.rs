//! What Kotlin and Swift see of grantline, by UniFFI: annotations and conversions, no decisions.
//!
//! The shells above it, written by hand, are what a user of those languages sees. Whatever holds a secret crosses as
//! an object, since a record's fields are printed by both languages.

mod api;
mod cancel;
mod client;
mod error;
mod event;
mod http;
mod introspection;
mod login;
mod logout;
mod provider;
mod sealing;
mod service;
mod session;
mod store;
mod token;
mod user_info;
mod webhook;

pub use api::{ApiAccess, ApiRefusal, ApiVerdict};
pub use cancel::Cancellation;
pub use client::Client;
pub use error::{NativeError, ServerRefusal};
pub use event::{Event, Events, Subject};
pub use http::{HttpFailureKind, HttpHeader, HttpRequest, HttpWork, HttpWorkId, Sent};
pub use introspection::{Inspection, Introspection, inspect_token};
pub use login::{
    BegunLogin, Binding, BrowserBinding, BrowserLogin, BrowserLoginOptions, IdTokenClaims,
    IdTokenExpectations, JsonValue, LoggedIn, LoginCallback, LoginPage, LoginParameter, LoginRequest,
    NativeApp, PendingLogin, Prompt, ResponseMode, SinglePageApp, StoredLogin, WebApp,
};
pub use logout::{BegunLogout, LogoutNotice, LogoutRedirect};
pub use provider::{ClientAuthenticationMethod, Provider, Registration, SigningAlgorithm};
pub use sealing::SealingKeys;
pub use service::{ServiceApp, TenantChoice, TokenSource};
pub use session::{Revocation, Session};
pub use store::{
    BlobStore, BlobWork, BlobWorkQueue, BrokenRule, SharedStore, SharedWork, SharedWorkQueue, Store,
    StoreFailureKind, StoreReply, StoreReport, StoredBytes, blob_store, shared_store,
};
pub use token::{AccessToken, Scopes};
pub use user_info::UserInfo;
pub use webhook::{WebhookEvent, verify_webhook};

uniffi::setup_scaffolding!();
