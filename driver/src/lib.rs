//! grantline: an OAuth 2.x and OpenID Connect client whose grants are never lost.
//!
//! To be written out by the documentation pass.

mod apps;
mod call;
mod client;
mod clock;
mod entropy;
mod http;
mod memory_store;
mod outside;
mod pump;
mod runtime;
mod token_source;

pub use apps::{LoggedIn, NativeApp, ServiceApp, Session, SinglePageApp, WebApp};
pub use call::Call;
pub use client::{Client, ClientBuilder};
pub use clock::now;
pub use outside::HttpWork;
pub use token_source::TokenSource;

pub use grantline_core as core;
pub use grantline_core::{
    AccessToken, Advice, BegunLogin, Binding, BrowserBinding, Callback, ClientAuthenticationMethod,
    ClientSecret, EffectId, Endpoint, Error, Fault, Freshness, Generation, HttpFailure, HttpFailureKind,
    HttpReply, HttpRequest, HttpResponse, LoginRequest, Method, Millis, Misuse, Now, PendingLogin, Prompt,
    Provider, Registration, ResponseMode, Scopes, SecretBytes, SecretText, Sent, ServerError,
    ServiceTokenRequest, SessionError, SessionId, TenantChoice, Transport, UnixMillis, Unsupported,
    Violation,
};
