//! Sessions: what a user granted, kept under a name, refreshed by one holder at a time.

mod complete;
mod end;
mod fresh;
mod identity;
mod key;
mod lease;
mod list;
mod memory;
mod place;
mod record;

pub(crate) use complete::complete_login;
pub(crate) use end::end;
pub use end::{EndedSession, Revocation};
pub(crate) use fresh::{Landing, Want, fresh_token, longest_lease};
pub(crate) use identity::identity;
pub use key::{SessionId, SessionKey};
pub(crate) use list::{abandoned, list};
pub(crate) use place::Unsaved;
pub(crate) use record::SessionRecord;
