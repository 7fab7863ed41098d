//! Where things are, whatever folder the command was called from.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};

#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    artifacts: PathBuf,
    target: PathBuf,
    target_was_chosen: bool,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // Cargo's word of this run: the program may have been built in another clone with the same target folder.
        let package = env::var_os("CARGO_MANIFEST_DIR");
        let package = package.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root =
            package.parent().ok_or_else(|| Failure::new("the xtask package lies outside its workspace"))?;
        let executable =
            env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
        let artifacts =
            executable.parent().ok_or_else(|| Failure::new("this program lies outside a target folder"))?;
        // Cargo takes a relative CARGO_TARGET_DIR from the folder it is called in, and the children are
        // called in others.
        let chosen = env::var_os("CARGO_TARGET_DIR").and_then(|path| std::path::absolute(path).ok());
        Ok(Self {
            root: root.to_path_buf(),
            artifacts: artifacts.to_path_buf(),
            target_was_chosen: chosen.is_some(),
            target: chosen.unwrap_or_else(|| artifacts.parent().unwrap_or(artifacts).to_path_buf()),
        })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A place for what is made: it may be lost at any time.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// Where `cargo build` leaves its programs and libraries.
    pub(crate) fn artifacts(&self) -> &Path {
        &self.artifacts
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.artifacts.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The UniFFI library, named as this system names libraries.
    pub(crate) fn library(&self) -> PathBuf {
        let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        self.artifacts.join(format!("{prefix}grantline_ffi{suffix}"))
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.target.join("xtask-logs").join(format!("{name}.log"))
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        self.command(program, &self.root, arguments)
    }

    /// A command that starts in a folder and builds into the same target folder as this one.
    pub(crate) fn command(&self, program: impl Into<OsString>, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program.into());
        command.args(arguments).current_dir(folder);
        if self.target_was_chosen {
            command.env("CARGO_TARGET_DIR", &self.target);
        }
        command
    }
}
