//! Where the commands are run: in the clone, with a home folder of its own that is empty at first.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::failure::{Failure, failure};
use crate::stand_ins;

pub(crate) const PAGE: &str = "docs/first-day.md";

/// What the user may have set that would lead elsewhere.
const LEFT_OUT: [&str; 8] = [
    "GRANTLINE_CONFIG",
    "GRANTLINE_DATA",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "BROWSER",
    "WAYLAND_DISPLAY",
    "PYTHONPATH",
    "ENV",
];

pub(crate) struct World {
    clone: PathBuf,
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Result<Self, Failure> {
        let here = env::current_dir()?;
        let clone = here.ancestors().find(|folder| folder.join(PAGE).exists());
        let clone = clone.ok_or_else(|| failure("this is no clone"))?.to_owned();
        let world = Self { clone, folder: TempDir::with_prefix("grantline-first-day-")? };
        for name in ["home", "programs", "temporary"] {
            fs::create_dir(world.path(name))?;
        }
        stand_ins::write(&world.path("programs"))?;
        Ok(world)
    }

    pub(crate) fn clone(&self) -> &Path {
        &self.clone
    }

    /// The user's.
    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// A file of the test itself.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shell that does this, and says all that it says on its standard output.
    pub(crate) fn shell(&self, script: &str) -> Result<Command, Failure> {
        let users = env::var_os("PATH").unwrap_or_default();
        let programs = [self.path("programs")].into_iter().chain(env::split_paths(&users));
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1\nset -e\n{script}")])
            .current_dir(&self.clone)
            .stdin(Stdio::null())
            .env("PATH", env::join_paths(programs)?)
            .env("HOME", self.home())
            .env("TMPDIR", self.path("temporary"))
            // A desktop, whose browser `xdg-open` opens.
            .env("DISPLAY", ":0")
            // Nothing is to be left in the clone, and nothing held back.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1");
        for variable in LEFT_OUT {
            shell.env_remove(variable);
        }
        for variable in ["NO_PROXY", "no_proxy"] {
            let users = env::var(variable).unwrap_or_default();
            shell.env(variable, format!("127.0.0.1,localhost,{users}"));
        }
        Ok(shell)
    }
}
