//! Which signed token a refusal is about.

use std::fmt;

use super::Violation;

/// A signed token that is checked as an ID token is, and refused with the same codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedToken {
    /// The ID token of a login or of a refresh.
    #[default]
    IdToken,
    /// A logout token (OpenID Connect Back-Channel Logout section 2.4).
    LogoutToken,
    /// A signed `UserInfo` answer (OpenID Connect Core section 5.3.2).
    UserInfo,
}

impl fmt::Display for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdToken => "ID token",
            Self::LogoutToken => "logout token",
            Self::UserInfo => "signed UserInfo answer",
        })
    }
}

impl Violation {
    /// The same, about that token.
    pub(crate) fn about(mut self, which: SignedToken) -> Self {
        match &mut self {
            Self::IdTokenMalformed { token, .. }
            | Self::IdTokenClaimMissing { token, .. }
            | Self::IdTokenClaimMalformed { token, .. }
            | Self::IdTokenIssuerMismatch { token, .. }
            | Self::IdTokenAudienceMismatch { token, .. }
            | Self::IdTokenAlgorithm { token, .. }
            | Self::IdTokenKeyUnknown { token }
            | Self::IdTokenSignatureInvalid { token }
            | Self::IdTokenOfAnotherKind { token }
            | Self::IdTokenExpired { token, .. }
            | Self::IdTokenFromTheFuture { token, .. } => *token = which,
            _ => {}
        }
        self
    }
}

impl super::Error {
    /// As [`Violation::about`].
    pub(crate) fn about(self, which: SignedToken) -> Self {
        match self {
            Self::Violation(violation) => Self::Violation(violation.about(which)),
            other => other,
        }
    }
}
