//! Sessions: what a user granted, kept under a name, refreshed by one holder at a time.

mod key;
mod record;
mod refresh;

pub use key::{SessionId, SessionKey};
pub(crate) use refresh::{Want, complete_login, fresh_token};
