//! Authorization codes: short-lived, used once.

use super::{Expiring, Grant};
use crate::authorize::ProofKeyChallenge;
use crate::clock::{UnixMillis, after};
use crate::random;

#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<ProofKeyChallenge>,
    pub(crate) nonce: Option<String>,
}

/// Kept when it is spent, so that the next who brings it can be told.
#[derive(Clone)]
struct Kept {
    code: Code,
    used_at: Option<UnixMillis>,
}

#[derive(Default)]
pub(crate) struct Codes(Expiring<Kept>);

/// Why a code is worth nothing.
pub(crate) enum CodeRefused {
    Unknown,
    /// The client that it was issued to.
    OfAnotherClient(String),
    Used(UnixMillis),
    Expired(UnixMillis),
}

impl Codes {
    pub(crate) fn issue(&mut self, code: Code, lifetime_s: u64, now: UnixMillis) -> String {
        let value = random::identifier();
        self.0.insert(value.clone(), Kept { code, used_at: None }, after(now, lifetime_s), now);
        value
    }

    /// Spends a code; one that another client presents stays as it is.
    pub(crate) fn redeem(
        &mut self,
        value: &str,
        client_id: &str,
        now: UnixMillis,
    ) -> Result<Code, CodeRefused> {
        let (expires_at, Kept { code, used_at }) = self.0.find_mut(value).ok_or(CodeRefused::Unknown)?;
        if code.grant.client_id != client_id {
            return Err(CodeRefused::OfAnotherClient(code.grant.client_id.clone()));
        }
        if let Some(at) = *used_at {
            return Err(CodeRefused::Used(at));
        }
        if expires_at <= now {
            return Err(CodeRefused::Expired(expires_at));
        }
        *used_at = Some(now);
        Ok(code.clone())
    }

    /// Forgets the codes of grants that are meant.
    pub(crate) fn forget(&mut self, meant: impl Fn(&Grant) -> bool) {
        self.0.retain(|kept| !meant(&kept.code.grant));
    }
}
