//! What came of a scenario, and the table of all.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How often a session's callers failed, its tokens were fetched, and so on, over all rounds of a scenario.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) rounds: usize,
    /// Processes that were killed or stopped before they had reported.
    pub(crate) struck: usize,
    /// Sessions whose token had expired, over all rounds.
    pub(crate) expiries: usize,
    /// Exchanges of a refresh token that had not been used.
    pub(crate) refreshes: u64,
    pub(crate) replays_in_grace: u64,
    pub(crate) replays_refused: u64,
    /// Calls that were answered in a living process.
    pub(crate) callers: usize,
    /// Those that failed although the grant was alive.
    pub(crate) callers_failed: usize,
    /// Those that were told that nobody knows, while the one that knew was stopped.
    pub(crate) told_too_early: usize,
    /// Those that were told that the store cannot be reached, while one was stopped in the middle of a write to it.
    pub(crate) held_up: usize,
    /// The server rotated, and the answer died with the process that it was for.
    pub(crate) lost_with_holder: usize,
    pub(crate) lost_otherwise: usize,
    pub(crate) slowest_ms: u64,
    pub(crate) took: Duration,
    /// For each code that callers got, what the first such error said.
    pub(crate) messages: BTreeMap<String, String>,
    /// What must not be, in words.
    pub(crate) violations: Vec<String>,
}

/// A line of the table.
pub(crate) struct Row {
    pub(crate) store: &'static str,
    pub(crate) scenario: &'static str,
    pub(crate) tally: Tally,
}

/// All scenarios on all stores.
#[derive(Default)]
pub(crate) struct Table(pub(crate) Vec<Row>);

const HEADINGS: [&str; 11] = [
    "store",
    "scenario",
    "rounds",
    "struck",
    "expiries",
    "refreshes",
    "replays",
    "callers",
    "failed",
    "grants lost",
    "slowest",
];

impl Table {
    pub(crate) fn is_right(&self) -> bool {
        self.0.iter().all(|row| row.tally.violations.is_empty())
    }
}

impl Row {
    fn cells(&self) -> [String; 11] {
        let tally = &self.tally;
        [
            self.store.to_owned(),
            self.scenario.to_owned(),
            tally.rounds.to_string(),
            tally.struck.to_string(),
            tally.expiries.to_string(),
            tally.refreshes.to_string(),
            format!("{} + {} refused", tally.replays_in_grace, tally.replays_refused),
            tally.callers.to_string(),
            self.failed(),
            format!("{} with their holder, {} otherwise", tally.lost_with_holder, tally.lost_otherwise),
            format!("{:.1} s", Duration::from_millis(tally.slowest_ms).as_secs_f64()),
        ]
    }
}

impl Row {
    fn failed(&self) -> String {
        let tally = &self.tally;
        let excused = [(tally.told_too_early, "told too early"), (tally.held_up, "held up")];
        let excused = excused.into_iter().filter(|(count, _)| *count > 0);
        let excused = excused.map(|(count, how)| format!(", {count} {how}"));
        tally.callers_failed.to_string() + &excused.collect::<String>()
    }
}

/// What the columns mean.
pub(crate) const LEGEND: &str = "\
struck       processes that were killed or stopped before they had reported
expiries     sessions whose token had expired; each is worth one refresh
replays      a used refresh token came again: taken within its grace, or refused
failed       callers in living processes that got no token although the grant is alive;
             told too early: without a grace, that nobody knows, while the one that knew was stopped;
             held up: one was stopped in the middle of a write to SQLite, which has one writer at a time
grants lost  with their holder: the server rotated, and the answer died with the process that it was for,
             or a process ended that was held up for longer than the 10 s that its end may take";

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEADINGS.map(str::to_owned)];
        lines.extend(self.0.iter().map(Row::cells));
        let mut widths = [0; HEADINGS.len()];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.len().max(*width);
            }
        }
        for line in lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
