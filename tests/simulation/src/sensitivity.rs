//! Whether the simulation would notice: each safeguard is taken away in turn.

use grantline_core::Error;

use crate::client::Providers;
use crate::invariants::Invariant;
use crate::runner::{Campaign, run_all};
use crate::safeguards::Safeguard;

/// How many schedules are run before their failures are looked at.
const AT_ONCE: usize = 1_000;

/// The first seed that fails without a safeguard and passes with it, the campaign that it is of, and what it violates.
pub(crate) type Found = Option<(u64, Campaign, Invariant)>;

/// Looks for a seed that notices. `like`: how many schedules at most, and from which seed.
pub(crate) fn find(providers: &Providers, safeguard: Safeguard, like: Campaign) -> Result<Found, Error> {
    for from in (0..like.schedules).step_by(AT_ONCE) {
        let first_seed = like.first_seed.wrapping_add(from);
        let portion = Campaign { first_seed, schedules: AT_ONCE as u64, without: Some(safeguard), ..like };
        for (seed, violation) in run_all(providers, portion)?.failures {
            let with_it = Campaign { without: None, first_seed: seed, schedules: 1, ..portion };
            if run_all(providers, with_it)?.failures.is_empty() {
                return Ok(Some((seed, portion, violation.invariant)));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Mode;

    #[test]
    fn every_safeguard_that_is_taken_away_is_noticed() {
        let providers = Providers::new().unwrap();
        let mode = Mode::Any;
        let like = Campaign { mode, first_seed: 0, schedules: 20_000, without: None, threads: 2 };
        for safeguard in Safeguard::ALL {
            let found = find(&providers, safeguard, like).unwrap();
            let (seed, _, invariant) = found.unwrap_or_else(|| panic!("{} is not noticed", safeguard.name()));
            println!("without {}: seed {seed} violates {}", safeguard.name(), invariant.name());
        }
    }
}
