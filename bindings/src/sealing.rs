//! The keys that records are sealed with.

use grantline::core;
use grantline::{ClientBuilder, Error, SealingKey, sealing_keys};

use crate::error::NativeError;

/// What seals the records of a store.
#[derive(Debug, uniffi::Object)]
pub struct SealingKeys(Sealing);

#[derive(Clone, Debug)]
enum Sealing {
    Keys(core::SealingKeys),
    DangerousPlaintext,
}

#[uniffi::export]
impl SealingKeys {
    /// The keys in a file.
    #[uniffi::constructor]
    pub fn from_file(path: String) -> Result<Self, NativeError> {
        known(sealing_keys::from_file(path))
    }

    /// Makes a key and a file that holds it.
    #[uniffi::constructor]
    pub fn create_file(path: String) -> Result<Self, NativeError> {
        known(sealing_keys::create_file(path))
    }

    /// The keys in an environment variable.
    #[uniffi::constructor]
    pub fn from_environment(variable: &str) -> Result<Self, NativeError> {
        known(sealing_keys::from_environment(variable))
    }

    /// The keys in the system's keyring. It may wait for the user.
    #[uniffi::constructor]
    pub fn from_keyring(service: &str, account: &str) -> Result<Self, NativeError> {
        known(sealing_keys::from_keyring(service, account))
    }

    /// Makes a key and an entry of the system's keyring that holds it. It may wait for the user.
    #[uniffi::constructor]
    pub fn create_in_keyring(service: &str, account: &str) -> Result<Self, NativeError> {
        known(sealing_keys::create_in_keyring(service, account))
    }

    /// Keys as text: the first seals, all open.
    #[uniffi::constructor]
    pub fn from_text(current: &str, older: Vec<String>) -> Result<Self, NativeError> {
        let keys = SealingKey::from_text(current).map(core::SealingKeys::new);
        known(older.into_iter().fold(keys, |keys, text| Ok(keys?.older(SealingKey::from_text(&text)?))))
    }

    /// No keys: what goes to the store goes in clear.
    #[uniffi::constructor]
    pub fn dangerous_plaintext() -> Self {
        Self(Sealing::DangerousPlaintext)
    }

    /// The same keys, which also open records that are not sealed.
    #[must_use]
    pub fn dangerous_also_open_plaintext(&self) -> Self {
        Self(match self.0.clone() {
            Sealing::Keys(keys) => Sealing::Keys(keys.dangerous_also_open_plaintext()),
            Sealing::DangerousPlaintext => Sealing::DangerousPlaintext,
        })
    }
}

impl SealingKeys {
    pub(crate) fn seal(&self, builder: ClientBuilder) -> ClientBuilder {
        match self.0.clone() {
            Sealing::Keys(keys) => builder.sealing_keys(keys),
            Sealing::DangerousPlaintext => builder.dangerous_plaintext(),
        }
    }
}

fn known(keys: Result<core::SealingKeys, Error>) -> Result<SealingKeys, NativeError> {
    Ok(SealingKeys(Sealing::Keys(keys?)))
}
