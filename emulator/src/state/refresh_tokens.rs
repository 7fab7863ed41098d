//! Refresh tokens: families of tokens that stem from one login.

use rpds::HashTrieMapSync;
use serde::{Deserialize, Serialize};

use super::family::{Family, GrantEnd, GrantReport};
use super::{Expiring, Grant};
use crate::clock::{UnixMillis, after};
use crate::config::{Application, RefreshPolicy};
use crate::random;

/// The most families that are kept; beyond it the oldest goes, and every token with it.
const FAMILIES: usize = 200_000;

type FamilyId = u64;

#[derive(Clone, Serialize, Deserialize)]
struct RefreshToken {
    family: FamilyId,
    /// When it was first used; the grace window counts from here.
    used_at: Option<UnixMillis>,
    expires_at: UnixMillis,
}

/// A family, and when its absolute lifetime ends.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    family: Family,
    ends_at: UnixMillis,
}

#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshTokens {
    tokens: Expiring<RefreshToken>,
    families: HashTrieMapSync<FamilyId, Kept>,
    last_family: FamilyId,
}

/// A grant that a test asked for.
pub(crate) struct Begun {
    pub(crate) id: FamilyId,
    pub(crate) refresh_token: String,
}

impl RefreshTokens {
    /// The first token of a new family.
    pub(crate) fn begin(&mut self, grant: Grant, application: &Application, now: UnixMillis) -> Begun {
        if self.families.size() >= FAMILIES {
            // They are numbered one by one, and only the oldest goes.
            self.families.remove_mut(&(self.last_family + 1 - FAMILIES as FamilyId));
        }
        self.last_family += 1;
        let id = self.last_family;
        let ends_at = after(now, application.refresh_token_absolute_s);
        self.families.insert_mut(id, Kept { family: Family::new(grant), ends_at });
        Begun { id, refresh_token: self.issue(id, ends_at, application, now) }
    }

    /// The grant and the token to answer with.
    pub(crate) fn redeem(
        &mut self,
        value: &str,
        application: &Application,
        now: UnixMillis,
    ) -> Result<(Grant, String), RefreshRefused> {
        let (expires_at, token) = self.tokens.find_mut(value).ok_or(RefreshRefused::Unknown)?;
        let id = token.family;
        let Kept { family, ends_at } = self.families.get_mut(&id).ok_or(RefreshRefused::Unknown)?;
        check(family, *ends_at, expires_at, application, now)?;
        match token.used_at {
            _ if application.refresh == RefreshPolicy::ReUse => family.refreshes += 1,
            None => {
                token.used_at = Some(now);
                family.refreshes += 1;
            }
            Some(first) if now < after(first, application.grace_s) => family.replays_in_grace += 1,
            Some(first) => {
                family.replays_refused += 1;
                if application.revoke_family_on_reuse {
                    family.end(GrantEnd::Replayed, now);
                }
                return Err(RefreshRefused::Used(first));
            }
        }
        let (grant, ends_at) = (family.grant.clone(), *ends_at);
        if application.refresh == RefreshPolicy::ReUse {
            self.keep(value, id, ends_at, application, now);
            return Ok((grant, value.to_owned()));
        }
        family.rotation += 1;
        Ok((grant, self.issue(id, ends_at, application, now)))
    }

    /// Whether such a token was issued, whatever became of it.
    pub(crate) fn knows(&self, value: &str) -> bool {
        self.tokens.has(value)
    }

    /// Ends the grants that are meant, for their application or user is gone.
    pub(crate) fn end(&mut self, meant: impl Fn(&Grant) -> bool, now: UnixMillis) {
        let ending = self.families.iter().filter(|(_, kept)| meant(&kept.family.grant));
        let ending: Vec<FamilyId> = ending.map(|(id, _)| *id).collect();
        for id in &ending {
            if let Some(kept) = self.families.get_mut(id) {
                kept.family.end(GrantEnd::Removed, now);
            }
        }
    }

    /// The grant of a token that this client could exchange now, and when that ends.
    pub(crate) fn look(
        &self,
        value: &str,
        application: &Application,
        now: UnixMillis,
    ) -> Option<(&Grant, UnixMillis)> {
        let token = self.tokens.get(value, now)?;
        let Kept { family, ends_at } = self.families.get(&token.family)?;
        let unused = token.used_at.is_none_or(|first| now < after(first, application.grace_s));
        let good = unused && family.ended.is_none() && now < *ends_at;
        let own = family.grant.client_id == application.client_id;
        (good && own).then_some((&family.grant, token.expires_at))
    }

    /// Ends the family of a token, whether that token was used already or not; the error is the reason.
    pub(crate) fn revoke(&mut self, value: &str, client_id: &str, now: UnixMillis) -> Result<(), NotRevoked> {
        let id = self.tokens.get(value, now).ok_or(NotRevoked::Unknown)?.family;
        let family = &mut self.families.get_mut(&id).ok_or(NotRevoked::Unknown)?.family;
        if family.grant.client_id != client_id {
            return Err(NotRevoked::OfAnotherClient);
        }
        family.end(GrantEnd::Revoked, now);
        Ok(())
    }

    /// What became of the grants, oldest first.
    pub(crate) fn reports(&self, now: UnixMillis) -> impl Iterator<Item = GrantReport> {
        let mut families: Vec<_> = self.families.iter().collect();
        families.sort_unstable_by_key(|(id, _)| **id);
        families.into_iter().map(move |(id, kept)| kept.family.report(*id, kept.ends_at <= now))
    }

    fn issue(
        &mut self,
        family: FamilyId,
        ends_at: UnixMillis,
        application: &Application,
        now: UnixMillis,
    ) -> String {
        let value = random::identifier();
        self.keep(&value, family, ends_at, application, now);
        value
    }

    /// Keeps a token for the sliding lifetime, capped by the family's absolute one.
    fn keep(
        &mut self,
        value: &str,
        family: FamilyId,
        cap: UnixMillis,
        application: &Application,
        now: UnixMillis,
    ) {
        let end = after(now, application.refresh_token_s).min(cap);
        self.tokens.insert(
            value.to_owned(),
            RefreshToken { family, used_at: None, expires_at: end },
            end,
            now,
        );
    }
}

/// Whether this client may use a token of the family at all.
fn check(
    family: &Family,
    ends_at: UnixMillis,
    expires_at: UnixMillis,
    application: &Application,
    now: UnixMillis,
) -> Result<(), RefreshRefused> {
    if family.grant.client_id != application.client_id {
        return Err(RefreshRefused::OfAnotherClient(family.grant.client_id.clone()));
    }
    if let Some((by, at)) = family.ended {
        return Err(RefreshRefused::Ended { by, at });
    }
    if ends_at <= now {
        return Err(RefreshRefused::Ended { by: GrantEnd::Expired, at: ends_at });
    }
    if expires_at <= now {
        return Err(RefreshRefused::Expired(expires_at));
    }
    Ok(())
}

/// Why a refresh token is worth nothing.
pub(crate) enum RefreshRefused {
    Unknown,
    /// The client that it was issued to.
    OfAnotherClient(String),
    Ended {
        by: GrantEnd,
        at: UnixMillis,
    },
    Expired(UnixMillis),
    /// When it was first used; its grace window has passed.
    Used(UnixMillis),
}

/// Why a revocation changed nothing.
pub(crate) enum NotRevoked {
    Unknown,
    OfAnotherClient,
}
