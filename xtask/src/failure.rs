//! The one error of these commands: a sentence for the person at the terminal.

use std::fmt;
use std::io;
use std::path::Path;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For `map_err`: what could not be done to which path.
pub(crate) fn cannot(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure(format!("cannot {verb} {}: {error}", path.display()))
}
