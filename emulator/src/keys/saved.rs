//! Keys as the state file holds them: PKCS #8 in base64url.

use aws_lc_rs::error::Unspecified;
use serde::{Deserialize, Serialize};

use crate::random::{base64url, from_base64url};

/// All keys that are published, private parts included: no `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedKeys {
    pub(super) current: SavedSet,
    pub(super) older: Vec<SavedSet>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SavedSet {
    pub(super) rsa: SavedKey,
    pub(super) p256: SavedKey,
    pub(super) p384: SavedKey,
    pub(super) ed25519: SavedKey,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SavedKey {
    pub(super) kid: String,
    pkcs8: String,
}

impl SavedKey {
    pub(super) fn new(kid: &str, pkcs8: &[u8]) -> Self {
        Self { kid: kid.to_owned(), pkcs8: base64url(pkcs8) }
    }

    pub(super) fn pkcs8(&self) -> Result<Vec<u8>, Unspecified> {
        from_base64url(&self.pkcs8).ok_or(Unspecified)
    }
}
