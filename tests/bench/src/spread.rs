//! What several runs of one thing gave, and running things in turns.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::system;

/// The least, the middle and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) minimum: f64,
    pub(crate) median: f64,
    pub(crate) maximum: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { minimum: at(0), median: at(values.len() / 2), maximum: at(values.len().saturating_sub(1)) }
    }

    /// Each run's value by that of the other thing in the same round: whatever else the machine was busy with then,
    /// both bore it.
    pub(crate) fn ratio(values: &[f64], others: &[f64]) -> Self {
        Self::of(values.iter().zip(others).map(|(value, other)| value / other).collect())
    }
}

/// A number of things, to reckon with.
#[allow(clippy::cast_precision_loss, reason = "there are never 2^52 of anything here")]
pub(crate) fn real(things: usize) -> f64 {
    things as f64
}

/// Runs things in turns, for so many rounds, and gives what each said, by round. The first round is a warm-up that does
/// not count.
pub(crate) fn in_turns<T, const N: usize>(
    rounds: usize,
    mut runs: [&mut dyn FnMut() -> Result<T>; N],
) -> Result<[Vec<T>; N]> {
    let mut values = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for (run, values) in runs.iter_mut().zip(&mut values) {
            let value = run()?;
            if round > 0 {
                values.push(value);
            }
        }
    }
    Ok(values)
}

/// How many nanoseconds of this thread's own time one of so many calls takes: who else wants the processor makes no
/// difference.
pub(crate) fn nanoseconds<T>(calls: u32, work: impl FnOnce() -> T) -> f64 {
    let began = system::thread_time();
    black_box(work());
    system::thread_time().saturating_sub(began).as_secs_f64() * 1e9 / f64::from(calls)
}

/// How many calls in a microsecond so many threads make together, each of them `calls`.
pub(crate) fn calls_per_microsecond<T>(threads: u32, calls: u32, call: impl Fn() -> T + Sync) -> f64 {
    let barrier = Barrier::new(threads as usize);
    let work = || {
        barrier.wait();
        let began = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        began.elapsed()
    };
    let longest = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or(Duration::ZERO)
    });
    f64::from(threads) * f64::from(calls) / (longest.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_least_the_middle_and_the_most() {
        let spread = Spread::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(spread, Spread { minimum: 1.0, median: 3.0, maximum: 5.0 });
    }

    #[test]
    fn a_ratio_compares_runs_of_the_same_round() {
        let spread = Spread::ratio(&[2.0, 20.0, 9.0], &[1.0, 10.0, 3.0]);
        assert_eq!(spread, Spread { minimum: 2.0, median: 2.0, maximum: 3.0 });
    }

    #[test]
    fn the_first_round_does_not_count() {
        let (mut one, mut other) = (0.0, 100.0);
        let count = |value: &mut f64| {
            *value += 1.0;
            Ok(*value)
        };
        let values = in_turns(2, [&mut || count(&mut one), &mut || count(&mut other)]).unwrap();
        assert_eq!(values, [vec![2.0, 3.0], vec![102.0, 103.0]]);
    }
}
