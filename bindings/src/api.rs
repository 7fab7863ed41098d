//! Tokens on API requests, which the application's own HTTP client sends.

use grantline::core;

use crate::error::NativeError;
use crate::token::AccessToken;

/// What decides about the requests of one grant to one API.
#[derive(Debug, uniffi::Object)]
pub struct ApiAccess(core::ApiAccess);

#[uniffi::export]
impl ApiAccess {
    /// For an API at these origins.
    #[uniffi::constructor]
    pub fn new(origins: Vec<String>) -> Result<Self, NativeError> {
        Ok(Self(core::ApiAccess::new(core::ApiOrigins::new(origins)?)))
    }

    /// Whether a request to this absolute URL gets a token; any other goes as it is, and its response is not judged.
    /// One that has an Authorization header already is refused.
    pub fn admits(&self, url: &str, has_authorization: bool) -> Result<bool, NativeError> {
        match (self.0.allows(url), has_authorization) {
            (true, true) => Err(grantline::Error::from(core::Misuse::AuthorizationPresent).into()),
            (allowed, _) => Ok(allowed),
        }
    }

    /// Judges the response to a request that went out with that token.
    ///
    /// `challenges`: the values of all `WWW-Authenticate` headers. `is_retry`: it went out before, with another token.
    /// `repeatable`: its body is still there.
    #[allow(clippy::needless_pass_by_value, reason = "lists cross as they are")]
    pub fn judge(
        &self,
        status: u16,
        challenges: Vec<String>,
        token: &AccessToken,
        is_retry: bool,
        repeatable: bool,
    ) -> ApiVerdict {
        let sent = core::AttachedRequest { token: &token.0, is_retry, repeatable };
        self.0.judge(status, challenges.iter().map(String::as_str), sent).into()
    }
}

/// What to do with an API's response.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ApiVerdict {
    /// Give it to the caller.
    Accepted,
    /// Invalidate the token, take a fresh one, and send the request once more.
    RefreshAndRetry,
    /// Give it to the caller with this advice, and invalidate the token.
    InvalidateAndPassOn {
        /// What the response means.
        refusal: ApiRefusal,
    },
    /// Give it to the caller with this advice.
    PassOn {
        /// What the response means.
        refusal: ApiRefusal,
    },
}

/// An API refused a request that had a token.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ApiRefusal {
    /// The stable code.
    pub code: String,
    /// The stable name of the advice.
    pub advice: String,
    /// The response's status.
    pub status: u16,
    /// The scopes that the API wants, where it says so.
    pub scopes: Option<Vec<String>>,
    /// What it means and what to change, for a person.
    pub text: String,
}

impl From<core::Verdict> for ApiVerdict {
    fn from(verdict: core::Verdict) -> Self {
        match verdict {
            core::Verdict::Accepted => Self::Accepted,
            core::Verdict::RefreshAndRetry => Self::RefreshAndRetry,
            core::Verdict::InvalidateAndPassOn(refusal) => {
                Self::InvalidateAndPassOn { refusal: (&refusal).into() }
            }
            core::Verdict::PassOn(refusal) => Self::PassOn { refusal: (&refusal).into() },
        }
    }
}

impl From<&core::ApiRefusal> for ApiRefusal {
    fn from(refusal: &core::ApiRefusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            advice: refusal.advice().name().to_owned(),
            status: refusal.status,
            scopes: refusal.scopes.as_ref().map(|scopes| scopes.iter().map(str::to_owned).collect()),
            text: refusal.to_string(),
        }
    }
}
