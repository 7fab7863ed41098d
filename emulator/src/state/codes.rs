//! Authorization codes: short-lived, used once.

use super::{Expiring, Grant};
use crate::authorize::ProofKeyChallenge;
use crate::clock::{UnixMillis, after};
use crate::random;

pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<ProofKeyChallenge>,
    pub(crate) nonce: Option<String>,
}

#[derive(Default)]
pub(crate) struct Codes(Expiring<Code>);

impl Codes {
    pub(crate) fn issue(&mut self, code: Code, lifetime_s: u64, now: UnixMillis) -> String {
        let value = random::identifier();
        self.0.insert(value.clone(), code, after(now, lifetime_s), now);
        value
    }

    /// Spends a code; one that another client presents stays as it is. The error is the reason.
    pub(crate) fn redeem(
        &mut self,
        value: &str,
        client_id: &str,
        now: UnixMillis,
    ) -> Result<Code, &'static str> {
        let unknown = "the code is unknown, used or expired";
        let known = self.0.get(value, now).ok_or(unknown)?;
        if known.grant.client_id != client_id {
            return Err("the code is another client's");
        }
        self.0.remove(value).ok_or(unknown)
    }
}
