//! The key that sessions are sealed with, in a file.

use std::path::Path;

use grantline::{Error, Misuse, SealingKeys, sealing_keys};

use super::secret::refuse_unfit;
use crate::failure::Failure;
use crate::places;

/// The keys in a file that is there.
pub(crate) fn of_file(path: &Path) -> Result<SealingKeys, Failure> {
    refuse_unfit(path)?;
    sealing_keys::from_file(path).map_err(|error| match error {
        Error::Misuse(Misuse::InvalidClientSetting { why, .. }) => {
            let what = format!("the sealing key cannot be read: {why}");
            Failure::configuration(
                "file_unusable",
                what,
                "check the path, and that this user may read the file",
            )
        }
        other => Failure::from(other).of_damaged(path),
    })
}

/// The key beside the sessions of this machine, made when it is first needed.
pub(crate) fn of_this_machine(data: &Path) -> Result<SealingKeys, Failure> {
    let path = data.join("sealing.key");
    if !path.exists() {
        places::make(data, places::ANOTHER_DATA_FOLDER)?;
        // Another process may have made it meanwhile: what counts is the one that is there.
        if let (Err(error), false) = (sealing_keys::create_file(&path), path.exists()) {
            return Err(not_made(error, data));
        }
    }
    of_file(&path)
}

fn not_made(error: Error, data: &Path) -> Failure {
    match error {
        Error::Misuse(Misuse::InvalidClientSetting { why, .. }) => {
            let what = format!("the sealing key cannot be made: {why}");
            let advice =
                format!("let this user write to {}, or {}", data.display(), places::ANOTHER_DATA_FOLDER);
            Failure::configuration("file_unusable", what, advice)
        }
        other => other.into(),
    }
}
