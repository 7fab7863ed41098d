//! The command line.

use std::fmt;

use crate::clock::Ms;
use crate::generate::Mode;
use crate::safeguards::Safeguard;

pub(crate) const HELP: &str = "\
usage: cargo xtask simulate [what] [options]

what:
  (nothing)      schedules with any number of faults of any kind
  one-fault      schedules with one fault at most, which no session may be lost by if the grace is 60 s
  losses         grants lost by grace and fault, as a table
  sensitivity    each safeguard taken away in turn, and the seed that notices

options:
  --schedules N  how many; 20000 unless given (losses: for each cell, 2000)
  --seed S       the first seed, 0 unless given; the next schedule has the next seed
  --grace G      one-fault: seconds in which a spent refresh token is taken again, 60 unless given
  --without W    takes a safeguard away: pending-mark, generation-fence, re-read, lease-wait, immediate-replay,
                 tombstone-revival
  --trace        prints what happened; for one schedule
  --threads T    as many as there are processors unless given";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Simulate(Mode),
    Losses,
    Sensitivity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) task: Task,
    pub(crate) schedules: Option<u64>,
    pub(crate) seed: u64,
    pub(crate) without: Option<Safeguard>,
    pub(crate) trace: bool,
    pub(crate) threads: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misuse(String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn parse(words: &[String]) -> Result<Arguments, Misuse> {
    let mut words = words.iter().map(String::as_str);
    let (mut task, mut grace) = (Task::Simulate(Mode::Any), None);
    let (mut schedules, mut seed, mut without, mut trace, mut threads) = (None, 0, None, false, None);
    while let Some(word) = words.next() {
        match word {
            "help" | "--help" | "-h" => task = Task::Help,
            "one-fault" => task = Task::Simulate(Mode::OneFault { grace: 60_000 }),
            "losses" => task = Task::Losses,
            "sensitivity" => task = Task::Sensitivity,
            "--trace" => trace = true,
            "--schedules" => schedules = Some(number(word, words.next())?),
            "--seed" => seed = number(word, words.next())?,
            "--threads" => threads = Some(number(word, words.next())?),
            "--grace" => grace = Some(number(word, words.next())?),
            "--without" => without = Some(safeguard(words.next())?),
            other => return Err(Misuse(format!("nothing is called `{other}`"))),
        }
    }
    if let (Task::Simulate(Mode::OneFault { grace: in_force }), Some(seconds)) = (&mut task, grace) {
        *in_force = Ms::try_from(seconds).unwrap_or(Ms::MAX).saturating_mul(1000);
    }
    Ok(Arguments { task, schedules, seed, without, trace, threads })
}

fn number(name: &str, word: Option<&str>) -> Result<u64, Misuse> {
    let parsed = word.and_then(|word| word.replace(['_', ','], "").parse().ok());
    parsed.ok_or_else(|| Misuse(format!("`{name}` takes a number")))
}

fn safeguard(word: Option<&str>) -> Result<Safeguard, Misuse> {
    let known = Safeguard::ALL.into_iter().find(|safeguard| Some(safeguard.name()) == word);
    known.ok_or_else(|| Misuse("`--without` takes the name of a safeguard".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, Misuse> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_may_be_grouped() {
        let arguments = parsed("--schedules 1_000_000 --seed 7 --trace").unwrap();
        assert_eq!((arguments.schedules, arguments.seed, arguments.trace), (Some(1_000_000), 7, true));
        assert_eq!(arguments.task, Task::Simulate(Mode::Any));
    }

    #[test]
    fn a_grace_is_in_seconds_and_belongs_to_one_fault() {
        let task = parsed("one-fault --grace 5").unwrap().task;
        assert_eq!(task, Task::Simulate(Mode::OneFault { grace: 5_000 }));
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for line in ["frobnicate", "--seed", "--seed x", "--without everything"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
