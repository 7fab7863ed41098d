//! Why a command of the page did not do what it says.

use std::error::Error;

pub(crate) type Failure = Box<dyn Error>;

/// A failure in words.
pub(crate) fn failure(why: impl Into<String>) -> Failure {
    Failure::from(why.into())
}
