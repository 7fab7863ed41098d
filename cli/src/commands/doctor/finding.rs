//! What one check found.

use serde_json::{Value, json};

use crate::failure::{Failure, one_line};
use crate::output::{Output, Tone};

/// How a check came out, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It could not be, or need not be.
    NotChecked,
    Ok,
    Warning,
    Error,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotChecked => "not_checked",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn mark(self, output: Output) -> String {
        match self {
            Self::NotChecked => output.paint(Tone::Quiet, "not checked"),
            Self::Ok => output.paint(Tone::Good, "ok         "),
            Self::Warning => output.paint(Tone::Doubtful, "warning    "),
            Self::Error => output.paint(Tone::Bad, "error      "),
        }
    }
}

/// What was looked at, how it is, and what to do about it. Holds no secret.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) level: Level,
    words: String,
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, words: impl AsRef<str>) -> Self {
        Self::new(check, Level::Ok, words.as_ref(), None)
    }

    pub(super) fn not_checked(check: &'static str, words: impl AsRef<str>) -> Self {
        Self::new(check, Level::NotChecked, words.as_ref(), None)
    }

    pub(super) fn warning(check: &'static str, words: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self::new(check, Level::Warning, words.as_ref(), Some(advice.as_ref()))
    }

    pub(super) fn error(check: &'static str, words: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self::new(check, Level::Error, words.as_ref(), Some(advice.as_ref()))
    }

    /// What would keep any other command from its work.
    pub(super) fn failed(check: &'static str, failure: &Failure) -> Self {
        Self::error(check, failure.what(), failure.advice())
    }

    fn new(check: &'static str, level: Level, words: &str, advice: Option<&str>) -> Self {
        Self { check, level, words: one_line(words), advice: advice.map(one_line) }
    }

    pub(super) fn lines(&self, output: Output) -> String {
        let line = format!("{}  {}: {}\n", self.level.mark(output), self.check, self.words);
        match &self.advice {
            Some(advice) => format!("{line}             to do: {advice}\n"),
            None => line,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"check": self.check, "level": self.level.name(), "words": self.words, "advice": self.advice})
    }
}
