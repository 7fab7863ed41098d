//! A failing schedule, made as small as it can be while it still fails in the same way.

use grantline_core::Error;

use crate::client::Providers;
use crate::clock::Clock;
use crate::invariants::Invariant;
use crate::runner::run;
use crate::safeguards::Safeguard;
use crate::schedule::{Schedule, Wish};

/// Takes away faults, hosts, callers and wishes one at a time, and what is peculiar about clocks, for as long as the
/// same invariant is violated.
pub(crate) fn shrink(
    providers: &Providers,
    mut plan: Schedule,
    invariant: Invariant,
    without: Option<Safeguard>,
) -> Result<Schedule, Error> {
    loop {
        let mut smaller = None;
        for candidate in candidates(&plan) {
            let (verdict, _) = run(providers, &candidate, without, false)?;
            if verdict.violation.is_some_and(|violation| violation.invariant == invariant) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => plan = candidate,
            None => return Ok(plan),
        }
    }
}

/// Every schedule that is one step smaller.
fn candidates(plan: &Schedule) -> Vec<Schedule> {
    let mut found = Vec::new();
    let mut offer = |change: &dyn Fn(&mut Schedule)| {
        let mut smaller = plan.clone();
        change(&mut smaller);
        if smaller != *plan {
            found.push(smaller);
        }
    };
    for place in 0..plan.faults.len() {
        offer(&|smaller| {
            smaller.faults.remove(place);
        });
    }
    for host in 1..plan.hosts.len() {
        offer(&|smaller| without_host(smaller, host));
    }
    for place in 0..plan.callers.len() {
        offer(&|smaller| {
            smaller.callers.remove(place);
        });
        offer(&|smaller| smaller.callers[place].obeys = false);
        for nth in 0..plan.callers[place].asks.len() {
            offer(&|smaller| {
                smaller.callers[place].asks.remove(nth);
            });
            offer(&|smaller| smaller.callers[place].asks[nth].wish = Wish::Token);
            offer(&|smaller| smaller.callers[place].asks[nth].leaves_after = None);
            offer(&|smaller| smaller.callers[place].asks[nth].keeps_asking = 0);
        }
    }
    for host in 0..plan.hosts.len() {
        offer(&|smaller| smaller.hosts[host] = Clock::right());
    }
    offer(&|smaller| smaller.store_clock = Clock::right());
    offer(&|smaller| smaller.http_way = (10, 10));
    offer(&|smaller| smaller.store_way = (1, 1));
    offer(&|smaller| smaller.asks_for_login = false);
    found
}

fn without_host(plan: &mut Schedule, host: usize) {
    plan.hosts.remove(host);
    plan.callers.retain(|caller| caller.host != host);
    for caller in plan.callers.iter_mut().filter(|caller| caller.host > host) {
        caller.host -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Mode, generate};

    #[test]
    fn a_failing_schedule_is_made_smaller_and_still_fails() {
        let providers = Providers::new().unwrap();
        let without = Some(Safeguard::LeaseWait);
        let mut plans = (0..1_000).map(|seed| generate(seed, Mode::Any));
        let (plan, invariant) = plans
            .find_map(|plan| {
                let (verdict, _) = run(&providers, &plan, without, false).unwrap();
                Some((plan, verdict.violation?.invariant))
            })
            .expect("one of them fails without the wait for a lease");
        let smaller = shrink(&providers, plan.clone(), invariant, without).unwrap();
        let (verdict, _) = run(&providers, &smaller, without, false).unwrap();
        assert_eq!(verdict.violation.map(|violation| violation.invariant), Some(invariant));
        let asks = |plan: &Schedule| plan.callers.iter().map(|caller| caller.asks.len()).sum::<usize>();
        assert!(asks(&smaller) <= 3 && asks(&smaller) <= asks(&plan), "{smaller}");
    }
}
