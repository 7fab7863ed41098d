//! ID tokens (OpenID Connect Core section 2): what they say, and when that may be believed.

mod claims;
mod refreshed;
mod validate;

pub use claims::IdTokenClaims;
pub(crate) use claims::{Reader, moment};
pub(crate) use refreshed::check_refreshed;
pub use validate::IdTokenExpectations;
pub(crate) use validate::{
    LOGOUT_EVENT, check_kind, check_times, issuer_and_audience, parse, validate, verify, verify_with,
};
