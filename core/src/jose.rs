//! Signed JSON Web Tokens, and the keys that verify them (RFC 7515, 7517, 7518, 7519), read as strictly as RFC 8725 asks.

mod algorithm;
mod compact;
mod json;

pub use algorithm::SigningAlgorithm;
pub(crate) use compact::{Compact, Malformed};
