//! One round: all tokens have expired, all workers ask at once, and the server says what happened.

use std::time::{Duration, Instant};

use crate::failure::Result;
use crate::fleet::{Fleet, State};
use crate::job::Outcomes;
use crate::judge::{Case, Strike};
use crate::tally::Tally;
use crate::world::World;

/// How many processes, and how many callers in each.
pub(crate) const PROCESSES: usize = 8;
const THREADS: usize = 32;

/// Workers that go on for longer hang.
pub(crate) const LONGEST: Duration = Duration::from_secs(120);

/// Runs a round. The next answers are held back for these `delays`; `strike` does to the running workers what the
/// scenario is about.
pub(crate) fn run(
    world: &mut World,
    tally: &mut Tally,
    delays: &[Duration],
    strike: impl FnOnce(&mut Fleet) -> Strike,
) -> Result<()> {
    world.expire_all()?;
    let mut fleet = Fleet::assemble(PROCESSES, &world.job(THREADS))?;
    let before = world.reports()?;
    world.hold_back(delays)?;
    fleet.start()?;
    let mut strike = strike(&mut fleet);
    fleet.run_until(Instant::now() + LONGEST);
    world.let_go();
    let heard = hear(&fleet, before.len(), tally);
    strike.gave_up = gave_up(&fleet);
    if strike.gave_up && !strike.holds_up {
        tally.violations.push("a worker ended before it had saved what it had".to_owned());
    }
    drop(fleet);

    let later = world.ask_afterwards()?;
    let after = world.reports()?;
    tally.rounds += 1;
    tally.struck += strike.struck;
    let sessions = world.sessions();
    for ((((session, before), after), heard), later) in
        sessions.iter().zip(&before).zip(&after).zip(&heard).zip(&later)
    {
        let grace = World::has_grace(session);
        let later = later.as_deref();
        let case = Case { session: &session.id, before, after, grace, heard, later };
        if case.judge(strike, tally) {
            world.replace(session)?;
        }
    }
    Ok(())
}

fn gave_up(fleet: &Fleet) -> bool {
    fleet.states().any(|state| matches!(state, State::Done(report) if report.gave_up))
}

/// What the callers of the living workers got, session by session.
fn hear(fleet: &Fleet, sessions: usize, tally: &mut Tally) -> Vec<Outcomes> {
    let mut heard: Vec<Outcomes> = (0..sessions).map(|_| Outcomes::default()).collect();
    for state in fleet.states() {
        match state {
            State::Done(report) => {
                tally.slowest_ms = tally.slowest_ms.max(report.slowest_ms);
                for (code, message) in &report.messages {
                    tally.messages.entry(code.clone()).or_insert_with(|| message.clone());
                }
                for (all, one) in heard.iter_mut().zip(&report.sessions) {
                    all.join(one);
                }
                let answers: usize = report.sessions.iter().map(Outcomes::count).sum();
                if answers != sessions * THREADS {
                    tally.violations.push(format!("of a worker's calls only {answers} were answered"));
                }
            }
            State::Killed => {}
            State::Failed => tally.violations.push("a worker ended without a report".to_owned()),
            State::Starting | State::Ready | State::Running => {
                let limit = LONGEST.as_secs();
                tally.violations.push(format!("a worker did not end within {limit} s"));
            }
        }
    }
    heard
}
