//! Many schedules, on all processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use grantline_core::Error;

use crate::client::Providers;
use crate::clock::Ms;
use crate::faults::Kind;
use crate::generate::{Mode, generate};
use crate::invariants::{Invariant, Violation};
use crate::safeguards::Safeguard;
use crate::schedule::Schedule;
use crate::trace::Trace;
use crate::verdict::Verdict;
use crate::world::World;

/// How many schedules a thread takes at a time.
const PORTION: u64 = 64;
/// So many failing seeds are kept.
const KEPT: usize = 20;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Campaign {
    pub(crate) mode: Mode,
    pub(crate) first_seed: u64,
    pub(crate) schedules: u64,
    pub(crate) without: Option<Safeguard>,
    pub(crate) threads: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) schedules: u64,
    /// Schedules that one fault at least has struck.
    pub(crate) struck: u64,
    pub(crate) faultless: u64,
    pub(crate) injected: [u64; Kind::ALL.len()],
    pub(crate) violations: [u64; Invariant::ALL.len()],
    /// Seeds that fail, the lowest first.
    pub(crate) failures: Vec<(u64, Violation)>,
    pub(crate) calls: u64,
    pub(crate) refreshes: u64,
    pub(crate) replays: u64,
    pub(crate) lost: u64,
    pub(crate) longest_wait: Ms,
    pub(crate) took: Duration,
}

/// Runs one schedule.
pub(crate) fn run(
    providers: &Providers,
    plan: &Schedule,
    without: Option<Safeguard>,
    trace: bool,
) -> Result<(Verdict, Trace), Error> {
    let client = providers.client(plan)?;
    World::new(plan, &client, without, trace).run()
}

/// Runs a campaign.
pub(crate) fn run_all(providers: &Providers, campaign: Campaign) -> Result<Tally, Error> {
    let started = Instant::now();
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (tally, broken) = (Mutex::new(Tally::default()), Mutex::new(None));
    let work = || {
        let mut mine = Tally::default();
        while !stop.load(Relaxed) {
            let from = next.fetch_add(PORTION, Relaxed);
            if from >= campaign.schedules {
                break;
            }
            if let Err(error) = mine.add_portion(providers, campaign, from) {
                lock(&broken).get_or_insert(error);
                stop.store(true, Relaxed);
            }
        }
        lock(&tally).merge(mine);
    };
    std::thread::scope(|scope| {
        for _ in 0..campaign.threads.max(1) {
            scope.spawn(work);
        }
    });
    if let Some(error) = lock(&broken).take() {
        return Err(error);
    }
    let mut tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    tally.took = started.elapsed();
    Ok(tally)
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Tally {
    fn add_portion(&mut self, providers: &Providers, campaign: Campaign, from: u64) -> Result<(), Error> {
        for place in from..(from + PORTION).min(campaign.schedules) {
            let seed = campaign.first_seed.wrapping_add(place);
            let plan = generate(seed, campaign.mode);
            let (verdict, _) = run(providers, &plan, campaign.without, false)?;
            self.faultless += u64::from(plan.is_faultless());
            self.add(seed, verdict);
        }
        Ok(())
    }

    fn add(&mut self, seed: u64, verdict: Verdict) {
        self.schedules += 1;
        self.struck += u64::from(verdict.struck);
        for (sum, count) in self.injected.iter_mut().zip(verdict.injected) {
            *sum += count;
        }
        self.calls += verdict.calls;
        self.refreshes += verdict.refreshes;
        self.replays += verdict.replays;
        self.lost += verdict.lost;
        self.longest_wait = self.longest_wait.max(verdict.longest_wait);
        if let Some(violation) = verdict.violation {
            self.violations[violation.invariant as usize] += 1;
            self.failures.push((seed, violation));
            self.keep_the_first();
        }
    }

    fn keep_the_first(&mut self) {
        self.failures.sort_by_key(|(seed, _)| *seed);
        self.failures.truncate(KEPT);
    }

    fn merge(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.struck += other.struck;
        self.faultless += other.faultless;
        for (sum, count) in self.injected.iter_mut().zip(other.injected) {
            *sum += count;
        }
        for (sum, count) in self.violations.iter_mut().zip(other.violations) {
            *sum += count;
        }
        self.failures.extend(other.failures);
        self.keep_the_first();
        self.calls += other.calls;
        self.refreshes += other.refreshes;
        self.replays += other.replays;
        self.lost += other.lost;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_of_every_kind_pass() {
        let providers = Providers::new().unwrap();
        for mode in [Mode::Any, Mode::OneFault { grace: 60_000 }, Mode::OneFault { grace: 5_000 }] {
            let campaign = Campaign { mode, first_seed: 1 << 40, schedules: 200, without: None, threads: 2 };
            let tally = run_all(&providers, campaign).unwrap();
            assert_eq!(tally.schedules, 200);
            assert!(tally.failures.is_empty(), "{:?}", tally.failures);
        }
    }

    #[test]
    fn a_seed_gives_the_same_run_again() {
        let providers = Providers::new().unwrap();
        for seed in 0..20 {
            let story = || {
                let plan = generate(seed, Mode::Any);
                let (_, trace) = run(&providers, &plan, None, true).unwrap();
                format!("{plan}{trace}")
            };
            assert_eq!(story(), story());
        }
    }
}
