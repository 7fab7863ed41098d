//! Length limits in bytes, as Visma Connect has them by default.

pub(crate) const CLIENT_ID: usize = 100;
pub(crate) const CLIENT_SECRET: usize = 100;
pub(crate) const SCOPE: usize = 300;
pub(crate) const REDIRECT_URI: usize = 400;
pub(crate) const CODE: usize = 100;
pub(crate) const REFRESH_TOKEN: usize = 100;
pub(crate) const NONCE: usize = 300;
pub(crate) const UI_LOCALES: usize = 100;
pub(crate) const LOGIN_HINT: usize = 100;
pub(crate) const ACR_VALUES: usize = 300;

/// RFC 7636, sections 4.1 and 4.2: verifier and challenge alike.
pub(crate) const PROOF_KEY: std::ops::RangeInclusive<usize> = 43..=128;

/// The largest request body that is read into memory.
pub(crate) const BODY: usize = 64 * 1024;

/// The largest request body that is read off the wire, so that its sender sees the 413.
pub(crate) const DRAIN: usize = 64 * 1024 * 1024;
