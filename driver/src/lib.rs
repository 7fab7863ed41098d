//! An OAuth 2.x and OpenID Connect client whose grants are never lost.
//!
//! This crate does the I/O; everything is decided in [`core`], which a program may also drive by itself. A
//! [`Client`] serves a whole process: it keeps tokens in memory, fetches the next one before the last one ends, and
//! lets everybody who wants the same token share one request.
//!
//! The four application types are the provider's own: [`ServiceApp`], [`WebApp`], [`NativeApp`] and
//! [`SinglePageApp`]. Each refuses what its type may not do before anything is sent.
//!
//! Every operation gives a [`Call`], which has begun already. Await it under any executor, or
//! [`wait`](Call::wait) for it on a thread. A caller that goes away drops it: a refresh or a service token goes on for the
//! others and is kept.
//!
//! # A service token for one tenant
//!
//! ```no_run
//! # fn main() -> Result<(), grantline::Error> {
//! use grantline::{Client, ClientSecret, Provider, Registration, Scopes, ServiceTokenRequest, TenantChoice};
//!
//! let registration = Registration::new(Provider::visma_connect(), "isv_invoices")
//!     .client_secret(ClientSecret::new(std::env::var("CLIENT_SECRET").unwrap_or_default()));
//! let app = Client::new()?.service_app(registration)?;
//!
//! let tenant = TenantChoice::tenant("11111111-1111-4111-8111-111111111111")?;
//! let request = ServiceTokenRequest::new(tenant, Scopes::list(["visma_api:read"])?);
//! let token = app.token(request).wait()?;
//! println!("good until {:?}", token.expires_at());
//! # Ok(())
//! # }
//! ```
//!
//! # A login
//!
//! ```no_run
//! # async fn handlers() -> Result<(), grantline::Error> {
//! use grantline::{Binding, Callback, Client, ClientSecret, LoginRequest, PendingLogin, Provider, Registration, Scopes};
//!
//! let registration = Registration::new(Provider::visma_connect(), "isv_portal")
//!     .client_secret(ClientSecret::new("from your secret store"))
//!     .redirect_uri("https://app.example/callback");
//! let app = Client::new()?.web_app(registration)?;
//!
//! // The handler that sends the user away: keep the record under its state, set the cookie, redirect.
//! let scopes = Scopes::list(["openid", "offline_access", "visma_api:read"])?;
//! let begun = app.begin_login(LoginRequest::new(scopes).app_data("/invoices")).await?;
//! let (key, record) = (begun.pending.state().to_owned(), begun.pending.to_record()?);
//! let set_cookie = begun.binding.map(|binding| binding.set_cookie());
//!
//! // The handler of the redirect URI: the raw query, and the raw Cookie header.
//! # let (query, cookies, kept) = ("", "", record.expose_secret());
//! let callback = Callback::query(query);
//! let pending = PendingLogin::from_record(kept)?; // found by callback.state()
//! let done = app.complete_login(pending, callback, Binding::cookie_header(cookies)).await?;
//! let token = done.session.fresh_token().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # A login on the user's own device
//!
//! [`NativeApp::log_in_with_browser`] opens the system's browser and listens on loopback for its answer;
//! [`NativeApp::begin_browser_login`] leaves the URL and the waiting to the program.
//!
//! ```no_run
//! # async fn log_in() -> Result<(), grantline::Error> {
//! use grantline::{BrowserLoginOptions, Client, LoginRequest, Provider, Registration, Scopes};
//!
//! let registration =
//!     Registration::new(Provider::visma_connect(), "isv_desktop").redirect_uri("http://127.0.0.1/callback");
//! let app = Client::new()?.native_app(registration)?;
//!
//! let request = LoginRequest::new(Scopes::list(["openid", "offline_access", "visma_api:read"])?);
//! let options = BrowserLoginOptions::default().show_url(|url| eprintln!("open this in a browser: {url}"));
//! let done = app.log_in_with_browser(request, options).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # API requests
//!
//! [`Api`] puts a token on the requests to the origins that you name, and on no other; one that the API refuses it
//! replaces once. [`TokenSource::peek`] is for HTTP clients of another make.
//!
//! ```no_run
//! # async fn example(session: grantline::Session, http: reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use grantline::ApiOrigins;
//!
//! let api = session.api(ApiOrigins::new(["https://api.example"])?);
//! let answer = api.send(&http, http.get("https://api.example/v1/invoices").build()?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it tells
//!
//! [`Client::events`] tells of refreshes that failed, sessions that ended, stores in trouble. The same goes to
//! [`tracing`](https://docs.rs/tracing), with a span for each operation and counters as fields.
//!
//! # The end of the process, and a child of it
//!
//! [`Client::shutdown`] waits until what has been sent is answered and saved. A forked child goes on with the same
//! handles: see [`Client`].

mod api;
mod apps;
mod call;
mod client;
mod clock;
mod entropy;
mod events;
#[doc(hidden)]
pub mod fork;
mod http;
mod loopback;
mod mutex;
mod outside;
mod pump;
mod runtime;
pub mod sealing_keys;
mod signatures;
mod stores;
mod telemetry;
mod token_source;

pub use api::{Api, ApiError, ApiLayer, ApiResponse, ApiService};
pub use apps::{BegunLogout, LoggedIn, NativeApp, ServiceApp, Session, SinglePageApp, WebApp};
pub use call::Call;
pub use client::{Client, ClientBuilder};
pub use clock::now;
pub use events::{Events, Notice};
pub use loopback::{BrowserLogin, BrowserLoginOptions, LoginPage};
pub use outside::HttpWork;
pub use signatures::AwsLcVerifier;
#[cfg(feature = "postgres")]
pub use stores::PostgresOptions;
#[cfg(feature = "redis")]
pub use stores::RedisOptions;
pub use stores::{BlobStore, BoxFuture, SharedStore, Snapshot, Store, Versioned};

pub use stores::contract as store_contract;
pub use token_source::TokenSource;

pub use grantline_core as core;
pub use grantline_core::{
    AccessToken, Advice, ApiOrigins, ApiRefusal, ApiRefusalReason, BegunLogin, Binding, BrowserBinding,
    Callback, ClientAuthenticationMethod, ClientSecret, EffectId, EndReason, Endpoint, Error, Event, Fault,
    Freshness, Generation, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse, IdTokenClaims,
    IdTokenExpectations, Inspection, Introspection, KeySet, LoginRequest, LogoutNotice, LogoutRedirect,
    LogoutRequest, Method, Millis, Misuse, Now, PendingLogin, Prompt, Provider, RawIdToken, Registration,
    ResponseMode, Revocation, Scopes, SealingKey, SealingKeys, SecretBytes, SecretText, Sent, ServerError,
    ServiceTokenRequest, SessionError, SessionId, SignatureVerifier, SigningAlgorithm, StoreFailure,
    StoreFailureKind, StoredLogin, Subject, TenantChoice, Transport, UnixMillis, Unsupported, UserInfo,
    Violation, WebhookEvent, inspect,
};

/// The Rust examples of docs/visma.md have to compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/visma.md")]
struct Guide;

/// And those of docs/native.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/native.md")]
struct NativeGuide;

/// And those of docs/web.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/web.md")]
struct WebGuide;
