//! The keys that records are sealed with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Misuse};
use crate::secret::SecretText;

const LENGTH: usize = 32;
/// An id has so many bytes: enough to tell a handful of keys apart.
const ID: usize = 8;
const ID_CONTEXT: &[u8] = b"grantline sealing key id 1";

/// A key that seals what a store keeps: 256 bits from a secure source, not a password.
///
/// Whoever loses it loses every session that is sealed with it; whoever leaks it, together with the store, leaks them.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; LENGTH]>);

/// The keys of a store: one that seals, and older ones that still open.
///
/// A key is replaced in three steps: every process gets the new key as an older one; then as the current one, with the
/// old one behind it; and the old one goes when no record is sealed with it any more, which is when each was refreshed.
///
/// ```
/// use grantline_core::{SealingKey, SealingKeys};
///
/// # fn main() -> Result<(), grantline_core::Error> {
/// let of_this_year = SealingKey::from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?;
/// let of_last_year = SealingKey::from_text("ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100")?;
/// let keys = SealingKeys::new(of_this_year).older(of_last_year);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealingKeys {
    current: SealingKey,
    older: Vec<SealingKey>,
    opens_plaintext: bool,
}

impl SealingKey {
    /// A key of 32 bytes, all of them unguessable.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key as text: 44 characters of base64 (43 without padding; base64url too) or 64 hexadecimal digits. Space
    /// around it does not matter.
    ///
    /// Errors: `sealing_key_malformed`.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let bytes = match text.len() {
            64 => from_hex(text),
            _ => from_base64(text),
        };
        bytes.map(Self).ok_or(Misuse::SealingKeyMalformed.into())
    }

    /// The key as 44 characters of base64, to be kept where only this application reads.
    pub fn to_text(&self) -> SecretText {
        SecretText::new(STANDARD.encode(*self.0))
    }

    /// What tells it from other keys: 16 hexadecimal digits of a digest, which give nothing of it away. Every record
    /// that it seals carries them.
    pub fn id(&self) -> String {
        let digest = Sha256::new().chain_update(ID_CONTEXT).chain_update(*self.0).finalize();
        let number = digest.iter().take(ID).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        format!("{number:016x}")
    }

    pub(super) fn expose_secret(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl SealingKeys {
    /// Seals and opens with this key.
    pub fn new(current: SealingKey) -> Self {
        Self { current, older: Vec::new(), opens_plaintext: false }
    }

    /// Also opens what was sealed with this one.
    #[must_use]
    pub fn older(mut self, key: SealingKey) -> Self {
        self.older.push(key);
        self
    }

    /// Also opens records that are not sealed: for the time in which those of an unsealed store are sealed, each when
    /// it is next refreshed. **Meanwhile whoever can write to the store can put a session of their own there.**
    #[must_use]
    pub fn dangerous_also_open_plaintext(mut self) -> Self {
        self.opens_plaintext = true;
        self
    }

    pub(super) fn current(&self) -> &SealingKey {
        &self.current
    }

    pub(super) fn find(&self, id: &str) -> Option<&SealingKey> {
        [&self.current].into_iter().chain(&self.older).find(|key| key.id() == id)
    }

    pub(super) fn opens_plaintext(&self) -> bool {
        self.opens_plaintext
    }
}

/// Names the key by its id.
impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}, redacted)", self.id())
    }
}

/// Compares in constant time.
impl PartialEq for SealingKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for SealingKey {}

/// Whether a text could be the id of a key: what a store holds is not shown unseen.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 2 * ID && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

fn from_hex(text: &str) -> Option<Zeroizing<[u8; LENGTH]>> {
    let mut key = Zeroizing::new([0_u8; LENGTH]);
    let digits = text.as_bytes().chunks_exact(2);
    for (byte, pair) in key.iter_mut().zip(digits) {
        let digit = |place: usize| char::from(*pair.get(place)?).to_digit(16);
        *byte = u8::try_from(16 * digit(0)? + digit(1)?).ok()?;
    }
    Some(key)
}

fn from_base64(text: &str) -> Option<Zeroizing<[u8; LENGTH]>> {
    // No key is longer, and the decoder asks for room by its estimate.
    let mut room = Zeroizing::new([0_u8; LENGTH + 4]);
    let length = [STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT]
        .iter()
        .find_map(|base64| base64.decode_slice(text, &mut *room).ok())?;
    let mut key = Zeroizing::new([0_u8; LENGTH]);
    key.copy_from_slice(room.get(..length).filter(|decoded| decoded.len() == LENGTH)?);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    /// SHA-256 of the context and the bytes 0 to 31, worked out by another implementation.
    const ID_OF_TEXT: &str = "de1eef3eef18dc92";

    fn counting() -> SealingKey {
        SealingKey::from_bytes(std::array::from_fn(|place| u8::try_from(place).unwrap()))
    }

    #[test]
    fn a_key_is_read_in_every_usual_spelling() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F";
        for text in [TEXT, TEXT.trim_end_matches('='), hex, &format!("  {TEXT}\r\n")] {
            assert_eq!(SealingKey::from_text(text).unwrap(), counting(), "{text}");
        }
        let (standard, url_safe) = ("+/".repeat(21) + "+w==", "-_".repeat(21) + "-w");
        assert_eq!(SealingKey::from_text(&standard[..43]).ok(), SealingKey::from_text(&url_safe[..43]).ok());
        assert_eq!(counting().to_text().expose_secret(), TEXT);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let short_hex = "0".repeat(62);
        let no_hex = format!("{}xy", "0".repeat(62));
        let sign = format!("+1{}", "0".repeat(62));
        for text in
            ["", "=", "hunter2", "AAECAwQFBgcICQoLDA0ODw==", &short_hex, &no_hex, &sign, &TEXT.repeat(9)]
        {
            assert_eq!(SealingKey::from_text(text).unwrap_err().code(), "sealing_key_malformed", "{text}");
        }
    }

    #[test]
    fn a_key_prints_its_id_and_nothing_else() {
        assert_eq!(counting().id(), ID_OF_TEXT);
        assert!(is_id(ID_OF_TEXT));
        assert_eq!(format!("{:?}", counting()), format!("SealingKey({ID_OF_TEXT}, redacted)"));
    }

    #[test]
    fn an_id_from_a_store_is_sixteen_digits_and_no_other_text() {
        for text in ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0", "\u{1b}[2J56789abcdef"] {
            assert!(!is_id(text), "{text:?}");
        }
    }
}
