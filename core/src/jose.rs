//! Signed JSON Web Tokens, and the keys that verify them (RFC 7515, 7517, 7518, 7519), read as strictly as RFC 8725 asks.

mod algorithm;
mod compact;
mod edwards;
mod json;
mod keys;
mod roca;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
mod signature;

pub use algorithm::SigningAlgorithm;
pub(crate) use compact::{Compact, Malformed, base64url};
pub(crate) use json::{is_object, object};
pub use keys::{KeySet, VerifyingKey};
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCryptoVerifier;
pub use signature::SignatureVerifier;
pub(crate) use signature::Verdict;
