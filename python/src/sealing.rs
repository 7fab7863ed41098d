//! The keys that records are sealed with.

use std::path::PathBuf;

use grantline::core::{self, SealingKey};
use grantline::{ClientBuilder, Error, sealing_keys};
use pyo3::prelude::*;

use crate::error::raised;

/// What seals the records that a store keeps: keys of 32 unguessable bytes, of which the first seals and all open.
///
/// A key is replaced in three steps: every process gets the new key behind the old one; then in front of it; and the old
/// one goes when each session has been refreshed since. Whoever loses the keys loses every session that is sealed with
/// them.
///
/// >>> import tempfile
/// >>> from grantline import SealingKeys
/// >>> folder = tempfile.TemporaryDirectory()
/// >>> made = SealingKeys.create_file(folder.name + "/sealing.key")  # once, when the application is installed
/// >>> keys = SealingKeys.from_file(folder.name + "/sealing.key")  # at each start
/// >>> folder.cleanup()
#[pyclass(frozen, module = "grantline")]
pub(crate) struct SealingKeys(Sealing);

enum Sealing {
    Keys(core::SealingKeys),
    DangerousPlaintext,
}

impl SealingKeys {
    pub(crate) fn seal(&self, builder: ClientBuilder) -> ClientBuilder {
        match &self.0 {
            Sealing::Keys(keys) => builder.sealing_keys(keys.clone()),
            Sealing::DangerousPlaintext => builder.dangerous_plaintext(),
        }
    }
}

fn known(keys: Result<core::SealingKeys, Error>) -> PyResult<SealingKeys> {
    keys.map(|keys| SealingKeys(Sealing::Keys(keys))).map_err(raised)
}

#[pymethods]
impl SealingKeys {
    /// The keys in a file, separated by white space. On Unix nobody but its owner may be allowed to read or write it.
    ///
    /// Raises `MisuseError`: `invalid_client_setting` if it cannot be read, or others can read it;
    /// `sealing_key_malformed`.
    #[staticmethod]
    fn from_file(path: PathBuf) -> PyResult<Self> {
        known(sealing_keys::from_file(path))
    }

    /// Makes a key and a file that holds it, which only this user may read. A file that is there is never written over:
    /// it may hold the key of every session in a store.
    ///
    /// Raises `MisuseError` (`invalid_client_setting`).
    #[staticmethod]
    fn create_file(path: PathBuf) -> PyResult<Self> {
        known(sealing_keys::create_file(path))
    }

    /// The keys in an environment variable, separated by white space. Other programs of the same user, and whoever
    /// starts this one, can read it.
    ///
    /// Raises `MisuseError`: `invalid_client_setting` if it is not set; `sealing_key_malformed`.
    #[staticmethod]
    fn from_environment(variable: &str) -> PyResult<Self> {
        known(sealing_keys::from_environment(variable))
    }

    /// The keys in the system's keyring, where they are a password under the names of a service and an account. Waits
    /// for the user where the keyring is locked.
    ///
    /// Raises `MisuseError`: `invalid_client_setting` if there is no such entry, `sealing_key_malformed`; and
    /// `StoreError`: `store_denied` if the keyring is locked, `store_unavailable` if there is none.
    #[staticmethod]
    fn from_keyring(py: Python<'_>, service: &str, account: &str) -> PyResult<Self> {
        known(py.detach(|| sealing_keys::from_keyring(service, account)))
    }

    /// Makes a key and an entry of the system's keyring that holds it. An entry that is there is never written over. Let
    /// one process do it, when the application is installed. Raises as `from_keyring` does.
    #[staticmethod]
    fn create_in_keyring(py: Python<'_>, service: &str, account: &str) -> PyResult<Self> {
        known(py.detach(|| sealing_keys::create_in_keyring(service, account)))
    }

    /// Keys as text, for who has them from a secret manager: each of 32 bytes in base64 or hexadecimal. The first seals.
    ///
    /// Raises `MisuseError` (`sealing_key_malformed`).
    #[staticmethod]
    #[pyo3(signature = (current, *older))]
    fn from_text(current: &str, older: Vec<String>) -> PyResult<Self> {
        let keys = SealingKey::from_text(current).map(core::SealingKeys::new);
        known(older.into_iter().fold(keys, |keys, text| Ok(keys?.older(SealingKey::from_text(&text)?))))
    }

    /// The same keys, which also open records that are not sealed: for the time in which those of an unsealed store are
    /// sealed, each when it is next refreshed. Meanwhile whoever can write to the store can put a session of their own
    /// there.
    fn dangerous_also_open_plaintext(&self) -> Self {
        Self(match &self.0 {
            Sealing::Keys(keys) => Sealing::Keys(keys.clone().dangerous_also_open_plaintext()),
            Sealing::DangerousPlaintext => Sealing::DangerousPlaintext,
        })
    }

    /// No keys: what goes to the store goes in clear, and whoever reads the store has the refresh tokens. Right where
    /// the store is itself a vault, such as a keychain.
    #[staticmethod]
    fn dangerous_plaintext() -> Self {
        Self(Sealing::DangerousPlaintext)
    }

    fn __repr__(&self) -> &'static str {
        match &self.0 {
            Sealing::Keys(_) => "<grantline.SealingKeys (redacted)>",
            Sealing::DangerousPlaintext => "grantline.SealingKeys.dangerous_plaintext()",
        }
    }
}
