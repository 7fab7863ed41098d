//! The session protocol, simulated: hosts that are real engines, callers, clocks, faults, a store, and a server that
//! judges. Everything follows from one seed for each schedule.

#![allow(clippy::print_stdout, reason = "a command talks to its user")]

mod arguments;
mod callers;
mod client;
mod clock;
mod faults;
mod generate;
mod host;
mod invariants;
mod login;
mod losses;
mod pump;
mod random;
mod report;
mod runner;
mod safeguards;
mod schedule;
mod sensitivity;
mod server;
mod shelf;
mod shrink;
mod store;
mod trace;
mod verdict;
mod wire;
mod words;
mod world;

use std::process::ExitCode;
use std::thread::available_parallelism;

use grantline_core::Error;

use arguments::{Arguments, Task};
use client::Providers;
use generate::{Mode, generate};
use runner::{Campaign, run, run_all};
use safeguards::Safeguard;

const SCHEDULES: u64 = 20_000;
const SCHEDULES_OF_A_CELL: u64 = 2_000;
/// As the shells have it: the command was used wrongly.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let arguments = match arguments::parse(&words) {
        Ok(arguments) => arguments,
        Err(misuse) => {
            eprintln!("simulate: {misuse}\n\n{}", arguments::HELP);
            return ExitCode::from(MISUSE);
        }
    };
    match carry_out(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("simulate: a schedule could not begin: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it should be.
fn carry_out(arguments: Arguments) -> Result<bool, Error> {
    let providers = Providers::new()?;
    let threads = available_parallelism().map_or(1, |threads| threads.get() as u64);
    let campaign = |mode, schedules| Campaign {
        mode,
        first_seed: arguments.seed,
        schedules: arguments.schedules.unwrap_or(schedules),
        without: arguments.without,
        threads: arguments.threads.unwrap_or(threads),
    };
    match arguments.task {
        Task::Help => {
            println!("{}", arguments::HELP);
            Ok(true)
        }
        Task::Simulate(mode) => simulate(&providers, campaign(mode, SCHEDULES), arguments.trace),
        Task::Losses => {
            for (known, words) in [(true, "told"), (false, "not told")] {
                let losses = losses::measure(&providers, campaign(Mode::Any, SCHEDULES_OF_A_CELL), known)?;
                println!("grantline was {words} of the grace:\n\n{}", report::losses(&losses));
            }
            Ok(true)
        }
        Task::Sensitivity => notices(&providers, campaign(Mode::Any, SCHEDULES)),
    }
}

fn simulate(providers: &Providers, campaign: Campaign, trace: bool) -> Result<bool, Error> {
    if trace {
        return tell(providers, campaign);
    }
    let tally = run_all(providers, campaign)?;
    println!("{}", report::campaign(&campaign, &tally));
    if let Some((seed, violation)) = tally.failures.first() {
        let plan = generate(*seed, campaign.mode);
        let smaller = shrink::shrink(providers, plan, violation.invariant, campaign.without)?;
        let (_, trace) = run(providers, &smaller, campaign.without, true)?;
        println!("seed {seed}, made as small as it still fails:\n\n{smaller}\n{trace}");
    }
    Ok(tally.failures.is_empty())
}

/// One schedule in full.
fn tell(providers: &Providers, campaign: Campaign) -> Result<bool, Error> {
    let plan = generate(campaign.first_seed, campaign.mode);
    let (verdict, trace) = run(providers, &plan, campaign.without, true)?;
    println!("{plan}\n{trace}");
    Ok(verdict.violation.is_none())
}

fn notices(providers: &Providers, campaign: Campaign) -> Result<bool, Error> {
    let found = |safeguard| Ok((safeguard, sensitivity::find(providers, safeguard, campaign)?));
    let found = Safeguard::ALL.into_iter().map(found).collect::<Result<Vec<_>, Error>>()?;
    println!("{}", report::sensitivity(&found));
    Ok(found.iter().all(|(_, first)| first.is_some()))
}
