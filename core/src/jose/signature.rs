//! Who does the arithmetic.

use super::{Compact, KeySet, SigningAlgorithm, VerifyingKey};

/// Verifies signatures. No cryptography is written here: an implementation passes the bytes on to a library of its own.
pub trait SignatureVerifier: Send + Sync + std::fmt::Debug {
    /// Whether `signature` is one by this key over `message`.
    ///
    /// The key fits the algorithm, and the signature has the length that the algorithm gives it: for ECDSA the two numbers
    /// beside each other (RFC 7518 section 3.4). A key that is no point of its curve verifies nothing.
    fn verify(
        &self,
        algorithm: SigningAlgorithm,
        key: &VerifyingKey,
        message: &[u8],
        signature: &[u8],
    ) -> bool;
}

/// What the keys of a set say of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    /// There is a key of the name that the token gives, and it is not its signature.
    Bad,
    /// There is no such key.
    KeyUnknown,
}

impl KeySet {
    /// Looks for the key that has signed a token with this algorithm.
    pub(crate) fn judge(
        &self,
        token: &Compact<'_>,
        algorithm: SigningAlgorithm,
        verifier: &dyn SignatureVerifier,
    ) -> Verdict {
        let id = token.header.key_id.as_deref();
        let (message, signature) = token.signed();
        let is_by = |key: &VerifyingKey| {
            signature.len() == key.signature_length() && verifier.verify(algorithm, key, message, signature)
        };
        match self.candidates(id, algorithm).any(is_by) {
            true => Verdict::Good,
            false if self.has(id) => Verdict::Bad,
            false => Verdict::KeyUnknown,
        }
    }
}
