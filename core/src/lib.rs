//! The sans-IO core of grantline: an OAuth 2.x and OpenID Connect client that decides everything and does nothing.
//!
//! Tokens for services, logins of users, sessions that outlive both: what to send, what to believe of an answer, when
//! a token is too old, who waits for whom, what ends a session and what must not. All of that is here, once. Sending,
//! storing and waiting are not: whoever drives core does them, so core runs under any runtime, in a browser, and in a
//! test that simulates years in a second.
//!
//! # House rules
//!
//! - **No I/O.** A [`Flow`] that needs something done asks for an [`Effect`], and goes on with the [`Reply`].
//! - **No clock.** The time is an argument: [`Now`] comes with every call and every reply. It holds two readings, since
//!   the wall clock may jump and a monotonic clock knows no dates.
//! - **No entropy.** Each operation gets a [`Seed`] of its own, 32 bytes from the system's secure source. The same
//!   seed and the same inputs give the same bytes.
//! - **Secrets are types**: redacted in every `Debug` and every message, wiped on drop, read by `expose_secret`.
//! - **Errors say whose fault it is and what to do**: [`Error::fault`], [`Error::advice`], and a stable
//!   [`Error::code`]. [`catalogue`] lists every refusal with the rule that it rests on.
//! - **What has to survive the process is data**: [`PendingLogin::to_record`] and the [`Record`] of a session begin
//!   with a version, and every release reads what an older one wrote.
//!
//! # One flow by hand
//!
//! An operation is one async function that awaits nothing but effects. [`Flow::step`] runs it to its next effect or to
//! its end:
//!
//! 1. Step with [`Reply::Start`].
//! 2. [`Step::Do`]: perform the effect, once, and step with what became of it. A failure is a reply, too: it says
//!    whether the request can have been [`Sent`].
//! 3. [`Step::Done`]: the outcome.
//! 4. [`Step::Ignored`]: that reply was not awaited, and nothing changed.
//!
//! Dropping the flow cancels it. Here is a whole login, with the server's part played by the last lines:
//!
//! ```
//! use grantline_core::*;
//!
//! /// The pump: what every driver does, for one flow.
//! fn run<T>(mut flow: Flow<T>, now: Now, send: impl Fn(&HttpRequest) -> HttpReply) -> Result<T, Error> {
//!     let mut step = flow.step(Reply::Start, now);
//!     while let Step::Do(Effect::Http(request)) = &step {
//!         step = flow.step(Reply::Http(send(request)), now);
//!     }
//!     let Step::Done(outcome) = step else { unreachable!("a login by hand asks for HTTP only") };
//!     outcome
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let app = WebApp::new(
//!     Registration::new(Provider::visma_connect(), "isv_invoices")
//!         .client_secret(ClientSecret::new("from the Developer Portal"))
//!         .redirect_uri("https://app.example/callback"),
//! )?;
//! let entropy = |byte| Seed::new([byte; 32]); // in the place of the system's secure source
//! let now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };
//!
//! // The user presses "log in": send the browser to `begun.url` with the cookie, and keep the pending login.
//! let request = LoginRequest::new(Scopes::list(["offline_access", "visma_api:read"])?)
//!     .response_mode(ResponseMode::FormPost)
//!     .app_data("next=/invoices");
//! let begun = run(app.begin_login(request, entropy(1)), now, server)?;
//! let cookie = begun.binding.as_ref().map(BrowserBinding::set_cookie);
//! let kept = begun.pending.to_record()?;
//! assert!(begun.url.starts_with("https://connect.visma.com/connect/authorize?response_type=code&client_id=isv_"));
//!
//! // The provider has the browser post to the redirect URI, and the browser brings its cookie along.
//! let posted = format!("code=the-code&iss=https%3A%2F%2Fconnect.visma.com&state={}", begun.pending.state());
//! let header = cookie.iter().flat_map(|cookie| cookie.expose_secret().split(';').next()).collect::<String>();
//!
//! // Is it this login, this browser, this server?
//! let pending = PendingLogin::from_record(kept.expose_secret())?;
//! let callback = Callback::form_post(posted);
//! let validated = app.check_callback(&pending, &callback, &Binding::cookie_header(&header), now.wall)?;
//!
//! // Only a validated callback can be exchanged.
//! let login = run(app.exchange(validated, entropy(2)), now, server)?;
//! assert_eq!(login.grant.access_token.expose_secret(), "an-access-token");
//! assert_eq!(login.app_data.as_deref(), Some("next=/invoices"));
//!
//! // A forged one cannot.
//! let forged = Callback::form_post("code=stolen&state=guessed");
//! let refused = app.check_callback(&pending, &forged, &Binding::cookie_header(header), now.wall);
//! assert_eq!(refused.unwrap_err().code(), "state_mismatch");
//! # Ok(())
//! # }
//!
//! /// In the place of a performer: `request` would go out, and this came back.
//! fn server(request: &HttpRequest) -> HttpReply {
//!     assert_eq!((request.method, &*request.url), (Method::Post, "https://connect.visma.com/connect/token"));
//!     let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
//!     let tokens = r#"{"access_token":"an-access-token","token_type":"Bearer","expires_in":3600,
//!         "refresh_token":"a-refresh-token"}"#;
//!     Ok(HttpResponse { status: 200, headers, body: SecretBytes::new(tokens.into()) })
//! }
//! ```
//!
//! # Many flows in an engine
//!
//! An [`Engine`] keeps the tokens of all sessions in memory, lets everybody who wants one token share one flight, and
//! minds deadlines and timers. Whoever pumps it does as the numbered steps say:
//!
//! 1. [`Engine::call`] begins an [`Operation`], or joins the flight of the same token.
//! 2. [`Engine::next`] until it is empty: perform each [`Todo::Do`] in a task of its own, or decline it after its
//!    deadline; give up the effect of each [`Todo::Cancel`].
//! 3. [`Engine::reply`] with what became of an effect. Late and repeated replies are [`Receipt::Stale`] and harmless.
//! 4. [`Engine::advance`] when the clock that counts suspend passes [`Engine::wake_at`].
//! 5. [`Engine::next_outcome`] until it is empty: hand each outcome to the caller that waits for it.
//! 6. After each of 1, 3 and 4 begin at 2 again.
//!
//! A caller who goes away says [`Engine::forget`]: what others wait for, and what has to be saved, goes on. Two callers
//! who want one token:
//!
//! ```
//! use grantline_core::*;
//!
//! # fn main() -> Result<(), Error> {
//! let app = ServiceApp::new(
//!     Registration::new(Provider::visma_connect(), "isv_invoices")
//!         .client_secret(ClientSecret::new("from the Developer Portal")),
//! )?;
//! let tenant = TenantChoice::tenant("11111111-1111-4111-8111-111111111111")?;
//! let request = ServiceTokenRequest::new(tenant, Scopes::list(["visma_api:read"])?);
//! let token = || Operation::ServiceToken { app: app.clone(), request: request.clone(), newer_than: None };
//! let entropy = |byte| Seed::new([byte; 32]); // in the place of the system's secure source
//! let now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };
//!
//! let engine = Engine::new();
//! let one = engine.call(token(), entropy(1), now);
//! let other = engine.call(token(), entropy(2), now);
//!
//! // One request for both, and nothing else to do.
//! let Some(Todo::Do { id, effect: Effect::Http(_), .. }) = engine.next() else { panic!("a request goes out") };
//! assert_eq!(engine.next(), None);
//!
//! // The first goes away; the answer comes, and the other has its token.
//! engine.forget(one);
//! let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
//! let body = r#"{"access_token":"shared","token_type":"Bearer","expires_in":3600}"#;
//! let answer = HttpResponse { status: 200, headers, body: SecretBytes::new(body.into()) };
//! assert_eq!(engine.reply(id, Reply::Http(Ok(answer)), now), Receipt::Accepted);
//! let Some((caller, Ok(Output::Token(token)))) = engine.next_outcome() else { panic!("it has come") };
//! assert_eq!((caller, token.expose_secret()), (other, "shared"));
//!
//! // From now on, whoever holds the token's place reads it without a call, a lock or an allocation.
//! let place = engine.service_slot(&app, &request);
//! let (token, freshness) = place.look(now).expect("it is fresh for an hour");
//! assert_eq!((token.expose_secret(), freshness), ("shared", Freshness::Fresh));
//! # Ok(())
//! # }
//! ```

mod attach;
mod circuit;
mod directory;
mod effect;
mod engine;
mod environment;
mod error;
mod event;
mod flow;
mod http;
mod id_token;
mod inspect;
mod introspection;
mod jose;
mod login;
mod logout;
mod provider;
mod registration;
mod scopes;
mod seal;
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
mod user_info;
mod webhook;

pub use attach::{ApiAccess, ApiOrigins, ApiRefusal, ApiRefusalReason, AttachedRequest, Verdict};
pub use effect::{Effect, Reply};
pub use engine::{
    CallId, EffectId, Engine, LoggedIn, Operation, Outcome, Output, Receipt, Rescue, Settings, Slot, Todo,
};
pub use error::{
    Advice, ClockDifference, Endpoint, Error, Fault, Misuse, Reason, ServerError, SessionError, SignedToken,
    Transport, Unsupported, Violation, catalogue, samples,
};
pub use event::{EndReason, Event, Subject};
pub use flow::{Flow, Stale, Step};
pub use http::{
    DEFAULT_HTTP_TIMEOUT, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, HttpResponse,
    MAX_RESPONSE_BODY, Method, SHORTEST_HTTP_TIMEOUT, Sent,
};
pub use id_token::{IdTokenClaims, IdTokenExpectations};
pub use inspect::{Inspection, inspect};
pub use introspection::Introspection;
#[cfg(feature = "rustcrypto")]
pub use jose::RustCryptoVerifier;
pub use jose::{KeySet, SignatureVerifier, SigningAlgorithm, VerifyingKey};
pub use login::{
    BegunLogin, Binding, BrowserBinding, Callback, CompletedLogin, Grant, Judgement, LoginApp, LoginRequest,
    NativeApp, PendingLogin, Prompt, ResponseMode, SinglePageApp, StoredLogin, ValidatedCallback, WebApp,
};
pub use logout::{LogoutNotice, LogoutRedirect, LogoutRequest};
pub use provider::{ClientAuthenticationMethod, Provider};
pub use registration::Registration;
pub use scopes::Scopes;
pub use seal::{SealingKey, SealingKeys};
pub use secret::{
    AuthorizationCode, BearerToken, ClientSecret, CodeVerifier, RawIdToken, RefreshToken, SecretBytes,
    SecretText,
};
pub use seed::Seed;
pub use service::{ServiceApp, ServiceTokenRequest};
pub use session::{EndedSession, Revocation, SessionId, SessionKey};
pub use store::{
    Attempt, Change, Collection, End, Entry, Lease, Mark, Record, RecordKey, RecordKind, RecordOperation,
    Row, SetMark, StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which,
};
pub use tenant::TenantChoice;
pub use time::{Millis, Now, UnixMillis};
pub use token::{AccessToken, Freshness, Generation};
pub use uri::is_loopback;
pub use user_info::UserInfo;
pub use webhook::WebhookEvent;
