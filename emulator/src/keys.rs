//! The signing key: made at start, published as a JWK set, used for RS256.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use serde_json::{Value, json};

use crate::random::{base64url, from_base64url, sha256};

pub(crate) struct SigningKey {
    pair: KeyPair,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    kid: String,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let exponent = pair.public_key().exponent().big_endian_without_leading_zero().to_vec();
        let kid = thumbprint(&modulus, &exponent);
        Ok(Self { pair, modulus, exponent, kid })
    }

    /// The JWK set (RFC 7517, section 5).
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": base64url(&self.modulus),
            "e": base64url(&self.exponent),
        }]})
    }

    /// A compact JWS (RFC 7515, section 7.1) over `claims`.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String, Unspecified> {
        let header = json!({"alg": "RS256", "kid": self.kid, "typ": typ});
        let input = format!(
            "{}.{}",
            base64url(header.to_string().as_bytes()),
            base64url(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)?;
        Ok(format!("{input}.{}", base64url(&signature)))
    }

    /// The claims of a token of this `typ` that this key signed.
    pub(crate) fn verify(&self, typ: &str, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let key = PublicKeyComponents { n: &self.modulus, e: &self.exponent };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &from_base64url(signature)?).ok()?;
        let (header, claims) = input.split_once('.')?;
        let header: Value = serde_json::from_slice(&from_base64url(header)?).ok()?;
        let claims = serde_json::from_slice(&from_base64url(claims)?).ok()?;
        (header["typ"] == typ).then_some(claims)
    }
}

/// The JWK thumbprint (RFC 7638), so that two emulators never share a `kid`.
fn thumbprint(modulus: &[u8], exponent: &[u8]) -> String {
    let members = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64url(exponent), base64url(modulus));
    base64url(&sha256(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifies_what_it_signed_and_nothing_else() {
        let key = SigningKey::generate().unwrap();
        let token = key.sign("at+jwt", &json!({"sub": "x"})).unwrap();
        assert_eq!(key.verify("at+jwt", &token), Some(json!({"sub": "x"})));
        assert_eq!(key.verify("JWT", &token), None);
        assert_eq!(SigningKey::generate().unwrap().verify("at+jwt", &token), None);
        assert_eq!(key.verify("at+jwt", &token.replacen('.', "x.", 1)), None);
    }
}
