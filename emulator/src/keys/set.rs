//! One generation of keys: an RSA key, two on elliptic curves and an Ed25519 key.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::SigningAlgorithm;
use super::saved::{SavedKey, SavedSet};
use crate::random::{base64url, sha256};

pub(super) struct KeySet {
    rsa: rsa::KeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    kids: Kids,
}

/// The `kid` of each key; the RSA key has one more for each further algorithm.
#[derive(Clone)]
pub(super) struct Kids {
    rsa: String,
    p256: String,
    p384: String,
    ed25519: String,
}

impl KeySet {
    /// New keys, which call themselves by `kids`, or by their thumbprints where that is not settled yet.
    pub(super) fn generate(kids: &OnceLock<Kids>) -> Result<Self, Unspecified> {
        let rsa = rsa::KeyPair::generate(KeySize::Rsa2048)?;
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)?;
        let ed25519 = Ed25519KeyPair::generate()?;
        let own = || Kids {
            rsa: thumbprint(&rsa_members(&rsa)),
            p256: thumbprint(&elliptic("P-256", &p256)),
            p384: thumbprint(&elliptic("P-384", &p384)),
            ed25519: thumbprint(&edwards(&ed25519)),
        };
        let kids = kids.get_or_init(own).clone();
        Ok(Self { rsa, p256, p384, ed25519, kids })
    }

    pub(super) fn save(&self) -> Result<SavedSet, Unspecified> {
        let elliptic = |kid: &str, key: &EcdsaKeyPair| {
            Ok::<_, Unspecified>(SavedKey::new(kid, key.to_pkcs8v1()?.as_ref()))
        };
        let rsa: Pkcs8V1Der<'_> = self.rsa.as_der()?;
        Ok(SavedSet {
            rsa: SavedKey::new(&self.kids.rsa, rsa.as_ref()),
            p256: elliptic(&self.kids.p256, &self.p256)?,
            p384: elliptic(&self.kids.p384, &self.p384)?,
            ed25519: SavedKey::new(&self.kids.ed25519, self.ed25519.to_pkcs8()?.as_ref()),
        })
    }

    pub(super) fn restore(saved: SavedSet) -> Result<Self, Unspecified> {
        let elliptic = |algorithm: &'static EcdsaSigningAlgorithm, key: &SavedKey| {
            EcdsaKeyPair::from_pkcs8(algorithm, &key.pkcs8()?).map_err(|_| Unspecified)
        };
        Ok(Self {
            rsa: rsa::KeyPair::from_pkcs8(&saved.rsa.pkcs8()?).map_err(|_| Unspecified)?,
            p256: elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING, &saved.p256)?,
            p384: elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING, &saved.p384)?,
            ed25519: Ed25519KeyPair::from_pkcs8(&saved.ed25519.pkcs8()?).map_err(|_| Unspecified)?,
            kids: Kids {
                rsa: saved.rsa.kid,
                p256: saved.p256.kid,
                p384: saved.p384.kid,
                ed25519: saved.ed25519.kid,
            },
        })
    }

    pub(super) fn kids(&self) -> &Kids {
        &self.kids
    }

    pub(super) fn kid(&self, algorithm: SigningAlgorithm) -> String {
        use SigningAlgorithm::{EdDsa, Es256, Es384, Rs256};
        match algorithm {
            Rs256 => self.kids.rsa.clone(),
            Es256 => self.kids.p256.clone(),
            Es384 => self.kids.p384.clone(),
            EdDsa => self.kids.ed25519.clone(),
            of_rsa => format!("{}-{of_rsa}", self.kids.rsa),
        }
    }

    /// The JWK (RFC 7517, section 4) for this algorithm.
    pub(super) fn jwk(&self, algorithm: SigningAlgorithm) -> Value {
        let mut jwk = self.public(algorithm);
        jwk["use"] = "sig".into();
        jwk["alg"] = algorithm.name().into();
        jwk["kid"] = self.kid(algorithm).into();
        jwk
    }

    /// The members that a thumbprint is made of (RFC 7638, section 3.2; RFC 8037, section 2).
    fn public(&self, algorithm: SigningAlgorithm) -> Value {
        match algorithm {
            SigningAlgorithm::Es256 => elliptic("P-256", &self.p256),
            SigningAlgorithm::Es384 => elliptic("P-384", &self.p384),
            SigningAlgorithm::EdDsa => edwards(&self.ed25519),
            _ => rsa_members(&self.rsa),
        }
    }

    pub(super) fn sign(&self, algorithm: SigningAlgorithm, input: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        if let Some(encoding) = algorithm.rsa_encoding() {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(encoding, &random, input, &mut signature)?;
            return Ok(signature);
        }
        let signature = match algorithm {
            SigningAlgorithm::Es256 => self.p256.sign(&random, input)?,
            SigningAlgorithm::Es384 => self.p384.sign(&random, input)?,
            _ => self.ed25519.sign(input),
        };
        Ok(signature.as_ref().to_vec())
    }

    pub(super) fn verifies(&self, algorithm: SigningAlgorithm, input: &[u8], signature: &[u8]) -> bool {
        let public = match algorithm {
            SigningAlgorithm::Es256 => self.p256.public_key().as_ref(),
            SigningAlgorithm::Es384 => self.p384.public_key().as_ref(),
            SigningAlgorithm::EdDsa => self.ed25519.public_key().as_ref(),
            _ => self.rsa.public_key().as_ref(),
        };
        UnparsedPublicKey::new(algorithm.verification(), public).verify(input, signature).is_ok()
    }

    /// The RSA public key as a PEM file, which is what a server would have at hand that takes it for an HMAC's key.
    pub(super) fn rsa_public_pem(&self) -> Result<String, Unspecified> {
        let der: PublicKeyX509Der<'_> = self.rsa.public_key().as_der()?;
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        let encoded = STANDARD.encode(der.as_ref());
        for (index, character) in encoded.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        Ok(pem)
    }
}

/// An uncompressed point is 04, x and y (SEC 1, section 2.3.3).
fn elliptic(curve: &str, key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
}

fn edwards(key: &Ed25519KeyPair) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key().as_ref())})
}

fn rsa_members(key: &rsa::KeyPair) -> Value {
    let key = key.public_key();
    json!({
        "kty": "RSA",
        "n": base64url(key.modulus().big_endian_without_leading_zero()),
        "e": base64url(key.exponent().big_endian_without_leading_zero()),
    })
}

/// The JWK thumbprint (RFC 7638), so that two emulators never share a `kid`: JSON in the order of the members' names,
/// which is how `serde_json` writes an object.
fn thumbprint(public: &Value) -> String {
    base64url(&sha256(public.to_string().as_bytes()))
}
