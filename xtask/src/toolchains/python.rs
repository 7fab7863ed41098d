//! Python 3.10 or later, and virtual environments below the target folder: one with the tools of
//! `python/requirements-dev.txt`, one with those of the judges from outside.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result, cannot};
use crate::run;
use crate::toolchains::debian;
use crate::workspace::Workspace;

const PYTHON: &str = "Python (3.10 or later) with venv";
/// Debian splits the standard library: without python3-venv there is no `ensurepip`.
const IS_COMPLETE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";

#[derive(Debug)]
pub(crate) struct Python {
    environment: PathBuf,
    /// It is complete if this can be imported.
    module: &'static str,
}

impl Python {
    /// For the package and its tests.
    pub(crate) fn provide(workspace: &Workspace) -> Result<Self> {
        let python = Self { environment: workspace.target("venv"), module: "maturin" };
        python.with(workspace, "python/requirements-dev.txt")
    }

    /// For the judges from outside, of whose tools Node is one.
    pub(crate) fn for_interop(workspace: &Workspace) -> Result<Self> {
        let python = Self { environment: workspace.target("interop/venv"), module: "authlib" };
        python.with(workspace, "tests/interop/python/requirements.txt")
    }

    fn with(self, workspace: &Workspace, requirements: &str) -> Result<Self> {
        let wanted_path = workspace.path(requirements);
        let wanted = fs::read_to_string(&wanted_path).map_err(cannot("read", &wanted_path))?;
        let stamp = self.environment.join("requirements-installed.txt");
        let has = fs::read_to_string(&stamp).unwrap_or_default();
        if has != wanted || !self.works() {
            self.create(workspace, &wanted_path)?;
            fs::write(&stamp, wanted).map_err(cannot("write", &stamp))?;
        }
        Ok(self)
    }

    /// A program of the environment, in the folder `python`.
    pub(crate) fn command(&self, workspace: &Workspace, module: &str, arguments: &[&str]) -> Command {
        let mut command = workspace.command(self.interpreter(), &workspace.path("python"), &["-m", module]);
        command.args(arguments).envs([("VIRTUAL_ENV", &self.environment)]).env_remove("PYTHONHOME");
        command
    }

    /// A script, by its path from the folder `python`.
    pub(crate) fn script(&self, workspace: &Workspace, script: &str) -> Command {
        workspace.command(self.interpreter(), &workspace.path("python"), &[script])
    }

    /// A program that a package of the environment brought.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.environment.join(folder).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The search path of whoever has activated the environment.
    pub(crate) fn path(&self) -> Result<OsString> {
        let own = self.interpreter().parent().map(Path::to_path_buf);
        let users = env::var_os("PATH").unwrap_or_default();
        env::join_paths(own.into_iter().chain(env::split_paths(&users)))
            .map_err(|error| Failure::new(format!("the search path cannot be written: {error}")))
    }

    fn create(&self, workspace: &Workspace, requirements: &Path) -> Result<()> {
        let python = provide_interpreter(workspace)?;
        let mut venv = Command::new(python);
        venv.args(["-m", "venv", "--clear"]).arg(&self.environment);
        run::logged("making a Python environment", &mut venv, &workspace.log("python-venv"))?;
        let mut pip = Command::new(self.interpreter());
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"]).arg(requirements);
        run::logged("installing the Python tools", &mut pip, &workspace.log("python-pip"))
    }

    /// A system upgrade can leave an environment without its interpreter.
    fn works(&self) -> bool {
        let import = format!("import {}", self.module);
        run::read(Command::new(self.interpreter()).args(["-c", &import])).is_some()
    }

    fn interpreter(&self) -> PathBuf {
        self.program("python")
    }
}

fn provide_interpreter(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(python) = find_interpreter() {
        return Ok(python);
    }
    let packages = ["python3", "python3-venv"];
    debian::install(workspace, &packages, PYTHON, "install it and put `python3` on the PATH")?;
    find_interpreter().ok_or_else(|| Failure::new(format!("python3 was installed, but is not {PYTHON}")))
}

/// The first on the `PATH` that is complete: a bare one of the user's must not hide the system's.
fn find_interpreter() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let candidates = ["python3", "python"].into_iter().flat_map(|name| {
        folders.iter().map(move |folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
    });
    candidates
        .filter(|path| path.is_file())
        .find(|path| run::read(Command::new(path).args(["-c", IS_COMPLETE])).is_some())
}
