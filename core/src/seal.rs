//! Sealing: whoever has the store can neither read a record, nor change it, nor move it to another name or generation
//! unnoticed.
//!
//! AES-256-GCM-SIV (RFC 8452) forgives a repeated nonce: all that it then shows is whether two records are equal. A
//! forked process or a copied machine, whose entropy repeats, loses no key by it.
//!
//! A sealed record is `{"v":1,"key_id":...,"nonce":...,"sealed":...}`, the last two in base64. The associated data is
//! the context below, the collection's text and the name, each behind its length in 8 bytes, and the generation in 8
//! bytes, all big-endian.

mod key;

use std::borrow::Cow;
use std::mem;

use aes_gcm_siv::aead::{AeadInOut, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use key::{SealingKey, SealingKeys};

use crate::error::{Error, Misuse};
use crate::secret::SecretBytes;
use crate::store::{Record, RecordKey};
use crate::token::Generation;

/// The length of a nonce (RFC 8452 section 4).
const NONCE: usize = 12;
/// By how much a sealed text is longer: the authentication tag.
const TAG: usize = 16;
/// Keeps what is sealed here apart from anything else that were ever sealed with the same key.
const CONTEXT: &[u8] = b"grantline sealed record 1";

/// Whether records are sealed on their way to the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sealing {
    /// With the current of these keys.
    Keys(SealingKeys),
    /// They are not: whoever reads the store has the tokens.
    DangerousPlaintext,
}

/// A sealed record as it is written, version 1. Members may be added; none changes its meaning within a version.
#[derive(Serialize, Deserialize)]
struct SealedV1<'a> {
    v: u64,
    #[serde(borrow)]
    key_id: Cow<'a, str>,
    #[serde(borrow)]
    nonce: Cow<'a, str>,
    #[serde(borrow)]
    sealed: Cow<'a, str>,
}

/// The member `sealed` tells a sealed record of any version from one in clear.
#[derive(Deserialize)]
struct AnyForm {
    v: u64,
    sealed: Option<IgnoredAny>,
}

enum Form<'a> {
    Sealed(SealedV1<'a>),
    InClear,
}

impl Sealing {
    /// What the store shall keep in the place of `plain`, bound to its name and its generation.
    ///
    /// `nonce`: drawn for this one call.
    pub(crate) fn seal(
        &self,
        key: &RecordKey,
        generation: Generation,
        plain: &SecretBytes,
        nonce: [u8; NONCE],
    ) -> Result<SecretBytes, Error> {
        let Self::Keys(keys) = self else { return Ok(plain.clone()) };
        let current = keys.current();
        let sealed = encrypt(current, &bound_to(key, generation), plain, nonce)?;
        let form = SealedV1 {
            v: 1,
            key_id: Cow::Owned(current.id()),
            nonce: Cow::Owned(STANDARD.encode(nonce)),
            sealed: Cow::Owned(STANDARD.encode(sealed)),
        };
        let written = serde_json::to_vec(&form);
        written
            .map(SecretBytes::new)
            .map_err(|_| Error::broken("a sealed record could not be written as JSON"))
    }

    /// What was sealed. Nothing that is refused here was deleted, or is to be.
    ///
    /// Errors: `record_malformed`, `record_too_new`, `sealing_key_unknown`, `record_not_authentic`, `record_sealed`,
    /// `record_in_clear`.
    pub(crate) fn open(&self, key: &RecordKey, record: &Record) -> Result<SecretBytes, Error> {
        match (self, form(record.bytes.expose_secret())?) {
            (Self::Keys(keys), Form::Sealed(sealed)) => sealed.open(keys, &bound_to(key, record.generation)),
            (Self::Keys(keys), Form::InClear) if !keys.opens_plaintext() => Err(Misuse::RecordInClear.into()),
            (Self::DangerousPlaintext, Form::Sealed(_)) => Err(Misuse::RecordSealed.into()),
            (_, Form::InClear) => Ok(record.bytes.clone()),
        }
    }
}

impl SealedV1<'_> {
    fn open(&self, keys: &SealingKeys, bound_to: &[u8]) -> Result<SecretBytes, Error> {
        if !key::is_id(&self.key_id) {
            return Err(Misuse::RecordMalformed.into());
        }
        let Some(key) = keys.find(&self.key_id) else {
            return Err(Misuse::SealingKeyUnknown { key_id: self.key_id.clone().into_owned() }.into());
        };
        let decoded = |text: &str| STANDARD.decode(text).map_err(|_| Misuse::RecordMalformed);
        let nonce = decoded(&self.nonce)?.try_into().map_err(|_| Misuse::RecordMalformed)?;
        decrypt(key, bound_to, decoded(&self.sealed)?, nonce)
    }
}

fn form(bytes: &[u8]) -> Result<Form<'_>, Error> {
    let AnyForm { v, sealed } = serde_json::from_slice(bytes).map_err(|_| Misuse::RecordMalformed)?;
    match (sealed, v) {
        (None, _) => Ok(Form::InClear),
        (Some(_), 0) => Err(Misuse::RecordMalformed.into()),
        (Some(_), 1) => {
            serde_json::from_slice(bytes).map(Form::Sealed).map_err(|_| Misuse::RecordMalformed.into())
        }
        (Some(_), newer) => Err(Misuse::RecordTooNew { version: newer }.into()),
    }
}

/// The associated data. Each text stands behind its length: no two places have the same.
fn bound_to(key: &RecordKey, generation: Generation) -> Vec<u8> {
    let mut data = CONTEXT.to_vec();
    for text in [key.collection.as_str(), key.name.as_str()] {
        data.extend_from_slice(&(text.len() as u64).to_be_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    data.extend_from_slice(&generation.0.to_be_bytes());
    data
}

fn encrypt(
    key: &SealingKey,
    bound_to: &[u8],
    plain: &SecretBytes,
    nonce: [u8; NONCE],
) -> Result<Vec<u8>, Error> {
    let plain = plain.expose_secret();
    // Long enough for the tag as well: a buffer that grew would leave the text behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + TAG));
    buffer.extend_from_slice(plain);
    Aes256GcmSiv::new(key.expose_secret().into())
        .encrypt_in_place(&Nonce::from(nonce), bound_to, &mut *buffer)
        .map_err(|_| Error::broken("a record was too long to be sealed"))?;
    Ok(mem::take(&mut *buffer))
}

fn decrypt(
    key: &SealingKey,
    bound_to: &[u8],
    sealed: Vec<u8>,
    nonce: [u8; NONCE],
) -> Result<SecretBytes, Error> {
    let mut buffer = Zeroizing::new(sealed);
    Aes256GcmSiv::new(key.expose_secret().into())
        .decrypt_in_place(&Nonce::from(nonce), bound_to, &mut *buffer)
        .map_err(|_| Misuse::RecordNotAuthentic)?;
    Ok(SecretBytes::new(mem::take(&mut *buffer)))
}

#[cfg(test)]
mod tests;
