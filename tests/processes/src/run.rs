//! Which part of the program runs, and all scenarios on all stores.

use std::io::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::arguments::{Arguments, HELP};
use crate::failure::{Failure, Result};
use crate::places::Kind;
use crate::random::Random;
use crate::scenarios::Scenario;
use crate::tally::{LEGEND, Row, Table};
use crate::worker;

pub(crate) fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    let outcome = match words.peek().map(String::as_str) {
        Some("worker") => worker::run().map(|()| true),
        Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(true)
        }
        _ => Arguments::parse(words, clock_seed()).and_then(|arguments| show(&arguments)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            // Nothing is left to tell the user with when standard error is closed.
            let _ = writeln!(std::io::stderr(), "grantline-processes: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn clock_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs())
}

/// Answers whether everything was as it should be.
fn show(arguments: &Arguments) -> Result<bool> {
    println!("seed {}", arguments.seed);
    let table = run_all(arguments)?;
    println!("\n{table}\n{LEGEND}\n");
    for row in &table.0 {
        for violation in &row.tally.violations {
            println!("WRONG  {}, {}: {violation}", row.store, row.scenario);
        }
        for (code, message) in &row.tally.messages {
            println!("  {}, {}, {code}: {message}", row.store, row.scenario);
        }
    }
    let right = table.is_right();
    println!("{}", if right { "every grant is where it should be" } else { "something is wrong" });
    Ok(right)
}

/// The stores beside each other, since most of a round is waiting; the scenarios of each one after the other.
fn run_all(arguments: &Arguments) -> Result<Table> {
    let rows: Vec<Result<Vec<Row>>> = thread::scope(|scope| {
        let start = |kind: &Kind| {
            let kind = *kind;
            scope.spawn(move || run_store(arguments, kind))
        };
        let running: Vec<_> = arguments.stores.iter().map(start).collect();
        let end = |thread: thread::ScopedJoinHandle<'_, Result<Vec<Row>>>| {
            thread.join().unwrap_or_else(|_| Err(Failure::new("a thread of the harness panicked")))
        };
        running.into_iter().map(end).collect()
    });
    Ok(Table(rows.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect()))
}

fn run_store(arguments: &Arguments, kind: Kind) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for scenario in &arguments.scenarios {
        let mut random = Random::new(arguments.seed);
        let rounds = if *scenario == Scenario::Stop { arguments.stops } else { arguments.rounds };
        let tally = scenario
            .run(kind, rounds, &mut random)
            .map_err(|failure| Failure::new(format!("{}, {}: {failure}", kind.name(), scenario.name())))?;
        let (store, scenario) = (kind.name(), scenario.name());
        println!("{store}, {scenario}: {rounds} rounds in {:.0} s", tally.took.as_secs_f64());
        rows.push(Row { store, scenario, tally });
    }
    Ok(rows)
}
