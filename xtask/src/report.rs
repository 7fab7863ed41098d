//! What a run says: a headline for each step, and at the end a line for each language or suite.

use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Why one did not come through.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It could not be tried: something that it needs is missing.
    NotReady(Failure),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    name: &'static str,
    result: Result<(), Stop>,
    took: Duration,
}

impl Report {
    /// Runs one language or suite and notes what became of it.
    pub(crate) fn record(&mut self, name: &'static str, body: impl FnOnce() -> Result<(), Stop>) {
        headline(name);
        let started = Instant::now();
        let result = body();
        if let Err(Stop::NotReady(failure) | Stop::Failed(failure)) = &result {
            println!("{name}: {failure}");
        }
        self.lines.push(Line { name, result, took: started.elapsed() });
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.lines.iter().all(|line| line.result.is_ok())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines.iter().enumerate() {
            let (word, why) = match &line.result {
                Ok(()) => ("passed", String::new()),
                Err(Stop::Failed(failure)) => ("FAILED", failure.to_string()),
                Err(Stop::NotReady(failure)) => ("did not run", failure.to_string()),
            };
            // The end of a log follows its first line; it was shown when it happened.
            let why = why.lines().next().unwrap_or_default();
            let newline = if index == 0 { "" } else { "\n" };
            let took = duration(line.took);
            let row = format!("{:<8}{word:<13}{took:>12}  {why}", line.name);
            write!(f, "{newline}{}", row.trim_end())?;
        }
        Ok(())
    }
}

pub(crate) fn headline(text: &str) {
    println!("\n==> {text}");
}

pub(crate) fn step(text: &str) {
    println!("  -> {text}");
}

pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0..10) => format!("{:.1} s", took.as_secs_f64()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &'static str, result: Result<(), Stop>) -> Line {
        Line { name, result, took: Duration::from_secs(75) }
    }

    #[test]
    fn a_run_passes_only_if_all_of_it_did() {
        let mut report = Report { lines: vec![line("rust", Ok(()))] };
        assert!(report.all_passed());
        let missing = Stop::NotReady(Failure::new("no JDK"));
        report.lines.push(line("kotlin", Err(missing)));
        assert!(!report.all_passed());
    }

    #[test]
    fn names_what_failed_and_what_did_not_run() {
        let report = Report {
            lines: vec![
                line("rust", Ok(())),
                line("python", Err(Stop::Failed(Failure::new("`pytest` ended with exit code 1")))),
                line("swift", Err(Stop::NotReady(Failure::new("no Swift 6")))),
            ],
        };
        let expected = "\
rust    passed         1 min 15 s
python  FAILED         1 min 15 s  `pytest` ended with exit code 1
swift   did not run    1 min 15 s  no Swift 6";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn durations_read_at_a_glance() {
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(42)), "42 s");
        assert_eq!(duration(Duration::from_secs(602)), "10 min 02 s");
    }
}
