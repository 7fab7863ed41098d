//! What a person reads.

use std::fmt::Write as _;
use std::time::Duration;

use crate::clock::Ms;
use crate::faults::Kind;
use crate::generate::Mode;
use crate::invariants::Invariant;
use crate::losses::Losses;
use crate::runner::{Campaign, Tally};
use crate::safeguards::Safeguard;
use crate::sensitivity::Found;

/// The table of a campaign.
pub(crate) fn campaign(campaign: &Campaign, tally: &Tally) -> String {
    let mut text = String::new();
    let each = |count: u64| format!("{count:>12}");
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<44}{value}");
    };
    line("schedules", each(tally.schedules));
    line("  without any fault", each(tally.faultless));
    line("  struck by a fault at least", each(tally.struck));
    line("refreshes that the server granted", each(tally.refreshes));
    line("spent refresh tokens presented", each(tally.replays));
    line("calls", each(tally.calls));
    line("longest wait of a caller", format!("{:>10} s", seconds(tally.longest_wait)));
    line("grants lost where that is allowed or not", each(tally.lost));
    line("time", format!("{:>12}", duration(tally.took)));
    line("schedules per second", each(per_second(tally.schedules, tally.took)));
    line("", String::new());
    line("faults injected", each(tally.injected.iter().sum()));
    for kind in Kind::ALL {
        line(&format!("  {}", kind.name()), each(tally.injected[kind.place()]));
    }
    line("", String::new());
    line("invariants violated", each(tally.violations.iter().sum()));
    for invariant in Invariant::ALL {
        line(&format!("  {}", invariant.name()), each(tally.violations[invariant as usize]));
    }
    for (seed, violation) in &tally.failures {
        let name = violation.invariant.name();
        let _ = writeln!(text, "seed {seed}: {name} at {} s: {}", seconds(violation.at), violation.what);
        let _ = writeln!(text, "    {}", again(campaign, *seed));
    }
    text
}

/// The command that runs one schedule of a campaign again.
pub(crate) fn again(campaign: &Campaign, seed: u64) -> String {
    let what = match campaign.mode {
        Mode::Any => String::new(),
        Mode::OneFault { grace } | Mode::Loss { grace, .. } => format!(" one-fault --grace {}", grace / 1000),
    };
    let without = campaign.without.map(|without| format!(" --without {}", without.name()));
    format!("cargo xtask simulate{what} --seed {seed} --schedules 1 --trace{}", without.unwrap_or_default())
}

/// Grants lost by grace and fault, in Markdown.
pub(crate) fn losses(losses: &Losses) -> String {
    let mut text = "| fault".to_owned();
    for grace in &losses.graces {
        let _ = write!(text, " | {} s", grace / 1000);
    }
    text.push_str(" |\n|---");
    text.push_str(&"|---:".repeat(losses.graces.len()));
    text.push_str("|\n");
    for (kind, row) in &losses.rows {
        let _ = write!(text, "| {}", kind.name());
        for cell in row {
            let _ = write!(text, " | {}", percent(cell.lost, cell.struck));
        }
        text.push_str(" |\n");
    }
    text
}

/// The seeds that notice that a safeguard is gone, in Markdown.
pub(crate) fn sensitivity(found: &[(Safeguard, Found)]) -> String {
    let mut text =
        "| without | first seed that notices | invariant | again |\n|---|---:|---|---|\n".to_owned();
    for (safeguard, first) in found {
        let _ = match first {
            Some((seed, campaign, invariant)) => writeln!(
                text,
                "| {} | {seed} | {} | `{}` |",
                safeguard.name(),
                invariant.name(),
                again(campaign, *seed)
            ),
            None => writeln!(text, "| {} | none | | |", safeguard.name()),
        };
    }
    text
}

fn percent(part: u64, whole: u64) -> String {
    match part.saturating_mul(10_000).checked_div(whole) {
        None => "-".to_owned(),
        Some(0) if part == 0 => "0".to_owned(),
        Some(0) => "<0.01 %".to_owned(),
        Some(hundredths) => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
    }
}

fn per_second(count: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    count.saturating_mul(1000).checked_div(millis).unwrap_or(0)
}

fn seconds(time: Ms) -> String {
    format!("{}.{:03}", time / 1000, time % 1000)
}

fn duration(took: Duration) -> String {
    format!("{}.{:01} s", took.as_secs(), took.subsec_millis() / 100)
}
