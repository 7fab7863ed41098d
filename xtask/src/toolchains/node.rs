//! Node and npm, and a project of programs for it with its packages below the target folder.
//!
//! Both come as a wheel of the judges' Python environment: of one version on every system, without a root user. Debian
//! 12 has Node 18, and oidc-provider wants 22.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result, cannot};
use crate::files;
use crate::run;
use crate::toolchains::python::Python;
use crate::workspace::Workspace;

#[derive(Debug)]
pub(crate) struct Node {
    program: PathBuf,
    folder: PathBuf,
}

impl Node {
    /// `python`: the environment of the judges. `sources`: a project, which goes to `target` below the target folder.
    pub(crate) fn provide(
        workspace: &Workspace,
        python: &Python,
        sources: &str,
        target: &str,
    ) -> Result<Self> {
        let node = Self { program: python.program("node"), folder: workspace.target(target) };
        fs::create_dir_all(&node.folder).map_err(cannot("create", &node.folder))?;
        // A program finds its packages from where it lies, so the programs lie beside them.
        node.copy_sources(&workspace.path(sources))?;
        if !node.has_packages() {
            node.install(workspace, &python.program("npm"))?;
        }
        Ok(node)
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Where the project's programs lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of the project's programs.
    pub(crate) fn script(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn copy_sources(&self, sources: &Path) -> Result<()> {
        for entry in fs::read_dir(sources).map_err(cannot("read", sources))?.flatten() {
            if entry.path().is_file() {
                files::place(&entry.path(), &self.folder)?;
            }
        }
        Ok(())
    }

    /// What npm was last asked for is what is asked for now.
    fn has_packages(&self) -> bool {
        let lock = |name: &str| fs::read(self.folder.join(name)).ok();
        let wanted = lock("package-lock.json");
        wanted.is_some() && wanted == lock("installed-lock.json")
    }

    fn install(&self, workspace: &Workspace, npm: &Path) -> Result<()> {
        let mut command = Command::new(npm);
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&self.folder);
        command.env("PATH", self.path()?);
        run::logged("installing the packages of Node", &mut command, &workspace.log("npm-ci"))?;
        let (lock, installed) = (self.script("package-lock.json"), self.script("installed-lock.json"));
        fs::copy(&lock, &installed).map(drop).map_err(cannot("write", &installed))
    }

    /// npm starts the `node` that it finds.
    fn path(&self) -> Result<std::ffi::OsString> {
        let own = self.program.parent().map(Path::to_path_buf);
        let others = env::var_os("PATH").unwrap_or_default();
        env::join_paths(own.into_iter().chain(env::split_paths(&others)))
            .map_err(|error| Failure::new(format!("the PATH cannot be written: {error}")))
    }
}
