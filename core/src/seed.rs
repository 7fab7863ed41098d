//! Entropy as an argument: 32 bytes from the caller's secure source for each operation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// Entropy for one operation, from the operating system's secure source.
///
/// Never reuse one: a second login with the same seed repeats its `state` and its proof key
/// (RFC 7636 section 7.1). The same seed and the same inputs give the same bytes, which is what
/// tests and simulations build on.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Wraps 32 bytes of entropy.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The stream of unguessable values drawn from this seed.
    pub(crate) fn into_draws(self) -> Draws {
        Draws(ChaCha20Rng::from_seed(*self.0))
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(redacted)")
    }
}

/// Unguessable values, one after the other. The generator zeroizes itself on drop.
pub(crate) struct Draws(ChaCha20Rng);

impl Draws {
    /// 256 bits as 43 characters of base64url: wide enough for RFC 6749 section 10.10, and the form that
    /// RFC 7636 section 4.1 recommends for a code verifier.
    pub(crate) fn token(&mut self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        self.0.fill_bytes(bytes.as_mut());
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))
    }

    /// The entropy of an operation that follows from this one.
    pub(crate) fn seed(&mut self) -> Seed {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        self.0.fill_bytes(bytes.as_mut());
        Seed(bytes)
    }

    /// A number for spreading things over time.
    pub(crate) fn jitter(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 128 bits, for names that only have to differ.
    pub(crate) fn id(&mut self) -> u128 {
        (u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64())
    }

    /// A nonce for sealing one record (RFC 8452 section 4).
    pub(crate) fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = [0_u8; 12];
        self.0.fill_bytes(&mut nonce);
        nonce
    }
}
