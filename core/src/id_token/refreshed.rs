//! The ID token of a refresh, beside the one before it (OpenID Connect Core section 12.2).

use std::time::Duration;

use super::claims::IdTokenClaims;
use super::validate::parse;
use crate::error::Violation;
use crate::secret::RawIdToken;

/// By how much the clocks of a server's machines may differ.
const TOLERANCE: Duration = Duration::from_secs(60);

/// Whether the ID token that a refresh brought speaks of the same user, client and login as the one that the session has.
/// If it does not, nothing that came with it may be used.
///
/// Its signature is not looked at: it came from the token endpoint itself, over TLS (section 3.1.3.7, point 6).
pub(crate) fn check_refreshed(
    new: &RawIdToken,
    old: Option<&RawIdToken>,
    issuer: &str,
    client_id: &str,
) -> Result<(), Violation> {
    let new = claims(new)?;
    new.check_issuer(issuer)?;
    new.check_audience(client_id)?;
    // The old one was judged when it came. One that cannot be read now has nothing to compare with.
    match old.and_then(|old| claims(old).ok()) {
        Some(old) => check_continuity(&new, &old, client_id),
        None => Ok(()),
    }
}

fn claims(token: &RawIdToken) -> Result<IdTokenClaims, Violation> {
    IdTokenClaims::read(parse(token.expose_secret())?.claims)
}

fn check_continuity(new: &IdTokenClaims, old: &IdTokenClaims, client_id: &str) -> Result<(), Violation> {
    if new.subject != old.subject {
        return Err(Violation::IdTokenSubjectMismatch);
    }
    if new.nonce.is_some() && new.nonce != old.nonce {
        return Err(Violation::IdTokenNonceMismatch);
    }
    // A server may leave out what it said. Where it did not say for whom the first one was, that is this client.
    let party = old.authorized_party.as_deref().unwrap_or(client_id);
    if new.authorized_party.as_deref().is_some_and(|new| new != party) {
        return Err(Violation::IdTokenClaimChanged { name: "azp" });
    }
    match (new.auth_time, old.auth_time) {
        (Some(new), Some(old)) if new != old => {
            return Err(Violation::IdTokenClaimChanged { name: "auth_time" });
        }
        _ => {}
    }
    match new.issued_at.plus(TOLERANCE) < old.issued_at {
        true => Err(Violation::IdTokenClaimChanged { name: "iat" }),
        false => Ok(()),
    }
}
