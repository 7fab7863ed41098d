//! What the emulator remembers between requests: in memory, and for what lasts in the state file, if there is one.

mod codes;
mod consents;
mod expiring;
mod family;
mod refresh_tokens;
mod sessions;

pub(crate) use codes::{Code, CodeRefused, Codes};
pub(crate) use consents::Consents;
pub(crate) use expiring::Expiring;
pub use family::{GrantEnd, GrantReport};
pub(crate) use refresh_tokens::{Begun, NotRevoked, RefreshRefused, RefreshTokens};
pub use sessions::SessionReport;
pub(crate) use sessions::Sessions;

use serde::{Deserialize, Serialize};

use crate::authorize::Transaction;
use crate::clock::UnixMillis;
use crate::portal::Told;
use crate::refusal::Refusal;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(skip)]
    pub(crate) codes: Codes,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) consents: Consents,
    pub(crate) sessions: Sessions,
    /// Authorization requests whose user is on the login or the consent page.
    #[serde(skip)]
    pub(crate) transactions: Expiring<Transaction>,
    /// What the error page shows, by `errorId`.
    #[serde(skip)]
    pub(crate) problems: Expiring<Refusal>,
    /// Secrets that were made on the portal's pages and wait to be shown once.
    #[serde(skip)]
    pub(crate) told: Expiring<Told>,
}

impl State {
    /// What lasts of it. The copy costs next to nothing, however much it is.
    pub(crate) fn lasting(&self) -> Self {
        Self {
            refresh_tokens: self.refresh_tokens.clone(),
            consents: self.consents.clone(),
            sessions: self.sessions.clone(),
            ..Self::default()
        }
    }

    /// What was granted to an application that is gone is worth nothing, also under another of the same name.
    pub(crate) fn forget_application(&mut self, client_id: &str, now: UnixMillis) {
        self.transactions.retain(|transaction| !transaction.is_of_client(client_id));
        self.codes.forget(|grant| grant.client_id == client_id);
        self.consents.forget(|_, of| of == client_id);
        self.refresh_tokens.end(|grant| grant.client_id == client_id, now);
    }

    /// The same for a user.
    pub(crate) fn forget_user(&mut self, sub: &str, now: UnixMillis) {
        self.transactions.retain(|transaction| !transaction.is_of_user(sub));
        self.codes.forget(|grant| grant.sub == sub);
        self.consents.forget(|by, _| by == sub);
        self.refresh_tokens.end(|grant| grant.sub == sub, now);
    }
}

/// What a user let a client do.
#[derive(Clone, Serialize, Deserialize)]
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
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) sub: String,
    pub(crate) authentication: Authentication,
}

/// The `idp` claim: where users log in.
pub(crate) const IDP: &str = "emulator";

/// How and when a user logged in.
#[derive(Clone, Serialize, Deserialize)]
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
