//! What the emulator remembers between requests. It lives in memory and ends with the process.

mod codes;
mod consents;
mod expiring;
mod family;
mod refresh_tokens;
mod sessions;

pub(crate) use codes::{Code, Codes};
pub(crate) use consents::Consents;
pub(crate) use expiring::Expiring;
pub use family::{GrantEnd, GrantReport};
pub(crate) use refresh_tokens::{Begun, NotRevoked, RefreshTokens};
pub(crate) use sessions::Sessions;

use std::collections::HashSet;

use crate::authorize::{Problem, Transaction};

#[derive(Default)]
pub(crate) struct State {
    pub(crate) codes: Codes,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) consents: Consents,
    pub(crate) sessions: Sessions,
    /// Applications and the tenants that approved them since the start.
    pub(crate) approvals: HashSet<(String, String)>,
    /// Authorization requests whose user is on the login or the consent page.
    pub(crate) transactions: Expiring<Transaction>,
    /// What the error page shows, by `errorId`.
    pub(crate) problems: Expiring<Problem>,
}

/// What a user let a client do.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) authentication: Authentication,
}

impl Grant {
    pub(crate) fn holds(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// A user who has logged in.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) sub: String,
    pub(crate) authentication: Authentication,
}

/// The `idp` claim: where users log in.
pub(crate) const IDP: &str = "emulator";

/// How and when a user logged in.
#[derive(Clone)]
pub(crate) struct Authentication {
    pub(crate) sid: String,
    pub(crate) auth_time_s: u64,
    pub(crate) mfa: bool,
}

impl Authentication {
    /// A small integer as a string, as Visma Connect has it.
    pub(crate) fn acr(&self) -> &'static str {
        if self.mfa { "2" } else { "1" }
    }

    /// Authentication methods (RFC 8176).
    pub(crate) fn amr(&self) -> Vec<&'static str> {
        if self.mfa { vec!["pwd", "otp", "mfa"] } else { vec!["pwd"] }
    }
}
