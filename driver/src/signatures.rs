//! Signatures verified by aws-lc, which TLS has here already.

use aws_lc_rs::signature::{
    self, ED25519, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use grantline_core::{SignatureVerifier, SigningAlgorithm, VerifyingKey};

/// [`SignatureVerifier`] by aws-lc: what clients verify ID tokens with.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLcVerifier;

impl SignatureVerifier for AwsLcVerifier {
    fn verify(
        &self,
        algorithm: SigningAlgorithm,
        key: &VerifyingKey,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let by = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match key {
            VerifyingKey::Rsa { modulus, exponent } => rsa(algorithm).is_some_and(|parameters| {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, message, signature).is_ok()
            }),
            VerifyingKey::P256([x, y]) => by(&signature::ECDSA_P256_SHA256_FIXED, &uncompressed(x, y)),
            VerifyingKey::P384([x, y]) => by(&signature::ECDSA_P384_SHA384_FIXED, &uncompressed(x, y)),
            VerifyingKey::Ed25519(point) => by(&ED25519, point),
        }
    }
}

fn rsa(algorithm: SigningAlgorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        SigningAlgorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        SigningAlgorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        SigningAlgorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        SigningAlgorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        SigningAlgorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        SigningAlgorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        SigningAlgorithm::Es256 | SigningAlgorithm::Es384 | SigningAlgorithm::EdDsa => None,
    }
}

/// SEC 1 section 2.3.3.
fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}
