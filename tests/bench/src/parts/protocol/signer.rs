//! The server that signs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{CLIENT_ID, ISSUER, NOW_S, TOKENS};
use crate::Result;

pub(super) struct Signer {
    key: RsaKeyPair,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Signer {
    pub(super) fn new() -> Result<Self> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let public = key.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        Ok(Self { key, modulus, exponent })
    }

    pub(super) fn public_key(&self) -> (&[u8], &[u8]) {
        (&self.modulus, &self.exponent)
    }

    /// RFC 7517.
    pub(super) fn key_set(&self) -> Value {
        let (n, e) = (encoded(&self.modulus), encoded(&self.exponent));
        json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "key-1", "n": n, "e": e}]})
    }

    pub(super) fn id_token(&self, nonce: &str) -> Result<String> {
        let header = json!({"alg": "RS256", "kid": "key-1", "typ": "JWT"});
        let claims = json!({
            "iss": ISSUER, "aud": CLIENT_ID, "sub": "6f2c1f9e-0000-4000-8000-000000000001", "iat": NOW_S,
            "exp": NOW_S + 300, "auth_time": NOW_S - 5, "nonce": nonce, "sid": "A1B2C3", "idp": "local",
            "amr": ["pwd"], "acr": "1",
        });
        let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", encoded(signature)))
    }
}

/// What is signed, and the signature.
pub(super) fn parts(token: &str) -> Result<(&str, Vec<u8>)> {
    let (signed, signature) = token.rsplit_once('.').ok_or("a token has three parts")?;
    Ok((signed, URL_SAFE_NO_PAD.decode(signature)?))
}

/// A token response with this ID token.
pub(super) fn tokens_with(id_token: &str) -> Vec<u8> {
    let members = TOKENS.strip_suffix('}').unwrap_or_default();
    format!("{members},\"id_token\":\"{id_token}\"}}").into_bytes()
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
