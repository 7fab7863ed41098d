//! Why a request is refused.

use std::borrow::Cow;
use std::fmt;

/// The check that failed, what the answer says of it, and what only the journal tells.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// The name of the check, as the journal has it.
    pub(crate) check: &'static str,
    /// The `error` of the answer.
    pub(crate) code: &'static str,
    /// The `error_description` of the answer, where it has one.
    pub(crate) description: Cow<'static, str>,
    /// More than a real server gives away.
    words: Option<String>,
}

impl Refusal {
    pub(crate) fn new(
        check: &'static str,
        code: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { check, code, description: description.into(), words: None }
    }

    pub(crate) fn invalid_request(check: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(check, "invalid_request", description)
    }

    pub(crate) fn invalid_client(check: &'static str, description: &'static str) -> Self {
        Self::new(check, "invalid_client", description)
    }

    pub(crate) fn invalid_grant(check: &'static str, description: &'static str) -> Self {
        Self::new(check, "invalid_grant", description)
    }

    pub(crate) fn invalid_scope(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("scope", "invalid_scope", description)
    }

    /// The same, with these words in the journal.
    #[must_use]
    pub(crate) fn because(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// What went wrong, as the journal and the emulator's own pages tell it.
    pub(crate) fn words(&self) -> &str {
        self.words.as_deref().unwrap_or(&self.description)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.words())
    }
}

impl From<aws_lc_rs::error::Unspecified> for Refusal {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::new("signing", "server_error", "signing failed")
    }
}
