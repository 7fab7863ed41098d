//! The contract of stores, which every store of grantline passes, for whoever writes one.
//!
//! ```
//! use grantline::Store;
//! use grantline::store_contract::Contract;
//!
//! # let folder = std::env::temp_dir().join(format!("grantline-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("sessions.db");
//! # futures_executor::block_on(async {
//! // In a test of one's own, with `Store::shared(OurTable::open())`.
//! Contract::shared(move || Store::sqlite(&path).unwrap()).check().await.assert_kept();
//! # });
//! # std::fs::remove_dir_all(&folder).unwrap();
//! ```
//!
//! It needs no empty store: it works in collections that nobody else has, and removes what it wrote.

mod bench;
mod concurrency;
mod endings;
mod leases;
mod lists;
mod names;
mod records;
mod sharing;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Store;
use crate::{entropy, runtime};
use bench::{Bench, Rule};

/// The rules for one kind of store, and how to get at one.
pub struct Contract {
    make: Box<dyn Fn() -> Store + Send + Sync>,
    shared: bool,
    pass_time: PassTime,
}

type PassTime = Box<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says which rules were broken"]
pub struct Report {
    kept: usize,
    broken: Vec<BrokenRule>,
}

/// A rule that the store broke.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokenRule {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What was expected, and what came.
    pub how: String,
}

impl Contract {
    /// The rules for a store that one process uses at a time. `make` opens it; each store that it made is dropped
    /// before the next one, which has to find what was written.
    pub fn one_process(make: impl Fn() -> Store + Send + Sync + 'static) -> Self {
        Self { make: Box::new(make), shared: false, pass_time: Box::new(wait) }
    }

    /// The rules for a store that processes share, which are the same and more. `make` opens it; the stores that it
    /// made are used at the same time.
    pub fn shared(make: impl Fn() -> Store + Send + Sync + 'static) -> Self {
        Self { shared: true, ..Self::one_process(make) }
    }

    /// Lets the store's clock be set by the test: `pass` moves it on by a duration. Without it the check waits, less than
    /// half a second in all.
    #[must_use]
    pub fn passing_time_with<F>(self, pass: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { pass_time: Box::new(move |duration| Box::pin(pass(duration))), ..self }
    }

    /// Goes through all rules, under any executor.
    pub async fn check(&self) -> Report {
        let mut report = Report { kept: 0, broken: Vec::new() };
        for rule in self.rules() {
            match self.check_one(&rule).await {
                Ok(()) => report.kept += 1,
                Err(how) => report.broken.push(BrokenRule { rule: rule.sentence, how }),
            }
        }
        report
    }

    fn rules(&self) -> Vec<Rule> {
        let mut rules = records::rules();
        rules.extend(leases::rules());
        rules.extend(endings::rules());
        rules.extend(names::rules());
        rules.extend(lists::rules());
        rules.extend(concurrency::rules());
        rules.extend(sharing::rules_of_one_process());
        if self.shared {
            rules.extend(sharing::rules_of_many());
        }
        rules.extend(walk::rules());
        rules
    }

    async fn check_one(&self, rule: &Rule) -> Result<(), String> {
        let run = entropy::number().map_err(|error| error.to_string())?;
        let runtime = runtime::shared().map_err(|error| error.to_string())?;
        let bench = Bench::new(&self.make, &self.pass_time, run, runtime);
        let outcome = (rule.check)(&bench).await;
        let cleaned = bench.clean().await;
        outcome.and(cleaned)
    }
}

impl Report {
    /// How many rules were kept.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// The rules that were broken.
    pub fn broken(&self) -> &[BrokenRule] {
        &self.broken
    }

    /// For a test: passes if every rule was kept.
    ///
    /// # Panics
    ///
    /// If one was broken, naming each.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(self.broken.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rules of the store contract were kept, {} broken", self.kept, self.broken.len())?;
        self.broken.iter().try_for_each(|broken| writeln!(f, "- {}: {}", broken.rule, broken.how))
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract").field("shared", &self.shared).finish_non_exhaustive()
    }
}

/// Waits by the real clock, on grantline's own thread: the caller's executor may have no timers.
fn wait(duration: Duration) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if let Ok(runtime) = runtime::shared() {
            let waiting = runtime.spawn(async move { tokio::time::sleep(duration).await });
            // It neither panics nor is aborted.
            let _ = waiting.await;
        }
    })
}
