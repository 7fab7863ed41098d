//! `signatures.json`: published signatures over what is no ID token, for the verifiers themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_core::{SignatureVerifier, VerifyingKey};
use serde::Deserialize;

use crate::id_tokens::algorithm;
use crate::table::{run, same};

const FILE: &str = include_str!("../../../tests/vectors/signatures.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    schema: u32,
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    algorithm: String,
    key: Key,
    signing_input: String,
    signature: String,
    valid: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kty")]
enum Key {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { x: String },
}

fn octets(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("the file's base64url is clean")
}

fn point<const N: usize>(text: &str) -> [u8; N] {
    octets(text).try_into().expect("a coordinate of the curve's length")
}

impl Key {
    fn make(&self) -> VerifyingKey {
        match self {
            Self::Rsa { n, e } => VerifyingKey::Rsa { modulus: octets(n), exponent: octets(e) },
            Self::Ec { x, y } => VerifyingKey::P256([point(x), point(y)]),
            Self::Okp { x } => VerifyingKey::Ed25519(point(x)),
        }
    }
}

/// Runs all cases with this verifier.
pub fn check_with(verifier: &dyn SignatureVerifier) {
    let table: Table = serde_json::from_str(FILE).expect("the file has the form of its README");
    assert_eq!(table.schema, 1, "this runner knows schema 1");
    run(
        &table.cases,
        |case| &case.name,
        |case| {
            let (message, signature) = (case.signing_input.as_bytes(), octets(&case.signature));
            let verified = verifier.verify(algorithm(&case.algorithm), &case.key.make(), message, &signature);
            same("verified", &verified, &case.valid)
        },
    );
}
