//! One check, by name.

use serde_json::{Value, json};

use crate::failure::one_line;
use crate::output::{Output, Tone};

/// What was looked at, and how it stands.
pub(super) struct Check {
    pub(super) name: &'static str,
    /// `None`: there was nothing to judge it by.
    pub(super) passed: Option<bool>,
    words: String,
}

impl Check {
    pub(super) fn new(name: &'static str, passed: impl Into<Option<bool>>, words: impl AsRef<str>) -> Self {
        Self { name, passed: passed.into(), words: one_line(words.as_ref()) }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"name": self.name, "passed": self.passed, "words": self.words})
    }

    pub(super) fn line(&self, output: Output) -> String {
        let mark = match self.passed {
            Some(true) => output.paint(Tone::Good, "passed     "),
            Some(false) => output.paint(Tone::Bad, "failed     "),
            None => output.paint(Tone::Quiet, "not checked"),
        };
        format!("  {mark}  {}: {}", self.name, self.words)
    }
}
