//! A program that judges: it prints `ok      STEP` or `FAILED  STEP: WHY` for each step.

use std::process::Command;
use std::time::Instant;

use crate::interop::table::Column;
use crate::report::{duration, headline};
use crate::run;

/// What a judge that found no fault has failed at, if it fell over or said nothing.
const TO_THE_END: &str = "came to its end";

/// Runs it to its end. `title`: who judges whom.
pub(crate) fn ask(title: &str, program: &mut Command) -> Column {
    headline(title);
    let started = Instant::now();
    let mut column = Column::new(title);
    let ended = run::watched(title, program, |line| {
        if let Some((step, passed)) = parse(line) {
            column.record(step, passed);
        }
    });
    let took = duration(started.elapsed());
    match &ended {
        Ok(()) => println!("  -> took {took}"),
        Err(failure) => println!("  -> took {took}: {failure}"),
    }
    if column.is_empty() || ended.is_err() && column.all_passed() {
        column.record(TO_THE_END, false);
    }
    column
}

/// In the place of one that could not be asked.
pub(crate) fn did_not_run(title: &str) -> Column {
    let mut column = Column::new(title);
    column.record(TO_THE_END, false);
    column
}

fn parse(line: &str) -> Option<(&str, bool)> {
    if let Some(step) = line.strip_prefix("ok ") {
        return Some((step.trim(), true));
    }
    let failed = line.strip_prefix("FAILED ")?;
    let step = failed.split_once(": ").map_or(failed, |(step, _)| step);
    Some((step.trim(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_step_and_whether_it_passed() {
        assert_eq!(parse("ok      login, query"), Some(("login, query", true)));
        assert_eq!(parse("FAILED  refresh: expected a, got b: c"), Some(("refresh", false)));
        assert_eq!(parse("ready http://127.0.0.1:1"), None);
        assert_eq!(parse("okay"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_judge_that_falls_over_or_says_nothing_has_passed_nothing() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            ask("judge", &mut command)
        };
        assert!(shell("echo 'ok      a step'").all_passed());
        assert!(!shell("echo 'ok      a step'; exit 3").all_passed());
        assert!(!shell("exit 0").all_passed());
        assert!(!shell("echo 'FAILED  a step: no'").all_passed());
    }
}
