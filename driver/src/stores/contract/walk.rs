//! A walk of arbitrary operations beside the function that defines them.

use std::collections::BTreeMap;
use std::time::Duration;

use grantline_core::{Change, End, Mark, Millis, RecordOperation, Row, StoreReply};

use super::bench::{Bench, Rule, Verdict, begin, commit, create, end, rules, same};

pub(super) fn rules() -> Vec<Rule> {
    rules!["any order of operations gives what the table of operations says" => walk,]
}

const STEPS: usize = 400;

async fn walk(bench: &Bench<'_>) -> Verdict {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for step in 0..STEPS {
        let (name, operation) = (dice.pick(&["a", "b", "c"]), dice.operation());
        let due = by_the_table(&mut rows, name, operation.clone());
        let asked = format!("step {step}, {operation:?} on {name:?}");
        same(&asked, timeless(bench.does(name, operation).await), timeless(due))?;
    }
    Ok(())
}

fn by_the_table(
    rows: &mut BTreeMap<&'static str, Row>,
    name: &'static str,
    operation: RecordOperation,
) -> StoreReply {
    let (reply, change) = Row::perform(rows.get(name).cloned(), operation, Millis(0));
    match change {
        Change::None => {}
        Change::Write(row) => drop(rows.insert(name, row)),
        Change::Remove => drop(rows.remove(name)),
    }
    reply
}

/// The reply without what depends on the store's clock.
fn timeless(reply: StoreReply) -> StoreReply {
    match reply {
        StoreReply::Held { .. } => StoreReply::Held { remaining: Duration::ZERO },
        StoreReply::Begun { record, earlier } => {
            let earlier = earlier.map(|mark| Mark::new(mark.attempt, mark.spent, Duration::ZERO));
            StoreReply::Begun { record, earlier }
        }
        other => other,
    }
}

/// The same walk every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T; 3]) -> T {
        match self.roll(3) {
            0 => of[0],
            1 => of[1],
            _ => of[2],
        }
    }

    /// Few attempts and low generations, so that they meet.
    fn operation(&mut self) -> RecordOperation {
        let (generation, attempt) = (1 + self.roll(4), u128::from(self.roll(3)));
        match self.roll(16) {
            0..=1 => create(generation),
            2 => RecordOperation::Load,
            3..=7 => begin(attempt),
            8..=9 => commit(generation),
            10..=13 => {
                let why = self.pick(&[End::AttemptSpentNothing, End::AnswerLost, End::RefusedByServer]);
                end(attempt, generation, why)
            }
            14 => RecordOperation::Close,
            _ => RecordOperation::Delete,
        }
    }
}
