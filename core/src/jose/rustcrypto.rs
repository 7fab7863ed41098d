//! Signatures verified in Rust alone.

use ed25519_dalek::VerifyingKey as Ed25519Key;
use rsa::BoxedUint;
use rsa::RsaPublicKey;
use rsa::signature::Verifier as _;
use sha2::{Sha256, Sha384, Sha512};

use super::keys::LONGEST_MODULUS;
use super::{SignatureVerifier, SigningAlgorithm, VerifyingKey};

/// [`SignatureVerifier`] by the crates of the `RustCrypto` and dalek projects.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCryptoVerifier;

impl SignatureVerifier for RustCryptoVerifier {
    fn verify(
        &self,
        algorithm: SigningAlgorithm,
        key: &VerifyingKey,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let verified = match key {
            VerifyingKey::Rsa { modulus, exponent } => {
                rsa_key(modulus, exponent).and_then(|key| rsa(algorithm, key, message, signature))
            }
            VerifyingKey::P256(point) => p256(point, message, signature),
            VerifyingKey::P384(point) => p384(point, message, signature),
            VerifyingKey::Ed25519(point) => ed25519(point, message, signature),
        };
        verified.is_some()
    }
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Option<RsaPublicKey> {
    let number = |bytes: &[u8]| {
        let bits = u32::try_from(bytes.len()).ok()?.checked_mul(8)?;
        BoxedUint::from_be_slice(bytes, bits.next_multiple_of(64)).ok()
    };
    let bits = RsaPublicKey::MIN_SIZE..=LONGEST_MODULUS * 8;
    RsaPublicKey::new_with_size_limits(number(modulus)?, number(exponent)?, bits).ok()
}

/// RFC 7518 sections 3.3 and 3.5: of a salt as long as the hash, for PSS.
fn rsa(algorithm: SigningAlgorithm, key: RsaPublicKey, message: &[u8], signature: &[u8]) -> Option<()> {
    use rsa::pkcs1v15::{Signature as Pkcs1, VerifyingKey as Pkcs1Key};
    use rsa::pss::{Signature as Pss, VerifyingKey as PssKey};
    let pkcs1 = || Pkcs1::try_from(signature).ok();
    let pss = || Pss::try_from(signature).ok();
    let outcome = match algorithm {
        SigningAlgorithm::Rs256 => Pkcs1Key::<Sha256>::new(key).verify(message, &pkcs1()?),
        SigningAlgorithm::Rs384 => Pkcs1Key::<Sha384>::new(key).verify(message, &pkcs1()?),
        SigningAlgorithm::Rs512 => Pkcs1Key::<Sha512>::new(key).verify(message, &pkcs1()?),
        SigningAlgorithm::Ps256 => PssKey::<Sha256>::new(key).verify(message, &pss()?),
        SigningAlgorithm::Ps384 => PssKey::<Sha384>::new(key).verify(message, &pss()?),
        SigningAlgorithm::Ps512 => PssKey::<Sha512>::new(key).verify(message, &pss()?),
        SigningAlgorithm::Es256 | SigningAlgorithm::Es384 | SigningAlgorithm::EdDsa => return None,
    };
    outcome.ok()
}

fn p256([x, y]: &[[u8; 32]; 2], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&uncompressed(x, y)).ok()?;
    key.verify(message, &p256::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

fn p384([x, y]: &[[u8; 48]; 2], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&uncompressed(x, y)).ok()?;
    key.verify(message, &p384::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

/// SEC 1 section 2.3.3.
fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// Strictly: no key or signature of small order.
fn ed25519(point: &[u8; 32], message: &[u8], signature: &[u8]) -> Option<()> {
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    Ed25519Key::from_bytes(point).ok()?.verify_strict(message, &signature).ok()
}
