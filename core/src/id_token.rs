//! ID tokens (OpenID Connect Core section 2): what they say, and when that may be believed.

mod claims;
mod refreshed;

pub(crate) use refreshed::check_refreshed;
