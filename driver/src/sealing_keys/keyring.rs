//! Keys in the system's keyring: the Keychain of macOS, the Credential Manager of Windows, the Secret Service elsewhere.

use grantline_core::{Error, Misuse, SealingKeys, StoreFailure, StoreFailureKind};
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use zeroize::Zeroizing;

use super::{from_text, invalid};
use crate::entropy;

/// The keys in the system's keyring, where they are a password under the names of a service and an account. Waits
/// for the user where the keyring is locked and its owner is asked for permission.
///
/// Errors: `invalid_client_setting` (there is no such entry), `sealing_key_malformed`; `store_denied` (the keyring is
/// locked, or permission was refused), `store_unavailable` (there is no keyring, or it does not answer).
pub fn from_keyring(service: &str, account: &str) -> Result<SealingKeys, Error> {
    load(&entry(service, account)?, service, account)
}

/// Makes a key and an entry of the system's keyring that holds it. An entry that is there is never written over: it may
/// hold the key of every session in a store.
///
/// Keyrings know no way to do this in one step, so let one process do it, when the application is installed.
///
/// Errors: `invalid_client_setting` (there is an entry), and those of [`from_keyring`].
pub fn create_in_keyring(service: &str, account: &str) -> Result<SealingKeys, Error> {
    create(&entry(service, account)?, service, account)
}

fn load(entry: &Entry, service: &str, account: &str) -> Result<SealingKeys, Error> {
    let text = entry.get_password().map(Zeroizing::new);
    from_text(&text.map_err(|error| failure(&error, service, account))?)
}

fn create(entry: &Entry, service: &str, account: &str) -> Result<SealingKeys, Error> {
    match entry.get_password().map(Zeroizing::new) {
        Err(keyring_core::Error::NoEntry) => {}
        Ok(_) => {
            let why =
                format!("the keyring has an entry for {service} and {account}, which is not written over");
            return Err(invalid(why));
        }
        Err(error) => return Err(failure(&error, service, account)),
    }
    let key = entropy::sealing_key()?;
    let kept = entry.set_password(key.to_text().expose_secret());
    kept.map_err(|error| failure(&error, service, account))?;
    Ok(SealingKeys::new(key))
}

/// Opens the keyring anew each time: one that is not there yet may be later.
fn entry(service: &str, account: &str) -> Result<Entry, Error> {
    let entry = open().and_then(|store| store.build(service, account, None));
    entry.map_err(|error| failure(&error, service, account))
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    windows_native_keyring_store::Store::new()
}

#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
fn open() -> keyring_core::Result<impl std::ops::Deref<Target = impl CredentialStoreApi>> {
    zbus_secret_service_keyring_store::Store::new()
}

/// The store of a platform that keeps secrets for applications and not for users: those are reached by its own shell.
#[cfg(any(target_os = "ios", target_os = "android"))]
fn open() -> keyring_core::Result<std::sync::Arc<keyring_core::CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// None of the texts holds what the entry does.
fn failure(error: &keyring_core::Error, service: &str, account: &str) -> Error {
    let kind = match error {
        keyring_core::Error::NoEntry => {
            return invalid(format!("the keyring has no entry for {service} and {account}"));
        }
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            return Misuse::SealingKeyMalformed.into();
        }
        keyring_core::Error::TooLong(..)
        | keyring_core::Error::Invalid(..)
        | keyring_core::Error::Ambiguous(_) => return invalid(format!("the keyring: {error}")),
        keyring_core::Error::NoStorageAccess(_) => StoreFailureKind::Denied,
        _ => StoreFailureKind::Unavailable,
    };
    Error::Store(StoreFailure::new(kind, format!("the keyring: {error}")))
}

#[cfg(test)]
mod tests {
    use keyring_core::Error as Trouble;
    use keyring_core::mock;

    use super::*;

    fn empty() -> Entry {
        mock::Store::new().unwrap().build("invoices", "sealing", None).unwrap()
    }

    fn loaded(entry: &Entry) -> Result<SealingKeys, Error> {
        load(entry, "invoices", "sealing")
    }

    /// What the next use of an entry with a key comes to, if the keyring says so.
    fn told(trouble: Trouble) -> Error {
        let entry = empty();
        create(&entry, "invoices", "sealing").unwrap();
        entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(trouble);
        let error = loaded(&entry).unwrap_err();
        assert!(loaded(&entry).is_ok(), "nothing was deleted");
        error
    }

    #[test]
    fn a_key_that_was_made_in_the_keyring_is_found_there() {
        let entry = empty();
        let made = create(&entry, "invoices", "sealing").unwrap();
        assert_eq!(loaded(&entry).unwrap(), made);
    }

    #[test]
    fn a_keyring_without_the_entry_says_so() {
        let error = loaded(&empty()).unwrap_err();
        assert_eq!(error.code(), "invalid_client_setting");
        assert!(error.to_string().contains("no entry for invoices and sealing"), "{error}");
    }

    #[test]
    fn an_entry_is_never_written_over() {
        let entry = empty();
        let made = create(&entry, "invoices", "sealing").unwrap();
        assert_eq!(create(&entry, "invoices", "sealing").unwrap_err().code(), "invalid_client_setting");
        assert_eq!(loaded(&entry).unwrap(), made);
    }

    #[test]
    fn a_locked_keyring_and_one_that_is_not_there_are_told_apart() {
        let why = || Box::new(std::io::Error::other("x"));
        assert_eq!(told(Trouble::NoStorageAccess(why())).code(), "store_denied");
        assert_eq!(told(Trouble::PlatformFailure(why())).code(), "store_unavailable");
        assert_eq!(told(Trouble::NoDefaultStore).code(), "store_unavailable");
    }

    #[test]
    fn an_entry_that_is_no_key_is_not_quoted() {
        let entry = empty();
        entry.set_password("hunter2").unwrap();
        let error = loaded(&entry).unwrap_err();
        assert_eq!(error.code(), "sealing_key_malformed");
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(told(Trouble::BadEncoding(b"hunter2".to_vec())).code(), "sealing_key_malformed");
    }
}
