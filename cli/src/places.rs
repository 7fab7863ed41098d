//! Where profiles and sessions are on this machine.

use std::env;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};

use crate::failure::Failure;

const FOLDER: &str = "grantline";

/// The profile file: the argument, the environment's, or the platform's place for one.
pub(crate) fn profiles(argument: Option<&Path>) -> Result<PathBuf, Failure> {
    match named(argument, "GRANTLINE_CONFIG") {
        Some(path) => Ok(path),
        None => Ok(home("--config", "GRANTLINE_CONFIG")?.config_dir().join(FOLDER).join("profiles.toml")),
    }
}

/// The folder of sessions and of the key that they are sealed with. It may not be there yet.
pub(crate) fn data(argument: Option<&Path>) -> Result<PathBuf, Failure> {
    match named(argument, "GRANTLINE_DATA") {
        Some(path) => Ok(path),
        None => Ok(home("--data", "GRANTLINE_DATA")?.data_dir().join(FOLDER)),
    }
}

/// What to do instead where the data folder cannot be used.
pub(crate) const ANOTHER_DATA_FOLDER: &str = "name another folder with --data or GRANTLINE_DATA";

/// Makes the folder if it is not there, for nobody but this user. `instead`: what else the user can do.
pub(crate) fn make(folder: &Path, instead: &str) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let advice = format!("let this user make it, or {instead}");
    builder.create(folder).map_err(|error| Failure::of_file(folder, "made", &error, &advice))
}

fn named(argument: Option<&Path>, variable: &str) -> Option<PathBuf> {
    let of_environment = || env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    argument.map(Path::to_owned).or_else(of_environment)
}

/// This platform's folders, by its own habits.
fn home(flag: &str, variable: &str) -> Result<impl BaseStrategy, Failure> {
    choose_native_strategy().map_err(|error| {
        let advice = format!("name the place with {flag} or {variable}");
        Failure::configuration("home_unknown", format!("this user has no home folder: {error}"), advice)
    })
}
