//! Where the keys come from that records are sealed with: a file, an environment variable, the system's keyring.
//!
//! Each place holds a text of one or more keys, in base64 or hexadecimal, separated by white space. The first seals, all
//! of them open: a new key is put before the old ones. None is ever printed.
//!
//! ```no_run
//! # fn main() -> Result<(), grantline::Error> {
//! use grantline::sealing_keys;
//!
//! // Once, when the application is installed:
//! sealing_keys::create_file("/var/lib/invoices/sealing.key")?;
//! // At each start:
//! let keys = sealing_keys::from_file("/var/lib/invoices/sealing.key")?;
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "keyring")]
mod keyring;

use std::env::VarError;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use grantline_core::{Error, Misuse, SealingKey, SealingKeys};
use zeroize::Zeroizing;

#[cfg(feature = "keyring")]
pub use keyring::{create_in_keyring, from_keyring};

use crate::entropy;

/// No list of keys is longer.
const LONGEST_TEXT: usize = 64 * 1024;

/// The keys in a file. On Unix nobody but its owner may be allowed to read or write it.
///
/// Errors: `invalid_client_setting` (it cannot be read, is longer than 64 KiB, or others can read it),
/// `sealing_key_malformed`.
pub fn from_file(path: impl AsRef<Path>) -> Result<SealingKeys, Error> {
    let path = path.as_ref();
    let unusable = |error: &io::Error| invalid(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| unusable(&error))?;
    refuse_if_open_to_others(&file, path)?;
    // Room for all of it: a text that grew would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT + 1));
    // One byte more than the longest, which tells a longer one from it: its last keys must not be missing silently.
    file.take(LONGEST_TEXT as u64 + 1).read_to_string(&mut text).map_err(|error| unusable(&error))?;
    match text.len() <= LONGEST_TEXT {
        true => from_text(&text),
        false => Err(invalid(format!("{}: longer than {LONGEST_TEXT} bytes", path.display()))),
    }
}

/// The keys in an environment variable. Other programs of the same user, and whoever starts this one, can read it.
///
/// Errors: `invalid_client_setting` (it is not set), `sealing_key_malformed`.
pub fn from_environment(variable: &str) -> Result<SealingKeys, Error> {
    match std::env::var(variable) {
        Ok(text) => from_text(&Zeroizing::new(text)),
        Err(VarError::NotPresent) => {
            Err(invalid(format!("{variable}: this environment variable is not set")))
        }
        // Its own words quote what the variable holds, and so do its bytes if nobody wipes them.
        Err(VarError::NotUnicode(value)) => {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            Err(Misuse::SealingKeyMalformed.into())
        }
    }
}

/// Makes a key and a file that holds it, which only this user may read (mode 0600 on Unix). A file that is there is never
/// written over: it may hold the key of every session in a store.
///
/// The file comes into being at once and as a whole, also where processes do this at the same time or one of them
/// dies. Its file system has to know hard links.
///
/// Errors: `invalid_client_setting`.
pub fn create_file(path: impl AsRef<Path>) -> Result<SealingKeys, Error> {
    let path = path.as_ref();
    let key = entropy::sealing_key()?;
    let text = Zeroizing::new(format!("{}\n", key.to_text().expose_secret()));
    let draft = draft_beside(path, entropy::number()?);
    let placed = write_new(&draft, text.as_bytes()).and_then(|()| fs::hard_link(&draft, path));
    // Also where writing it failed half-way: what is left of it may hold the key.
    let removed = fs::remove_file(&draft);
    placed.and(removed).and_then(|()| sync_folder_of(path)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            invalid(format!("{}: there is a file already, which is not written over", path.display()))
        }
        _ => invalid(format!("{}: {error}", path.display())),
    })?;
    Ok(SealingKeys::new(key))
}

fn from_text(text: &str) -> Result<SealingKeys, Error> {
    let mut words = text.split_whitespace();
    let current = SealingKey::from_text(words.next().unwrap_or_default())?;
    words.try_fold(SealingKeys::new(current), |keys, word| Ok(keys.older(SealingKey::from_text(word)?)))
}

#[cfg(unix)]
fn refuse_if_open_to_others(file: &File, path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;

    let path = path.display();
    let metadata = file.metadata().map_err(|error| invalid(format!("{path}: {error}")))?;
    let mode = metadata.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => {
            Err(invalid(format!("{path} can be read or changed by others (mode {mode:o}): chmod 600 {path}")))
        }
    }
}

/// Elsewhere a file's rights are a list of its own, and those of a user's folders keep others out.
#[cfg(not(unix))]
fn refuse_if_open_to_others(_: &File, _: &Path) -> Result<(), Error> {
    Ok(())
}

/// A hidden name in the same folder, and so in the same file system.
fn draft_beside(path: &Path, number: u128) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{number:032x}"));
    path.with_file_name(name)
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// The name of a new file lasts when its folder was written.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

fn invalid(why: String) -> Error {
    Misuse::InvalidClientSetting { setting: "sealing_keys", why }.into()
}
