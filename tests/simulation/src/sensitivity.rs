//! Whether the simulation would notice: each safeguard is taken away in turn.

use grantline_core::Error;

use crate::client::Providers;
use crate::generate::Mode;
use crate::invariants::Invariant;
use crate::runner::{Campaign, run_all};
use crate::safeguards::Safeguard;

/// The first seed that fails without a safeguard and passes with it, the campaign that it is of, and what it violates.
pub(crate) type Found = Option<(u64, Campaign, Invariant)>;

/// Looks for a seed that notices. `like`: how many schedules at most, and from which seed.
pub(crate) fn find(providers: &Providers, safeguard: Safeguard, like: Campaign) -> Result<Found, Error> {
    for mode in [Mode::Any, Mode::OneFault { grace: 10_000 }] {
        let campaign = Campaign { mode, without: Some(safeguard), stops: true, ..like };
        let tally = run_all(providers, campaign)?;
        for (seed, violation) in tally.failures {
            let with_it = Campaign { without: None, first_seed: seed, schedules: 1, ..campaign };
            if run_all(providers, with_it)?.failures.is_empty() {
                return Ok(Some((seed, campaign, violation.invariant)));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_safeguard_that_is_taken_away_is_noticed() {
        let providers = Providers::new().unwrap();
        let like = Campaign {
            mode: Mode::Any,
            first_seed: 0,
            schedules: 20_000,
            without: None,
            threads: 2,
            stops: true,
        };
        for safeguard in Safeguard::ALL {
            let found = find(&providers, safeguard, like).unwrap();
            let (seed, _, invariant) = found.unwrap_or_else(|| panic!("{} is not noticed", safeguard.name()));
            println!("without {}: seed {seed} violates {}", safeguard.name(), invariant.name());
        }
    }
}
