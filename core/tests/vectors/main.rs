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
mod conformance;
mod errors;
mod expectation;
mod fixtures;
mod id_tokens;
mod notices;
mod provider;
mod published;
mod seeded;
mod signatures;
mod sources;
mod table;
mod tokens;
mod verifier;

use std::collections::BTreeMap;

use grantline_core::{Millis, Now, UnixMillis};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use table::{Padding, run, same};

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

fn load<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(&text.replace("{server}", SERVER)).expect("the file has the form of its README")
}

fn cases<C: DeserializeOwned>(text: &str) -> File<C> {
    let file: File<C> = load(text);
    assert_eq!(file.schema, 1, "this runner knows schema 1");
    file
}
