//! Tokens on API requests: which requests get one, and what an API's refusal of it means (RFC 6750).

mod challenge;
mod origins;
mod refusal;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use origins::ApiOrigins;
pub use refusal::{ApiRefusal, ApiRefusalReason};

use crate::token::AccessToken;
pub(crate) use challenge::Challenge;

/// What decides about the requests of one application to one API. It is for all requests with the tokens of one
/// grant, from any number of threads.
#[derive(Debug)]
pub struct ApiAccess {
    origins: ApiOrigins,
    /// The generation of a token that was refused when it had just been issued; none is 0.
    refused_when_new: AtomicU64,
}

/// A request that went out with a token.
#[derive(Clone, Copy, Debug)]
pub struct AttachedRequest<'a> {
    /// The token.
    pub token: &'a AccessToken,
    /// It went out before, with another token.
    pub is_retry: bool,
    /// It can go out again: its body is still there.
    pub repeatable: bool,
}

/// What to do with an API's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Give it to the caller: it is no refusal of the token.
    Accepted,
    /// Invalidate the token, take a fresh one, and send the request once more.
    RefreshAndRetry,
    /// Give it to the caller with this advice, and invalidate the token.
    InvalidateAndPassOn(ApiRefusal),
    /// Give it to the caller with this advice. The token is not at fault.
    PassOn(ApiRefusal),
}

impl ApiAccess {
    /// For an API at these origins.
    pub fn new(origins: ApiOrigins) -> Self {
        Self { origins, refused_when_new: AtomicU64::new(0) }
    }

    /// Whether a request to this URL gets a token. Any other goes without, and its response is nobody's business here.
    pub fn allows(&self, url: &str) -> bool {
        self.origins.allows(url)
    }

    /// Judges the response to a request that went out with a token.
    ///
    /// Only a 401 with `error="invalid_token"` asks for another token (RFC 6750 section 3.1), and only once: a token
    /// that was refused when it was new is not replaced again for being refused. A 401 whose Bearer challenge names no
    /// error answers, by that section, a request without a token; a new token would get the same answer.
    ///
    /// `challenges`: the values of all `WWW-Authenticate` headers.
    pub fn judge<'a>(
        &self,
        status: u16,
        challenges: impl IntoIterator<Item = &'a str>,
        sent: AttachedRequest<'_>,
    ) -> Verdict {
        let generation = sent.token.generation().0;
        if !matches!(status, 401 | 403) {
            // It is good after all, whatever was wrong when it was new.
            let _ = self.refused_when_new.compare_exchange(generation, 0, Relaxed, Relaxed);
            return Verdict::Accepted;
        }
        let refusal = ApiRefusal::read(status, &Challenge::read_all(challenges), sent.token);
        match refusal.reason {
            ApiRefusalReason::TokenInvalid => self.judge_invalid(refusal, generation, sent),
            // A 403 without a word about the token is the API's own affair.
            ApiRefusalReason::Unexplained if status == 403 => Verdict::Accepted,
            _ => Verdict::PassOn(refusal),
        }
    }

    fn judge_invalid(&self, refusal: ApiRefusal, generation: u64, sent: AttachedRequest<'_>) -> Verdict {
        if sent.is_retry {
            self.refused_when_new.store(generation, Relaxed);
        }
        if self.refused_when_new.load(Relaxed) == generation {
            return Verdict::PassOn(refusal.although_new());
        }
        match sent.repeatable {
            true => Verdict::RefreshAndRetry,
            false => Verdict::InvalidateAndPassOn(refusal),
        }
    }
}
