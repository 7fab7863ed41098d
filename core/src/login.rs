//! Logins: the authorization code grant with a proof key (RFC 6749 section 4.1, RFC 7636), from the URL that the
//! browser opens to the tokens.

mod app;
mod begin;
mod binding;
mod callback;
mod exchange;
mod operations;
mod pending;
mod pkce;
mod request;
mod stored;
mod types;

pub use app::LoginApp;
pub use begin::BegunLogin;
pub use binding::{Binding, BrowserBinding};
pub use callback::Judgement;
pub use callback::{Callback, ValidatedCallback};
pub use exchange::{CompletedLogin, Grant};
pub(crate) use exchange::{Held, exchange_code, refresh_grant};
pub use pending::PendingLogin;
pub use request::{LoginRequest, Prompt, ResponseMode};
pub use stored::StoredLogin;
pub(crate) use stored::{begin_stored_login, take_stored_login};
pub use types::{NativeApp, SinglePageApp, WebApp};
