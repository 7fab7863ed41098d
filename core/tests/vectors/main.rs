//! Runs the cases of `tests/vectors/` through the public API. Every language does; the schema is in the README there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how many cases it ran"
)]

mod application;
mod authorization_requests;
mod beyond;
mod callbacks;
mod catalogue;
mod expectation;
mod fixtures;
mod published;
mod seeded;
mod tokens;

use std::collections::BTreeMap;

use grantline_core::{Millis, Now, UnixMillis};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where the cases' servers are said to be. Nothing listens there: core only says what it would send.
const SERVER: &str = "http://127.0.0.1:9";

/// 2026-11-21T12:00:00Z.
const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<C> {
    schema: u32,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    applications: BTreeMap<String, application::Application>,
    #[serde(default)]
    pending: BTreeMap<String, String>,
    cases: Vec<C>,
}

/// A text that would be too long to write down: it stands where `{padding}` stands.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Padding {
    text: String,
    times: usize,
}

impl Padding {
    fn fill(&self, text: &str) -> String {
        text.replace("{padding}", &self.text.repeat(self.times))
    }
}

fn load<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(&text.replace("{server}", SERVER)).expect("the file has the form of its README")
}

fn cases<C: DeserializeOwned>(text: &str) -> File<C> {
    let file: File<C> = load(text);
    assert_eq!(file.schema, 1, "this runner knows schema 1");
    file
}

/// Runs each case, and names all that fail.
fn run<'c, C: 'c>(
    cases: impl IntoIterator<Item = &'c C>,
    name: impl Fn(&C) -> &str,
    run: impl Fn(&C) -> Result<(), String>,
) {
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases {
        count += 1;
        if let Err(why) = run(case) {
            failures.push(format!("{}: {why}", name(case)));
        }
    }
    println!("{count} cases");
    assert!(failures.is_empty(), "{} of {count} cases failed:\n{}", failures.len(), failures.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, got {got:?}")),
    }
}
