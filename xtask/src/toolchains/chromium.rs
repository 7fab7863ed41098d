//! Chromium: the user's own, or Debian's package.

use std::env;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::run;
use crate::toolchains::debian;
use crate::workspace::Workspace;

const CHROMIUM: &str = "Chromium";
const ELSEWHERE: &str = "install Chromium or Chrome, and set GRANTLINE_CHROMIUM to its program";
/// What the program is called on the systems that have it on the `PATH`.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Its program: what `GRANTLINE_CHROMIUM` says, or the first on the `PATH`.
pub(crate) fn provide(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(program) = find() {
        return Ok(program);
    }
    debian::install(workspace, &["chromium"], CHROMIUM, ELSEWHERE)?;
    find().ok_or_else(|| Failure::new("chromium was installed, but is not on the PATH"))
}

fn find() -> Option<PathBuf> {
    let chosen = env::var_os("GRANTLINE_CHROMIUM").filter(|value| !value.is_empty()).map(PathBuf::from);
    chosen.or_else(|| NAMES.into_iter().find_map(run::find))
}
