//! The sans-IO core of grantline.
mod effect;
mod engine;
mod error;
mod flow;
mod http;
mod login;
mod provider;
mod registration;
mod scopes;
mod secret;
mod seed;
mod service;
mod session;
mod store;
mod tenant;
mod time;
mod token;
mod token_endpoint;
mod uri;

pub use effect::{Effect, Reply};
pub use engine::{CallId, EffectId, Engine, LoggedIn, Operation, Outcome, Output, Receipt, Slot, Todo};
pub use error::{
    Advice, Endpoint, Error, Fault, Misuse, Reason, ServerError, SessionError, Transport, Unsupported,
    Violation, catalogue,
};
pub use flow::{Flow, Stale, Step};
pub use http::{
    DEFAULT_HTTP_TIMEOUT, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse,
    MAX_RESPONSE_BODY, Method, Sent,
};
pub use login::{
    BegunLogin, Binding, BrowserBinding, Callback, CompletedLogin, Grant, LoginApp, LoginRequest, NativeApp,
    PendingLogin, Prompt, ResponseMode, SinglePageApp, ValidatedCallback, WebApp,
};
pub use provider::{ClientAuthenticationMethod, Provider};
pub use registration::Registration;
pub use scopes::Scopes;
pub use secret::{
    AuthorizationCode, BearerToken, ClientSecret, CodeVerifier, RawIdToken, RefreshToken, SecretBytes,
    SecretText,
};
pub use seed::Seed;
pub use service::{ServiceApp, ServiceTokenRequest};
pub use session::{SessionId, SessionKey};
pub use store::{Attempt, End, Record, StoreReply, StoreRequest};
pub use tenant::TenantChoice;
pub use time::{Millis, Now, UnixMillis};
pub use token::{AccessToken, Freshness, Generation};
