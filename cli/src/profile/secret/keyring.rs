//! The system's keyring: the Keychain of macOS, the Credential Manager of Windows, the Secret Service elsewhere.

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::unavailable;
use crate::failure::Failure;

/// The service under which this program's secrets are.
pub(crate) const SERVICE: &str = "grantline";

pub(super) fn read(name: &str) -> Result<Zeroizing<String>, Failure> {
    let read = entry(name).and_then(|entry| entry.get_password());
    read.map(Zeroizing::new).map_err(|error| refusal(name, &error))
}

/// Keeps a secret under that name, in the place of one that is there.
pub(crate) fn keep(name: &str, secret: &str) -> Result<(), Failure> {
    entry(name).and_then(|entry| entry.set_password(secret)).map_err(|error| refusal(name, &error))
}

fn entry(name: &str) -> keyring_core::Result<Entry> {
    open()?.build(SERVICE, name, None)
}

/// None of the texts holds what the entry does.
fn refusal(name: &str, error: &Error) -> Failure {
    match error {
        Error::NoEntry => {
            let advice = format!("keep the secret there: `grantline keyring {name} < FILE`");
            unavailable(&format!("the system's keyring has no entry {name} of grantline"), &advice)
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) => unavailable(
            &format!("the entry {name} of the system's keyring is no text"),
            "keep it there again",
        ),
        _ => unavailable(
            &format!("the system's keyring does not answer: {error}"),
            "unlock it, or take the secret from { env = \"VARIABLE\" } or { file = \"path\" }",
        ),
    }
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    windows_native_keyring_store::Store::new()
}

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    zbus_secret_service_keyring_store::Store::new()
}
