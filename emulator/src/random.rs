//! Random identifiers and the small encodings around them.

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 256 random bits as 43 characters: a code, a token, a transaction id.
pub(crate) fn identifier() -> String {
    base64url(&bytes::<32>())
}

/// A random UUID (RFC 9562, version 4).
pub(crate) fn uuid() -> String {
    uuid::Builder::from_random_bytes(bytes()).into_uuid().to_string()
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "AWS-LC itself ends the process when the system has no entropy")]
    rand::fill(&mut bytes).expect("the system's random generator works");
    bytes
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn sha256(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, data).as_ref().to_vec()
}
