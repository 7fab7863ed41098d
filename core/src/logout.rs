//! The end of a user's session at the provider: asked for here (OpenID Connect RP-Initiated Logout), or told by the provider
//! (Back-Channel Logout).

mod begin;
mod notice;

pub(crate) use begin::logout_redirect;
pub use begin::{LogoutRedirect, LogoutRequest};
pub use notice::LogoutNotice;
pub(crate) use notice::{SeenNotices, check_logout_notice};
