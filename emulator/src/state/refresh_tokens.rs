//! Refresh tokens: families of tokens that stem from one login.

use super::{Expiring, Grant};
use crate::clock::{UnixMillis, after};
use crate::config::{Application, RefreshPolicy};
use crate::random;

struct RefreshToken {
    family: String,
    /// When it was first used; the grace window counts from here.
    used_at: Option<UnixMillis>,
}

#[derive(Default)]
pub(crate) struct RefreshTokens {
    tokens: Expiring<RefreshToken>,
    /// The grant of each family; the entry ends with the absolute lifetime, and every token with the entry.
    families: Expiring<Grant>,
}

impl RefreshTokens {
    /// The first token of a new family.
    pub(crate) fn begin(&mut self, grant: Grant, application: &Application, now: UnixMillis) -> String {
        let family = random::identifier();
        let end = after(now, application.refresh_token_absolute_s);
        self.families.insert(family.clone(), grant, end, now);
        self.issue(family, application, now)
    }

    /// The grant and the token to answer with; the error is the reason.
    pub(crate) fn redeem(
        &mut self,
        value: &str,
        application: &Application,
        now: UnixMillis,
    ) -> Result<(Grant, String), &'static str> {
        let token = self.tokens.get_mut(value, now).ok_or("the refresh token is unknown or expired")?;
        let grant =
            self.families.get(&token.family, now).ok_or("the refresh token was revoked or is too old")?;
        if grant.client_id != application.client_id {
            return Err("the refresh token is another client's");
        }
        let (family_id, grant) = (token.family.clone(), grant.clone());
        if application.refresh == RefreshPolicy::ReUse {
            let end = self.token_end(&family_id, application, now);
            self.tokens.insert(value.to_owned(), RefreshToken { family: family_id, used_at: None }, end, now);
            return Ok((grant, value.to_owned()));
        }
        match token.used_at {
            None => token.used_at = Some(now),
            Some(first) if now < after(first, application.grace_s) => {}
            Some(_) => {
                if application.revoke_family_on_reuse {
                    self.families.remove(&family_id);
                }
                return Err("the refresh token was used before, and its grace window has passed");
            }
        }
        Ok((grant, self.issue(family_id, application, now)))
    }

    fn issue(&mut self, family: String, application: &Application, now: UnixMillis) -> String {
        let value = random::identifier();
        let end = self.token_end(&family, application, now);
        self.tokens.insert(value.clone(), RefreshToken { family, used_at: None }, end, now);
        value
    }

    /// The sliding lifetime, capped by the family's absolute one.
    fn token_end(&self, family: &str, application: &Application, now: UnixMillis) -> UnixMillis {
        let cap = self.families.expires_at(family).unwrap_or(now);
        after(now, application.refresh_token_s).min(cap)
    }
}
