//! Exit codes: what a script decides by.

use grantline::{Advice, Error, Fault};

/// How a command ends that did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Something that should not happen: report it.
    Unexpected = 1,
    /// The command line; clap ends with this code by itself.
    Usage = 2,
    /// The profile file, or what it names.
    Configuration = 3,
    /// There is no session, or it is over.
    LogIn = 4,
    /// The provider or the API refused.
    Refused = 5,
    /// The network, the provider, or the API is in trouble.
    Later = 6,
    /// The store.
    Store = 7,
    /// The doctor's worst finding is a warning.
    Warnings = 10,
    /// The doctor's worst finding is an error.
    Errors = 11,
}

impl Exit {
    /// As the system is told.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn of(error: &Error) -> Self {
        if error.fault() == Fault::Store {
            return Self::Store;
        }
        Self::of_advice(error.advice(), error.fault() == Fault::ServerRefused)
    }

    /// `is_refusal`: the provider or an API said no, by its rules.
    pub(crate) fn of_advice(advice: Advice, is_refusal: bool) -> Self {
        match advice {
            Advice::Retry { .. } => Self::Later,
            Advice::LogInAgain => Self::LogIn,
            Advice::AskAdministrator => Self::Refused,
            _ if is_refusal => Self::Refused,
            Advice::FixConfiguration => Self::Configuration,
            _ => Self::Unexpected,
        }
    }
}
