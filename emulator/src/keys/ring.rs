//! The keys of one moment: what they sign, and what they verify.
//!
//! Where one of them is still being made, these functions block the thread until it is. A request has a ring whose keys
//! are made ([`Keys::made`](super::Keys::made)).

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::SigningAlgorithm;
use super::generation::Generation;
use super::saved::SavedKeys;
use super::set::KeySet;
use crate::random::{base64url, from_base64url};

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

/// A key that signs, and those before it that are still published.
pub(crate) struct KeyRing {
    pub(super) current: Generation,
    /// The newest last.
    pub(super) older: Vec<Generation>,
}

impl KeyRing {
    pub(super) fn is_made(&self) -> bool {
        self.generations().all(Generation::is_made)
    }

    /// Whether each could be made is told to whoever needs it.
    pub(super) fn wait(&self) {
        self.all().for_each(drop);
    }

    pub(crate) fn save(&self) -> Result<SavedKeys, Unspecified> {
        let save = |keys: &Generation| keys.wait()?.save();
        let older: Result<Vec<_>, _> = self.older.iter().map(save).collect();
        Ok(SavedKeys { current: save(&self.current)?, older: older? })
    }

    /// The JWK set (RFC 7517, section 5) with a key for each algorithm, the current ones first.
    pub(crate) fn jwks(&self, algorithms: &[SigningAlgorithm]) -> Result<Value, Unspecified> {
        let newest_first: Vec<&KeySet> = self.all().collect::<Result<_, _>>()?;
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
        let kid = self.current.wait()?.kid(algorithm);
        Ok(Jwt { header: json!({"alg": algorithm.name(), "kid": kid, "typ": typ}), claims })
    }

    /// The compact form of a JWS (RFC 7515, section 7.1).
    pub(crate) fn seal(&self, jwt: &Jwt, seal: &Seal) -> Result<String, Unspecified> {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&jwt.header), part(&jwt.claims));
        let sign = |algorithm: &SigningAlgorithm| self.current.wait()?.sign(*algorithm, input.as_bytes());
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
        let sets = self.all().filter_map(Result::ok);
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
        self.current.wait()?.rsa_public_pem()
    }

    /// The newest first.
    fn generations(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.current).chain(self.older.iter().rev())
    }

    fn all(&self) -> impl Iterator<Item = Result<&KeySet, Unspecified>> {
        self.generations().map(Generation::wait)
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
