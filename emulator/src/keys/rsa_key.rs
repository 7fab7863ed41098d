//! An RSA key. To make one takes a tenth of a second, sometimes several: another thread does it meanwhile.

use std::sync::{Arc, OnceLock};
use std::thread;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use serde_json::{Value, json};

use super::saved::SavedKey;
use super::set::thumbprint;
use crate::random::base64url;

/// A key that is there, or will be soon; clones are the same key.
#[derive(Clone)]
pub(super) struct RsaKey {
    made: Arc<OnceLock<Result<Made, Unspecified>>>,
    /// The `kid`, where it is not the key's own.
    named: Option<String>,
}

pub(super) struct Made {
    pub(super) pair: KeyPair,
    pub(super) kid: String,
}

impl RsaKey {
    /// Begins to make one. Where the system has no thread to spare, whoever needs the key first makes it.
    pub(super) fn begin(named: Option<String>) -> Self {
        let key = Self { made: Arc::default(), named };
        let making = key.clone();
        let thread = thread::Builder::new().name("grantline-key".to_owned());
        let _ = thread.spawn(move || making.get().map(drop));
        key
    }

    /// Waits for it.
    pub(super) fn get(&self) -> Result<&Made, Unspecified> {
        let make = || KeyPair::generate(KeySize::Rsa2048).map(|pair| Made::new(pair, self.named.clone()));
        self.made.get_or_init(make).as_ref().map_err(|_| Unspecified)
    }

    pub(super) fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    pub(super) fn save(&self) -> Result<SavedKey, Unspecified> {
        let made = self.get()?;
        Ok(SavedKey::new(&made.kid, made.pair.as_der()?.as_ref()))
    }

    pub(super) fn restore(saved: &SavedKey) -> Result<Self, Unspecified> {
        let pair = KeyPair::from_pkcs8(&saved.pkcs8()?).map_err(|_| Unspecified)?;
        let made = Made { pair, kid: saved.kid.clone() };
        Ok(Self { made: Arc::new(OnceLock::from(Ok(made))), named: None })
    }
}

impl Made {
    fn new(pair: KeyPair, named: Option<String>) -> Self {
        let kid = named.unwrap_or_else(|| thumbprint(&public(&pair)));
        Self { pair, kid }
    }

    /// The members that a thumbprint is made of.
    pub(super) fn public(&self) -> Value {
        public(&self.pair)
    }
}

fn public(pair: &KeyPair) -> Value {
    let key = pair.public_key();
    json!({
        "kty": "RSA",
        "n": base64url(key.modulus().big_endian_without_leading_zero()),
        "e": base64url(key.exponent().big_endian_without_leading_zero()),
    })
}
