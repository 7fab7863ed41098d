//! What an API's refusal means, and what helps.

use super::challenge::Challenge;
use crate::error::Advice;
use crate::scopes::Scopes;
use crate::token::AccessToken;

/// An API refused a request that had a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiRefusal {
    /// Why.
    pub reason: ApiRefusalReason,
    /// The response's status.
    pub status: u16,
    /// The scopes that the API wants (RFC 6750 section 3), where it says so. The server's word: show it, and ask for
    /// it only if it is among those that the application knows.
    pub scopes: Option<Scopes>,
}

/// Why an API refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiRefusalReason {
    /// `invalid_token`: it has expired for the API, or was revoked. The next request gets another one.
    TokenInvalid,
    /// `invalid_token`, for one that was just issued. A later one would be refused as well.
    TokenInvalidThoughNew,
    /// `insufficient_scope`: the token is good, but not for this.
    InsufficientScope,
    /// A Bearer challenge without an error: the API saw no token (RFC 6750 section 3.1).
    TokenNotSeen,
    /// The API does not say what is wrong, or asks for something else than a Bearer token.
    Unexplained,
}

impl ApiRefusal {
    pub(super) fn read(status: u16, challenges: &[Challenge], token: &AccessToken) -> Self {
        let bearer = || challenges.iter().filter(|challenge| challenge.is_bearer());
        let said = |error| bearer().any(|challenge| challenge.parameter("error") == Some(error));
        let reason = if status == 401 && said("invalid_token") {
            ApiRefusalReason::TokenInvalid
        } else if said("insufficient_scope") {
            ApiRefusalReason::InsufficientScope
        } else if status == 401 && bearer().any(|challenge| challenge.parameter("error").is_none()) {
            ApiRefusalReason::TokenNotSeen
        } else {
            ApiRefusalReason::Unexplained
        };
        let wanted = bearer().find_map(|challenge| challenge.parameter("scope"));
        // An API could send back what it got.
        let wanted = wanted.filter(|scope| !scope.contains(token.expose_secret()));
        Self { reason, status, scopes: wanted.and_then(Scopes::granted) }
    }

    pub(super) fn although_new(self) -> Self {
        Self { reason: ApiRefusalReason::TokenInvalidThoughNew, ..self }
    }

    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self.reason {
            ApiRefusalReason::TokenInvalid => "api_token_invalid",
            ApiRefusalReason::TokenInvalidThoughNew => "api_token_invalid_though_new",
            ApiRefusalReason::InsufficientScope => "api_insufficient_scope",
            ApiRefusalReason::TokenNotSeen => "api_token_not_seen",
            ApiRefusalReason::Unexplained => "api_unexplained",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Advice {
        match self.reason {
            ApiRefusalReason::TokenInvalid => Advice::Retry { after: None },
            ApiRefusalReason::TokenInvalidThoughNew | ApiRefusalReason::Unexplained => {
                Advice::AskAdministrator
            }
            ApiRefusalReason::InsufficientScope | ApiRefusalReason::TokenNotSeen => Advice::FixConfiguration,
        }
    }

    fn words(&self) -> &'static str {
        match self.reason {
            ApiRefusalReason::TokenInvalid => {
                "the API no longer takes the token, and the request's body cannot be sent twice: send it again, \
                 with the next token"
            }
            ApiRefusalReason::TokenInvalidThoughNew => {
                "the API refuses a token that was just issued: check that it is one of this environment and of the \
                 right kind of tenant (a company, not a customer), and that the tenant has a licence for this API"
            }
            ApiRefusalReason::InsufficientScope => {
                "the token is good, but does not hold a scope that the API asks for: ask for that scope"
            }
            ApiRefusalReason::TokenNotSeen => {
                "the API saw no token: check that nothing on the way takes the Authorization header off, and that \
                 this API takes Bearer tokens"
            }
            ApiRefusalReason::Unexplained => {
                "the API refuses without a word about the token: check that this API takes Bearer tokens, that the \
                 token is for the right kind of tenant, and that the tenant has a licence"
            }
        }
    }
}

impl std::fmt::Display for ApiRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (status {})", self.words(), self.status)?;
        match &self.scopes {
            Some(scopes) => write!(f, "; it wants {scopes}"),
            None => Ok(()),
        }
    }
}
