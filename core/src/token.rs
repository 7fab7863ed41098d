//! An access token in the hands of the application, and how long it is good.

use std::time::Duration;

use crate::scopes::Scopes;
use crate::secret::BearerToken;
use crate::time::{Millis, Now, UnixMillis};

/// Counts the rotations of one grant. It is the fence of the session protocol: an answer is saved only over
/// the generation that it spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

impl Generation {
    /// The generation of a new grant.
    pub const FIRST: Self = Self(1);

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// One that no answer under way can have: beyond whatever a host may have rotated without having saved it.
    #[must_use]
    pub(crate) fn out_of_reach(self) -> Self {
        Self(self.0.saturating_add(1 << 32))
    }
}

/// A token stops counting as fresh this long before its end, so that it is not dead on arrival at an API.
const SAFETY_MARGIN: Duration = Duration::from_secs(10);
/// Refresh-ahead begins this long before the end at most, and never earlier than the last fifth of a life.
const LONGEST_AHEAD: Duration = Duration::from_secs(300);
/// No lifetime is taken to be longer than this, whatever the server says.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How a token stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Use it.
    Fresh,
    /// Use it, and fetch the next one meanwhile.
    RefreshAhead,
    /// Do not use it.
    Expired,
}

/// An access token (RFC 6749 section 1.4) of type Bearer (RFC 6750), with what the server said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessToken {
    pub(crate) secret: BearerToken,
    pub(crate) scopes: Scopes,
    /// When the request for it was sent: its life counts from there.
    pub(crate) obtained: UnixMillis,
    pub(crate) life: Option<Life>,
    pub(crate) generation: Generation,
    pub(crate) saved: bool,
}

/// A known lifetime, and where it ends on the clock that nobody can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) lifetime: Duration,
    ends: Millis,
    /// With so much left, or less, the next token is fetched.
    ahead: Duration,
    /// With so much left, or less, the token no longer counts as good.
    margin: Duration,
}

impl Life {
    /// A life that began when both clocks stood at `obtained`.
    pub(crate) fn from(obtained: Now, lifetime: Duration) -> Self {
        Self::until(obtained.boot.plus(lifetime), lifetime)
    }

    /// What is left of a life that was stored. One from the future has nothing left: the clock was wrong then or
    /// is wrong now.
    pub(crate) fn resumed(obtained: UnixMillis, lifetime: Duration, now: Now) -> Self {
        let left = match obtained <= now.wall {
            true => lifetime.saturating_sub(now.wall.since(obtained)),
            false => Duration::ZERO,
        };
        Self::until(now.boot.plus(left), lifetime)
    }

    fn until(ends: Millis, lifetime: Duration) -> Self {
        Self { lifetime, ends, ahead: longest_ahead(lifetime), margin: SAFETY_MARGIN.min(lifetime / 10) }
    }

    /// The same life, whose next token is fetched at a drawn moment in the first half of the time for that.
    fn spread(self, jitter: u64) -> Self {
        let half = longest_ahead(self.lifetime).saturating_sub(self.margin) / 2;
        let steps = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        let drawn = Duration::from_millis(jitter % steps.saturating_add(1));
        Self { ahead: self.margin + half + drawn, ..self }
    }
}

fn longest_ahead(lifetime: Duration) -> Duration {
    LONGEST_AHEAD.min(lifetime / 5)
}

impl AccessToken {
    /// The token itself, for an `Authorization: Bearer` header. Keep it out of logs and URLs.
    pub fn expose_secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// The scopes that were granted; those asked for, where the server named none (RFC 6749 section 5.1).
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// When the request for it was sent, in milliseconds since 1970, by the clock of the process that sent it: its life
    /// counts from there. A later one than the moment before asking tells a new token from one that was there already.
    pub fn obtained_at(&self) -> UnixMillis {
        self.obtained
    }

    /// When it ends, in milliseconds since 1970, or `None` where the server did not say: then it is good until
    /// an API refuses it.
    pub fn expires_at(&self) -> Option<UnixMillis> {
        self.life.map(|life| self.obtained.plus(life.lifetime))
    }

    /// Which rotation of its grant it belongs to.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// False if the store did not take the tokens that came with this one. It is as good as any, and saving is tried
    /// again; but should this process end first, the session is lost with it. Of a service nothing is lost but a request:
    /// who shares the store asks for a token of its own.
    pub fn is_saved(&self) -> bool {
        self.saved
    }

    /// For how long from now it stays [`Freshness::Fresh`]; `None` where its end is unknown. For who keeps a copy
    /// of the token and has clocks of its own.
    pub fn fresh_for(&self, now: Now) -> Option<Duration> {
        let life = self.life?;
        Some(self.left(life, now).saturating_sub(life.ahead))
    }

    /// The same token, which will be fetched ahead at a moment of its own: those that were obtained together, for many
    /// tenants or by many hosts, are not replaced together.
    ///
    /// For tokens on their way to their callers. Whether a stored one will do is judged without it: a token that one
    /// holder wants to replace would seem good again to the next draw.
    ///
    /// `jitter`: drawn for this one token.
    #[must_use]
    pub(crate) fn with_its_own_moment(self, jitter: u64) -> Self {
        Self { life: self.life.map(|life| life.spread(jitter)), ..self }
    }

    fn left(&self, life: Life, now: Now) -> Duration {
        life.lifetime.saturating_sub(now.wall.since(self.obtained)).min(life.ends.since(now.boot))
    }

    /// How it stands now. Both clocks must say that it is good: the wall clock may have been set back, and a
    /// stored token may come from a time before the machine's start.
    pub fn freshness(&self, now: Now) -> Freshness {
        let Some(life) = self.life else {
            return Freshness::Fresh;
        };
        let left = self.left(life, now);
        if left <= life.margin {
            Freshness::Expired
        } else if left <= life.ahead {
            Freshness::RefreshAhead
        } else {
            Freshness::Fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now { wall: UnixMillis(1_000_000_000), boot: Millis(5_000) };

    fn token(lifetime: Option<u64>) -> AccessToken {
        AccessToken {
            secret: BearerToken::new("t"),
            scopes: Scopes::all_allowed(),
            obtained: START.wall,
            life: lifetime.map(|seconds| Life::from(START, Duration::from_secs(seconds))),
            generation: Generation::FIRST,
            saved: true,
        }
    }

    fn later(wall: u64, boot: u64) -> Now {
        Now { wall: UnixMillis(START.wall.0 + wall * 1000), boot: Millis(START.boot.0 + boot * 1000) }
    }

    #[test]
    fn a_token_is_fresh_then_refreshed_ahead_then_expired() {
        let hour = token(Some(3600));
        assert_eq!(hour.freshness(later(3299, 3299)), Freshness::Fresh);
        assert_eq!(hour.fresh_for(later(3299, 3200)), Some(Duration::from_secs(1)));
        assert_eq!(hour.freshness(later(3300, 3300)), Freshness::RefreshAhead);
        assert_eq!(hour.freshness(later(3589, 3589)), Freshness::RefreshAhead);
        assert_eq!(hour.freshness(later(3590, 3590)), Freshness::Expired);
    }

    #[test]
    fn each_token_is_refreshed_ahead_at_a_moment_of_its_own() {
        // From 155 to 300 seconds before the end of an hour.
        for (jitter, seconds) in [(0, 155), (45_000, 200), (145_000, 300), (145_001, 155)] {
            let token = token(Some(3600)).with_its_own_moment(jitter);
            assert_eq!(token.fresh_for(START), Some(Duration::from_secs(3600 - seconds)), "{jitter}");
            let moment = 3600 - seconds;
            assert_eq!(token.freshness(later(moment - 1, moment - 1)), Freshness::Fresh, "{jitter}");
            assert_eq!(token.freshness(later(moment, moment)), Freshness::RefreshAhead, "{jitter}");
        }
    }

    #[test]
    fn no_draw_lengthens_the_time_for_the_next_token_or_takes_more_than_half_of_it() {
        for lifetime in [0, 1, 5, 60, 100, 599, 3600, 86_400, 1 << 32] {
            let longest = Life::from(START, Duration::from_secs(lifetime));
            for jitter in [0, 1, 77, 1 << 40, u64::MAX] {
                let drawn = longest.spread(jitter);
                assert!(drawn.ahead <= longest.ahead, "{lifetime} {jitter}");
                let half_way = (longest.ahead + longest.margin) / 2;
                assert!(drawn.ahead + Duration::from_nanos(1) >= half_way, "{lifetime} {jitter}");
            }
        }
    }

    #[test]
    fn a_wall_clock_that_was_set_back_does_not_keep_a_token_alive() {
        let now = Now { wall: UnixMillis(START.wall.0 - 86_400_000), boot: later(0, 3600).boot };
        assert_eq!(token(Some(3600)).freshness(now), Freshness::Expired);
    }

    #[test]
    fn a_lifetime_of_nothing_is_expired_at_once_and_an_unknown_one_never_ends_by_itself() {
        assert_eq!(token(Some(0)).freshness(START), Freshness::Expired);
        assert_eq!(token(None).freshness(later(1 << 30, 1 << 30)), Freshness::Fresh);
    }

    #[test]
    fn a_short_life_is_not_all_margin() {
        assert_eq!(token(Some(5)).freshness(later(3, 3)), Freshness::Fresh);
    }
}
