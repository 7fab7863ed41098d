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
            println!("{name}: {}", failure.to_string().lines().next().unwrap_or_default());
        }
        self.lines.push(Line { name, result, took: started.elapsed() });
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.lines.iter().all(|line| line.result.is_ok())
    }
}

/// What failed, once more, since thousands of lines may lie between; then the table.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            if let Some((_, details)) = line.why().split_once('\n') {
                write!(f, "{}: what failed\n{details}\n\n", line.name)?;
            }
        }
        let rows: Vec<String> = self.lines.iter().map(Line::row).collect();
        f.write_str(&rows.join("\n"))
    }
}

impl Line {
    fn row(&self) -> String {
        let word = match &self.result {
            Ok(()) => "passed",
            Err(Stop::Failed(_)) => "FAILED",
            Err(Stop::NotReady(_)) => "did not run",
        };
        let why = self.why();
        let why = why.lines().next().unwrap_or_default();
        let took = duration(self.took);
        format!("{:<8}{word:<13}{took:>12}  {why}", self.name).trim_end().to_owned()
    }

    fn why(&self) -> String {
        match &self.result {
            Ok(()) => String::new(),
            Err(Stop::NotReady(failure) | Stop::Failed(failure)) => failure.to_string(),
        }
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
    fn repeats_the_details_of_a_failure_before_the_table() {
        let failure = Failure::new("`pytest` ended with exit code 1\nFAILED test_login");
        let report = Report { lines: vec![line("python", Err(Stop::Failed(failure)))] };
        let expected = "\
python: what failed
FAILED test_login

python  FAILED         1 min 15 s  `pytest` ended with exit code 1";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn durations_read_at_a_glance() {
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(42)), "42 s");
        assert_eq!(duration(Duration::from_secs(602)), "10 min 02 s");
    }
}
