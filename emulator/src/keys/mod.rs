//! The signing keys: made from the start on, published as a JWK set, replaced when a test says so.

mod algorithm;
mod coming;
mod saved;
mod set;

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub use algorithm::SigningAlgorithm;
use coming::Coming;
pub(crate) use saved::SavedKeys;
use set::KeySet;

use crate::changes::Changes;
use crate::random::{base64url, from_base64url};

/// How the keys change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRotation {
    /// New keys under new kids sign from now on; the old ones stay published.
    Add,
    /// New keys under new kids; the old ones are gone, and what they signed is worth nothing.
    Replace,
    /// New keys under the kids of the old ones, as after the restart of a server that keeps none.
    SameKids,
}

/// A token before its signature.
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// What goes where the signature belongs.
pub(crate) enum Seal {
    Signed(SigningAlgorithm),
    /// A signature with one bit changed.
    Broken(SigningAlgorithm),
    /// An HMAC-SHA-256 with this key.
    Hmac(Vec<u8>),
    Nothing,
}

/// The newest keys last; only they sign.
pub(crate) struct Keys {
    generations: RwLock<Generations>,
    changes: Changes,
}

struct Generations {
    current: Coming,
    older: Vec<Coming>,
}

impl Keys {
    /// Begins to make them: who needs one that is not there yet waits for it.
    pub(crate) fn begin(changes: &Changes) -> Self {
        let generations = Generations { current: Coming::begin(None), older: Vec::new() };
        Self { generations: RwLock::new(generations), changes: changes.clone() }
    }

    pub(crate) fn restore(saved: SavedKeys, changes: &Changes) -> Result<Self, Unspecified> {
        let restore = |set| KeySet::restore(set).map(Coming::made);
        let older: Result<Vec<_>, _> = saved.older.into_iter().map(restore).collect();
        let generations = Generations { current: restore(saved.current)?, older: older? };
        Ok(Self { generations: RwLock::new(generations), changes: changes.clone() })
    }

    /// Waits for those that are still being made.
    pub(crate) fn save(&self) -> Result<SavedKeys, Unspecified> {
        let generations = self.read();
        let save = |keys: &Coming| keys.get()?.save();
        let older: Result<Vec<_>, _> = generations.older.iter().map(save).collect();
        Ok(SavedKeys { current: save(&generations.current)?, older: older? })
    }

    /// Waits for the current keys without blocking the thread.
    pub(crate) async fn made(&self) {
        let current = self.read().current.clone();
        if !current.are_made() {
            // Whoever needs a key is told if there is none.
            let _ = tokio::task::spawn_blocking(move || current.get().map(drop)).await;
        }
    }

    /// Begins to make new keys; they are the current ones at once.
    pub(crate) fn rotate(&self, rotation: KeyRotation) -> Result<(), Unspecified> {
        let current = self.read().current.clone();
        let named = match rotation {
            KeyRotation::SameKids => Some(current.get()?.kids().clone()),
            KeyRotation::Add | KeyRotation::Replace => None,
        };
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut generations.current, Coming::begin(named));
        match rotation {
            KeyRotation::Add => generations.older.push(old),
            KeyRotation::Replace | KeyRotation::SameKids => generations.older.clear(),
        }
        self.changes.tell();
        Ok(())
    }

    /// The JWK set (RFC 7517, section 5) with a key for each algorithm, the current ones first.
    pub(crate) fn jwks(&self, algorithms: &[SigningAlgorithm]) -> Result<Value, Unspecified> {
        let generations = self.read();
        let newest_first: Vec<&KeySet> = generations.all().collect::<Result<_, _>>()?;
        let of_set =
            |set: &KeySet| algorithms.iter().map(|algorithm| set.jwk(*algorithm)).collect::<Vec<_>>();
        Ok(json!({"keys": newest_first.into_iter().flat_map(of_set).collect::<Vec<_>>()}))
    }

    /// A token of this type that the current key shall sign.
    pub(crate) fn unsigned(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: Value,
    ) -> Result<Jwt, Unspecified> {
        let kid = self.read().current.get()?.kid(algorithm);
        Ok(Jwt { header: json!({"alg": algorithm.name(), "kid": kid, "typ": typ}), claims })
    }

    /// The compact form of a JWS (RFC 7515, section 7.1).
    pub(crate) fn seal(&self, jwt: &Jwt, seal: &Seal) -> Result<String, Unspecified> {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&jwt.header), part(&jwt.claims));
        let sign =
            |algorithm: &SigningAlgorithm| self.read().current.get()?.sign(*algorithm, input.as_bytes());
        let signature = match seal {
            Seal::Signed(algorithm) => sign(algorithm)?,
            Seal::Broken(algorithm) => {
                let mut signature = sign(algorithm)?;
                signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                signature
            }
            Seal::Hmac(key) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), input.as_bytes()).as_ref().to_vec()
            }
            Seal::Nothing => Vec::new(),
        };
        Ok(format!("{input}.{}", base64url(&signature)))
    }

    /// A signed token.
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: Value,
    ) -> Result<String, Unspecified> {
        self.seal(&self.unsigned(algorithm, typ, claims)?, &Seal::Signed(algorithm))
    }

    /// The claims of a token of this `typ` that a key of this server signed.
    pub(crate) fn verify(&self, typ: &str, token: &str) -> Option<Value> {
        self.examine(typ, token).ok()
    }

    /// The same, or why it is none.
    pub(crate) fn examine(&self, typ: &str, token: &str) -> Result<Value, TokenFlaw> {
        let (input, signature) = token.rsplit_once('.').ok_or(TokenFlaw::NoJwt)?;
        let (header, claims) = input.split_once('.').ok_or(TokenFlaw::NoJwt)?;
        let header = json_part(header)?;
        let signature = from_base64url(signature).ok_or(TokenFlaw::NoJwt)?;
        let generations = self.read();
        let sets = generations.all().filter_map(Result::ok);
        let mut keys = sets.flat_map(|set| SigningAlgorithm::ALL.map(|algorithm| (set, algorithm)));
        let signed_by = keys.find(|(set, algorithm)| {
            header["alg"] == algorithm.name() && header["kid"] == set.kid(*algorithm)
        });
        let kid = || header["kid"].as_str().unwrap_or("none").to_owned();
        let (set, algorithm) = signed_by.ok_or_else(|| TokenFlaw::KeyGone(kid()))?;
        if !set.verifies(algorithm, input.as_bytes(), &signature) {
            return Err(TokenFlaw::Signature);
        }
        if header["typ"] != typ {
            return Err(TokenFlaw::OtherType(header["typ"].as_str().unwrap_or("none").to_owned()));
        }
        json_part(claims)
    }

    /// The public key of RS256 as a PEM file.
    pub(crate) fn rsa_public_pem(&self) -> Result<String, Unspecified> {
        self.read().current.get()?.rsa_public_pem()
    }

    fn read(&self) -> RwLockReadGuard<'_, Generations> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn json_part(encoded: &str) -> Result<Value, TokenFlaw> {
    let bytes = from_base64url(encoded).ok_or(TokenFlaw::NoJwt)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenFlaw::NoJwt)
}

/// Why a token is none of this server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFlaw {
    #[error("the token is unknown: it is no JWT")]
    NoJwt,
    #[error(
        "the token names the key \"{0}\", which is not among this server's: it is another server's, or the keys were replaced"
    )]
    KeyGone(String),
    #[error("the token's signature does not fit: it was altered, or the key was replaced under the same kid")]
    Signature,
    #[error("the token's typ is \"{0}\", which is another kind of token")]
    OtherType(String),
}

impl Generations {
    fn all(&self) -> impl Iterator<Item = Result<&KeySet, Unspecified>> {
        std::iter::once(&self.current).chain(self.older.iter().rev()).map(Coming::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> Keys {
        Keys::begin(&Changes::default())
    }

    fn token(keys: &Keys, algorithm: SigningAlgorithm) -> String {
        keys.sign(algorithm, "at+jwt", json!({"sub": "x"})).unwrap()
    }

    #[test]
    fn verifies_what_it_signed_with_each_algorithm_and_nothing_else() {
        let (keys, other) = (new(), new());
        for algorithm in SigningAlgorithm::ALL {
            let token = token(&keys, algorithm);
            assert_eq!(keys.verify("at+jwt", &token), Some(json!({"sub": "x"})), "{algorithm}");
            assert_eq!(keys.verify("JWT", &token), None);
            assert_eq!(other.verify("at+jwt", &token), None);
            assert_eq!(keys.verify("at+jwt", &token.replacen('.', "x.", 1)), None);
        }
    }

    #[test]
    fn a_broken_signature_a_mac_and_none_do_not_verify() {
        let keys = new();
        let jwt = keys.unsigned(SigningAlgorithm::Rs256, "JWT", json!({})).unwrap();
        for seal in [Seal::Broken(SigningAlgorithm::Rs256), Seal::Hmac(b"key".to_vec()), Seal::Nothing] {
            assert_eq!(keys.verify("JWT", &keys.seal(&jwt, &seal).unwrap()), None);
        }
    }

    #[test]
    fn rotation_keeps_or_withdraws_the_old_keys() {
        let keys = new();
        let kid = |keys: &Keys| keys.jwks(&[SigningAlgorithm::Rs256]).unwrap()["keys"][0]["kid"].clone();
        let (first, old) = (kid(&keys), token(&keys, SigningAlgorithm::Rs256));
        keys.rotate(KeyRotation::Add).unwrap();
        assert_ne!(kid(&keys), first);
        assert!(keys.verify("at+jwt", &old).is_some());
        let second = kid(&keys);
        keys.rotate(KeyRotation::SameKids).unwrap();
        assert_eq!(kid(&keys), second);
        assert!(keys.verify("at+jwt", &old).is_none());
        let third = token(&keys, SigningAlgorithm::Rs256);
        keys.rotate(KeyRotation::Replace).unwrap();
        assert_ne!(kid(&keys), second);
        assert!(keys.verify("at+jwt", &third).is_none());
    }

    #[test]
    fn what_was_saved_verifies_and_signs_as_before() {
        let keys = new();
        let old = token(&keys, SigningAlgorithm::Es384);
        keys.rotate(KeyRotation::Add).unwrap();
        let restored = Keys::restore(keys.save().unwrap(), &Changes::default()).unwrap();
        assert!(restored.verify("at+jwt", &old).is_some());
        for algorithm in SigningAlgorithm::ALL {
            assert!(keys.verify("at+jwt", &token(&restored, algorithm)).is_some(), "{algorithm}");
        }
        let sets = [keys, restored].map(|keys| keys.jwks(&SigningAlgorithm::ALL).unwrap());
        assert_eq!(sets[0], sets[1]);
    }
}
