//! What is done to the processes while they refresh.

use std::time::{Duration, Instant};

use crate::failure::Result;
use crate::judge::Strike;
use crate::places::Kind;
use crate::random::Random;
use crate::round::{self, LONGEST, PROCESSES};
use crate::tally::Tally;
use crate::world::World;

/// A lease is 2 HTTP limits and 10 s, so this limit makes it 14 s.
const SHORT_HTTP_LIMIT_S: u64 = 2;
const LEASE: Duration = Duration::from_secs(14);
const USUAL_HTTP_LIMIT_S: u64 = 10;

/// Answers are held back for up to so long, so that many a moment falls between rotation and save.
const LONGEST_DELAY_MS: u64 = 150;
/// The workers are struck within so long of their start.
const STRIKE_WITHIN_MS: u64 = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Nothing.
    Undisturbed,
    /// `kill -9` of some.
    Kill,
    /// SIGSTOP of some for longer than a lease, then SIGCONT.
    Stop,
}

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::Undisturbed, Self::Kill, Self::Stop];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Undisturbed => "undisturbed",
            Self::Kill => "kill",
            Self::Stop => "stop",
        }
    }

    pub(crate) fn run(self, kind: Kind, rounds: usize, random: &mut Random) -> Result<Tally> {
        let begun = Instant::now();
        let store = kind.start()?;
        let mut tally = Tally::default();
        let (limit, each) = match self {
            Self::Undisturbed => (USUAL_HTTP_LIMIT_S, 8),
            Self::Kill | Self::Stop => (SHORT_HTTP_LIMIT_S, 4),
        };
        let mut world = World::new(store.place(), limit, each)?;
        for _ in 0..rounds {
            match self {
                Self::Undisturbed => round::run(&mut world, &mut tally, &[], |_| Strike::default())?,
                Self::Kill => kill(&mut world, &mut tally, random)?,
                Self::Stop => stop(&mut world, &mut tally, random)?,
            }
        }
        if self == Self::Kill && kind.frees_at_once() && u128::from(tally.slowest_ms) >= LEASE.as_millis() {
            tally.violations.push("a caller waited for the lease of a process that was killed".to_owned());
        }
        tally.took = begun.elapsed();
        Ok(tally)
    }
}

/// One to four of the eight, each at a moment of its own.
fn kill(world: &mut World, tally: &mut Tally, random: &mut Random) -> Result<()> {
    let (delays, targets) = (delays(world, random), moments(random));
    round::run(world, tally, &delays, |fleet| {
        let begun = Instant::now();
        let mut struck = 0;
        for (moment, worker) in targets {
            fleet.run_until(begun + moment);
            struck += usize::from(fleet.kill(worker));
        }
        Strike { struck, killed: true, holds_up: false, gave_up: false }
    })
}

/// Those that are stopped go on when every lease and, unless one of them holds them up, all others have ended.
fn stop(world: &mut World, tally: &mut Tally, random: &mut Random) -> Result<()> {
    let (delays, targets) = (delays(world, random), moments(random));
    let place = world.place().clone();
    round::run(world, tally, &delays, |fleet| {
        let begun = Instant::now();
        let mut stopped = Vec::new();
        for (moment, worker) in targets {
            fleet.run_until(begun + moment);
            stopped.extend(fleet.stop(worker).then_some(worker));
        }
        let lease_over = Instant::now() + LEASE + Duration::from_secs(1);
        let holds_up = place.has_stuck_writer();
        fleet.let_pass(lease_over);
        if !holds_up {
            fleet.run_all_but(&stopped, Instant::now() + LONGEST);
        }
        for worker in &stopped {
            fleet.go_on(*worker);
        }
        Strike { struck: stopped.len(), killed: false, holds_up, gave_up: false }
    })
}

/// For how long each of the next answers is held back.
fn delays(world: &World, random: &mut Random) -> Vec<Duration> {
    let answers = 2 * world.sessions().len();
    (0..answers).map(|_| random.millis_below(LONGEST_DELAY_MS)).collect()
}

fn moments(random: &mut Random) -> Vec<(Duration, usize)> {
    let count = 1 + random.below(4);
    let mut moments: Vec<_> = random
        .choose(count, PROCESSES)
        .into_iter()
        .map(|worker| (random.millis_below(STRIKE_WITHIN_MS), worker))
        .collect();
    moments.sort_unstable();
    moments
}
