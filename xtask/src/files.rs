//! Putting files where others look for them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Result, cannot};

/// Copies a file into a folder unless the same is there: a new time stamp would have everything rebuilt.
pub(crate) fn place(file: &Path, folder: &Path) -> Result<()> {
    let new = fs::read(file).map_err(cannot("read", file))?;
    let copy: PathBuf = folder.join(file.file_name().unwrap_or_default());
    if fs::read(&copy).is_ok_and(|old| old == new) {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(cannot("create", folder))?;
    fs::write(&copy, new).map_err(cannot("write", &copy))
}
