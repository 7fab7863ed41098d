//! Clocks that differ, drift and jump, over one true time.

use grantline_core::{Millis, Now, UnixMillis};

/// True simulated time in milliseconds. A schedule begins at zero.
pub(crate) type Ms = i64;

/// 2026-11-21T12:00:00Z.
const WALL_AT_ZERO: i64 = 1_795_262_400_000;
const PPM: i64 = 1_000_000;

/// One machine's clocks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clock {
    /// What the clock that counts suspend shows at zero.
    pub(crate) boot_at_zero: i64,
    /// How much faster than true time both clocks run, in parts per million.
    pub(crate) drift_ppm: i64,
    /// How much the wall clock is ahead.
    pub(crate) wall_ahead: i64,
}

impl Clock {
    /// A clock that is right.
    pub(crate) fn right() -> Self {
        Self { boot_at_zero: 3_600_000, drift_ppm: 0, wall_ahead: 0 }
    }

    fn elapsed(&self, at: Ms) -> i64 {
        at + at * self.drift_ppm / PPM
    }

    pub(crate) fn boot(&self, at: Ms) -> Millis {
        Millis((self.boot_at_zero + self.elapsed(at)).max(0).cast_unsigned())
    }

    pub(crate) fn now(&self, at: Ms) -> Now {
        let wall = (WALL_AT_ZERO + self.elapsed(at)).saturating_add(self.wall_ahead).max(0);
        Now { wall: UnixMillis(wall.cast_unsigned()), boot: self.boot(at) }
    }

    /// The clock that counts suspend begins anew.
    pub(crate) fn reboot(&mut self, at: Ms) {
        self.boot_at_zero = -self.elapsed(at);
    }

    /// The first moment at which the clock that counts suspend shows `boot` or more.
    pub(crate) fn when(&self, boot: Millis) -> Ms {
        let shown = i64::try_from(boot.0).unwrap_or(i64::MAX / PPM / 2) - self.boot_at_zero;
        let guess = shown.saturating_mul(PPM) / (PPM + self.drift_ppm);
        (guess - 2..=guess + 2).find(|at| self.boot(*at) >= boot).unwrap_or(guess + 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_s_moment_is_found_again_however_it_drifts() {
        for drift_ppm in [-20_000, -37, 0, 500, 20_000] {
            let clock = Clock { drift_ppm, ..Clock::right() };
            for at in [0, 1, 999, 26_000, 123_456_789] {
                let shown = clock.boot(at);
                let first = clock.when(shown);
                assert!(first <= at && clock.boot(first) >= shown, "{drift_ppm} {at}");
                assert!(clock.boot(first - 1) < shown, "{drift_ppm} {at}");
            }
        }
    }
}
