//! What a token, a session, a storm and a refresh cost: `cargo xtask bench`.
//!
//! Every figure stands beside one of the machine's own, taken in the same run and in turns with it: a read of the clock,
//! a hash map, a bare reqwest client, two writes to the same disk. Nothing is asserted; a reader compares.

#![allow(clippy::print_stdout, reason = "its tables are its output")]

mod allocator;
mod applications;
mod by_hand;
mod effort;
mod parts;
mod spread;
mod system;
mod table;
mod token_server;
mod turns;

use std::env;
use std::process::{Command, ExitCode};

use effort::Effort;
use parts::Part;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// Stands before the name of a part that this process is to measure itself.
const ALONE: &str = "alone";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("grantline-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<()> {
    let effort = if words.iter().any(|word| word == "--quick") { Effort::QUICK } else { Effort::FULL };
    let (alone, names) = match words.split_first() {
        Some((first, rest)) if first == ALONE => (true, rest),
        _ => (false, words),
    };
    let named = names.iter().filter(|word| *word != "--quick").map(|word| Part::named(word));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let parts = if named.is_empty() { Part::ALL.to_vec() } else { named };
    if alone {
        return parts.into_iter().try_for_each(|part| part.measure(&effort));
    }
    introduce(words);
    parts.into_iter().try_for_each(|part| in_a_process_of_its_own(part, words))
}

fn introduce(words: &[String]) {
    let command = [&["cargo xtask bench".to_owned()], words].concat().join(" ");
    println!("# Benchmarks\n");
    println!("One run of `{command}`, {}, {}.", system::date(), system::compiler());
    println!("Machine: {}.\n", system::machine());
}

/// So that one part's memory is not another's.
fn in_a_process_of_its_own(part: Part, words: &[String]) -> Result<()> {
    let mut command = Command::new(env::current_exe()?);
    command.args([ALONE, part.name()]).args(words.iter().filter(|word| *word == "--quick"));
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("the part {} ended with {status}", part.name()).into()),
    }
}
