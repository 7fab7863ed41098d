//! What ends a run: something is missing, or the harness itself does not work.

use std::fmt;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// A sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `cannot("start a worker")(error)`
pub(crate) fn cannot<E: fmt::Display>(what: &str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::new(format!("cannot {what}: {error}"))
}

impl From<grantline::Error> for Failure {
    fn from(error: grantline::Error) -> Self {
        Self::new(format!("{} ({})", error, error.code()))
    }
}
