//! The programs, and where they come from.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// A program that a server here needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    name: &'static str,
    package: &'static str,
}

impl Program {
    pub(crate) const REDIS_SERVER: Self = Self { name: "redis-server", package: "redis-server" };
    pub(crate) const REDIS_CLI: Self = Self { name: "redis-cli", package: "redis-server" };
    pub(crate) const POSTGRES: Self = Self { name: "postgres", package: "postgresql" };
    pub(crate) const INITDB: Self = Self { name: "initdb", package: "postgresql" };
    pub(crate) const PSQL: Self = Self { name: "psql", package: "postgresql" };
    pub(crate) const PGBOUNCER: Self = Self { name: "pgbouncer", package: "pgbouncer" };

    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::REDIS_SERVER, Self::REDIS_CLI, Self::POSTGRES, Self::INITDB, Self::PSQL, Self::PGBOUNCER];

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The package of Debian and Ubuntu that brings it.
    pub fn debian_package(self) -> &'static str {
        self.package
    }

    /// Where it is: where Debian puts what belongs to a server, or on the `PATH`, where Debian has a slow script for
    /// `psql`.
    pub fn find(self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = env::split_paths(&path).map(|folder| folder.join(self.name));
        self.aside().chain(on_path).find(|file| file.is_file())
    }

    /// Where it is.
    ///
    /// Errors: it is missing, with what to do.
    pub fn require(self) -> Result<PathBuf> {
        self.find().ok_or_else(|| {
            let Self { name, package } = self;
            Failure::new(format!(
                "`{name}` is missing: run `cargo xtask test rust` as root on Debian or Ubuntu, which installs it, or \
                 install the package {package} (or what your system calls it) and put `{name}` on the PATH"
            ))
        })
    }

    /// Debian keeps every release of PostgreSQL apart, and a user's `PATH` without `sbin`.
    fn aside(self) -> impl Iterator<Item = PathBuf> {
        let mut releases: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        releases.sort_by_key(|path| release(path));
        let newest_first = releases.into_iter().rev().map(move |release| release.join("bin").join(self.name));
        newest_first.chain(["/usr/sbin", "/sbin"].map(move |folder| Path::new(folder).join(self.name)))
    }
}

fn release(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_is_named_with_what_to_do() {
        let missing = Program { name: "no-such-server", package: "no-such-package" };
        let failure = missing.require().unwrap_err().to_string();
        assert!(failure.starts_with("`no-such-server` is missing: run `cargo xtask test rust`"), "{failure}");
        assert!(failure.contains("install the package no-such-package"), "{failure}");
    }

    #[test]
    fn a_later_release_comes_before_an_earlier_one() {
        assert!(release(Path::new("/usr/lib/postgresql/15")) > release(Path::new("/usr/lib/postgresql/9")));
    }
}
