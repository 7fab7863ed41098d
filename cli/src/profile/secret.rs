//! Where a secret is: in the environment, a file, or the system's keyring. Never in the profile file itself.

mod keyring;

use std::env::{self, VarError};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use grantline::{SealingKeys, sealing_keys};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use zeroize::Zeroizing;

use crate::failure::Failure;
use keyring::SERVICE;
pub(crate) use keyring::keep;

/// What the refusal of a secret in clear is known by.
pub(super) const IN_CLEAR: &str = "a secret in clear";
pub(super) const INSTEAD: &str = "write { env = \"VARIABLE\" }, { file = \"path\" } or { keyring = \"name\" } in its place, and replace a secret that others could read";

/// The place of a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    Env(String),
    File(PathBuf),
    Keyring(String),
}

impl SecretSource {
    /// The secret. `folder`: what a path is relative to.
    pub(crate) fn read(&self, folder: &Path) -> Result<Zeroizing<String>, Failure> {
        match self {
            Self::Env(variable) => of_environment(variable),
            Self::File(path) => of_file(&folder.join(path)),
            Self::Keyring(name) => keyring::read(name),
        }
    }

    /// The keys that sessions are sealed with.
    pub(crate) fn sealing_keys(&self, folder: &Path) -> Result<SealingKeys, Failure> {
        Ok(match self {
            Self::Env(variable) => {
                // Says what is wrong with the variable as for any other secret.
                of_environment(variable)?;
                sealing_keys::from_environment(variable)?
            }
            Self::File(path) => super::sealing::of_file(&folder.join(path))?,
            Self::Keyring(name) => sealing_keys::from_keyring(SERVICE, name)?,
        })
    }
}

fn of_environment(variable: &str) -> Result<Zeroizing<String>, Failure> {
    let why = match env::var(variable).map(Zeroizing::new) {
        Ok(value) if !value.is_empty() => return Ok(value),
        Ok(_) => "is empty",
        Err(VarError::NotPresent) => "is not set",
        Err(VarError::NotUnicode(value)) => {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            "is no text"
        }
    };
    let what = format!("the environment variable {} {why}", shown(variable));
    Err(unavailable(&what, "set it to the secret that the profile takes from there"))
}

/// A name that is no usual one is not repeated: it may be the secret itself, in the place of a variable's name.
fn shown(variable: &str) -> &str {
    let is_unusual = variable.len() > 64 || variable.chars().any(|one| one.is_ascii_lowercase());
    if is_unusual { "that the profile names" } else { variable }
}

/// Without the line break that editors leave at the end.
fn of_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    refuse_unfit(path)?;
    let advice = "check the path, which is relative to the profile file's folder";
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Failure::of_file(path, "read", &error, advice))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(unavailable(&format!("{} is empty", path.display()), "write the secret into it")),
        secret => Ok(Zeroizing::new(secret.to_owned())),
    }
}

/// What holds no secret, or not for this user alone.
pub(super) fn refuse_unfit(path: &Path) -> Result<(), Failure> {
    match path.is_dir() {
        true => Err(unavailable(
            &format!("{} is a folder", path.display()),
            "write the path of the file in it that holds the secret",
        )),
        false => refuse_if_open_to_others(path),
    }
}

#[cfg(unix)]
fn refuse_if_open_to_others(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;

    // What cannot be looked at cannot be read either, and says so then.
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    let of_others = mode & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    let path = path.display();
    let what = format!("{path} holds a secret, and others can read it (mode {:o})", mode & 0o777);
    Err(unavailable(&what, &format!("chmod 600 {path}, and replace the secret if it was seen")))
}

/// Elsewhere a file's rights are a list of its own, and those of a user's folders keep others out.
#[cfg(not(unix))]
fn refuse_if_open_to_others(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// As POSIX has their names. What is none is not repeated: it may be the secret itself.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

fn unavailable(what: &str, advice: &str) -> Failure {
    Failure::configuration("secret_unavailable", what, advice)
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourceVisitor)
    }
}

/// Takes a table with the place. Anything else is a secret in clear, which no message quotes.
struct SourceVisitor;

impl<'de> Visitor<'de> for SourceVisitor {
    type Value = SecretSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the place of a secret")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
        Err(E::custom(IN_CLEAR))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretSource, E> {
        Err(E::custom(IN_CLEAR))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretSource, E> {
        Err(E::custom(IN_CLEAR))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretSource, E> {
        Err(E::custom(IN_CLEAR))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
        let refused =
            || A::Error::custom("the place of a secret is one of env, file and keyring, with a text");
        let key: String = map.next_key()?.ok_or_else(refused)?;
        let value: String = map.next_value().map_err(|_| refused())?;
        let secret = match key.as_str() {
            "env" if is_variable(&value) => SecretSource::Env(value),
            "env" => {
                return Err(A::Error::custom(
                    "env takes the name of an environment variable, and this is none",
                ));
            }
            "file" | "keyring" if value.is_empty() => {
                return Err(A::Error::custom("file takes a path and keyring a name, and this is empty"));
            }
            "file" => SecretSource::File(value.into()),
            "keyring" => SecretSource::Keyring(value),
            _ => return Err(refused()),
        };
        match map.next_key::<String>()? {
            None => Ok(secret),
            Some(_) => Err(refused()),
        }
    }
}

/// A place is no secret, but a name that somebody mistook for the value's place might be.
impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Env(_) => "SecretSource(env)",
            Self::File(_) => "SecretSource(file)",
            Self::Keyring(_) => "SecretSource(keyring)",
        })
    }
}
