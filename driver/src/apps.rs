//! The four application types, at work with a client.

mod login;
mod service;
mod session;

pub(crate) use login::Login;
pub use login::{LoggedIn, NativeApp, SinglePageApp, WebApp};
pub use service::ServiceApp;
pub use session::{BegunLogout, Session};
