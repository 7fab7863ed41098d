//! Why a step failed.

use std::error::Error;

pub(crate) type Failure = Box<dyn Error>;

/// A failure in words.
pub(crate) fn failure(why: impl Into<String>) -> Failure {
    Failure::from(why.into())
}

/// Fails unless the condition holds.
pub(crate) fn expect(condition: bool, otherwise: impl Into<String>) -> Result<(), Failure> {
    if condition { Ok(()) } else { Err(failure(otherwise)) }
}

/// Fails unless this failed with the error of this code.
pub(crate) fn expect_code<T>(result: Result<T, grantline::Error>, code: &str) -> Result<(), Failure> {
    match result {
        Err(error) if error.code() == code => Ok(()),
        Err(error) => Err(failure(format!("expected {code}, got {}: {error}", error.code()))),
        Ok(_) => Err(failure(format!("expected {code}, but it went through"))),
    }
}
