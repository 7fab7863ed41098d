//! A server's folder: its own, gone with it.

use std::env;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process;

use crate::failure::{Failure, Result};

/// `nobody` and its group, in Debian and its kin: PostgreSQL and PgBouncer refuse to run as root.
const NOBODY: u32 = 65_534;

/// Who a server runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The user who runs the test.
    Myself,
    /// As that user, unless it is root: then as `nobody`.
    NeverRoot,
}

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    as_nobody: bool,
}

impl Folder {
    pub(crate) fn new(server: &str, owner: Owner) -> Result<Self> {
        let path = make(server)?;
        let is_root = fs::metadata(&path).is_ok_and(|folder| folder.uid() == 0);
        let folder = Self { path, as_nobody: is_root && owner == Owner::NeverRoot };
        folder.hand_over(&folder.path)?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The user and group to run as, if not as the one who runs the test.
    pub(crate) fn user(&self) -> Option<u32> {
        self.as_nobody.then_some(NOBODY)
    }

    /// Writes a file that only the server reads.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf> {
        let file = self.path.join(name);
        fs::write(&file, content).map_err(Failure::cannot(format!("write {}", file.display())))?;
        let private = Permissions::from_mode(0o600);
        fs::set_permissions(&file, private)
            .map_err(Failure::cannot(format!("protect {}", file.display())))?;
        self.hand_over(&file)?;
        Ok(file)
    }

    fn hand_over(&self, path: &Path) -> Result<()> {
        match self.user() {
            Some(user) => chown(path, Some(user), Some(user))
                .map_err(Failure::cannot(format!("hand {} to the server", path.display()))),
            None => Ok(()),
        }
    }
}

/// Short, since the name of a Unix socket below it has 107 bytes at most.
fn make(server: &str) -> Result<PathBuf> {
    for number in 0.. {
        let path = env::temp_dir().join(format!("grantline-{server}-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::cannot(format!("create {}", path.display()))(error)),
        }
    }
    Err(Failure::new("there is no name left for a temporary folder"))
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is below the system's temporary folder.
        let _ = fs::remove_dir_all(&self.path);
    }
}
