//! Signatures verified by aws-lc, which TLS has here already.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::signature::{
    self, ED25519, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
    VerificationAlgorithm,
};
use grantline_core::{SignatureVerifier, SigningAlgorithm, VerifyingKey};

/// How many RSA keys stay prepared: those of as many servers, or of one that changes them often.
const LIMIT: usize = 32;

/// [`SignatureVerifier`] by aws-lc: what clients verify ID tokens with.
///
/// It keeps the RSA keys that it met last in the form in which they verify fastest.
#[derive(Default)]
pub struct AwsLcVerifier {
    /// The one that was used last stands last.
    prepared: Mutex<Vec<Prepared>>,
}

struct Prepared {
    algorithm: SigningAlgorithm,
    key: VerifyingKey,
    form: Arc<ParsedPublicKey>,
}

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
            VerifyingKey::Rsa { modulus, exponent } => self
                .prepared(algorithm, key, modulus, exponent)
                .is_some_and(|key| key.verify_sig(message, signature).is_ok()),
            VerifyingKey::P256([x, y]) => by(&signature::ECDSA_P256_SHA256_FIXED, &uncompressed(x, y)),
            VerifyingKey::P384([x, y]) => by(&signature::ECDSA_P384_SHA384_FIXED, &uncompressed(x, y)),
            VerifyingKey::Ed25519(point) => by(&ED25519, point),
        }
    }
}

impl AwsLcVerifier {
    fn prepared(
        &self,
        algorithm: SigningAlgorithm,
        key: &VerifyingKey,
        modulus: &[u8],
        exponent: &[u8],
    ) -> Option<Arc<ParsedPublicKey>> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &Prepared| known.algorithm == algorithm && known.key == *key;
        match prepared.iter().position(is_it) {
            // It comes to stand last.
            Some(place) => prepared[place..].rotate_left(1),
            None => {
                let components = RsaPublicKeyComponents { n: modulus, e: exponent };
                let form = Arc::new(components.to_parsed_public_key(rsa(algorithm)?).ok()?);
                let surplus = (prepared.len() + 1).saturating_sub(LIMIT);
                prepared.drain(..surplus);
                prepared.push(Prepared { algorithm, key: key.clone(), form });
            }
        }
        prepared.last().map(|used| Arc::clone(&used.form))
    }
}

impl fmt::Debug for AwsLcVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsLcVerifier")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> (Vec<u8>, VerifyingKey) {
        let mut modulus = vec![0x5a; 256];
        (modulus[0], modulus[255]) = (first, 1);
        (modulus.clone(), VerifyingKey::Rsa { modulus, exponent: vec![1, 0, 1] })
    }

    fn use_of(verifier: &AwsLcVerifier, first: u8, algorithm: SigningAlgorithm) -> Arc<ParsedPublicKey> {
        let (modulus, key) = key(first);
        verifier.prepared(algorithm, &key, &modulus, &[1, 0, 1]).unwrap()
    }

    #[test]
    fn a_key_is_prepared_once_for_each_algorithm() {
        let verifier = AwsLcVerifier::default();
        let first = use_of(&verifier, 0xc0, SigningAlgorithm::Rs256);
        use_of(&verifier, 0xc1, SigningAlgorithm::Rs256);
        use_of(&verifier, 0xc0, SigningAlgorithm::Ps256);
        assert!(Arc::ptr_eq(&first, &use_of(&verifier, 0xc0, SigningAlgorithm::Rs256)));
        assert_eq!(verifier.prepared.lock().unwrap().len(), 3);
    }

    #[test]
    fn of_very_many_keys_those_stay_that_were_used_last() {
        let verifier = AwsLcVerifier::default();
        let first = use_of(&verifier, 0x80, SigningAlgorithm::Rs256);
        for other in 0x81..=0xff {
            use_of(&verifier, other, SigningAlgorithm::Rs256);
            assert!(Arc::ptr_eq(&first, &use_of(&verifier, 0x80, SigningAlgorithm::Rs256)));
        }
        assert_eq!(verifier.prepared.lock().unwrap().len(), LIMIT);
    }
}
