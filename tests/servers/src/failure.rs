//! Why a server could not be had.

use std::fmt;

/// What a function here gives.
pub type Result<T> = std::result::Result<T, Failure>;

/// One sentence for the person who reads the test's output; the end of the server's own log may follow it.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the server said that somebody else has its port.
    pub(crate) fn is_address_in_use(&self) -> bool {
        self.0.contains("Address already in use")
    }

    /// For an operation on a file or a process that the system refused.
    pub(crate) fn cannot(what: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self(format!("cannot {what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed: this is what `unwrap` in a test prints.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
