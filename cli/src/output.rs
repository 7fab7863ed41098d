//! What a command answers, for a person or for a program.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::failure::Failure;

/// How a result is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    colours: bool,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Good,
    Doubtful,
    Bad,
    Quiet,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        // https://no-color.org: set and not empty.
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { json, colours: !json && !is_unwanted && io::stdout().is_terminal() }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// The result: all of it, on standard output.
    pub(crate) fn result(self, human: &str, json: &Value) -> Result<(), Failure> {
        match self.json {
            true => write(format!("{json:#}\n").as_bytes()),
            false => write(human.as_bytes()),
        }
    }

    /// Something the user has to know meanwhile, on standard error.
    pub(crate) fn note(self, human: &str, json: &Value) {
        let line = if self.json { json.to_string() } else { human.to_owned() };
        // Nothing is left to tell the user with when standard error is closed.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Something that may do harm later, on standard error.
    pub(crate) fn warn(self, code: &str, words: &str) {
        let line = format!("grantline: warning: {words}");
        self.note(&line, &json!({"warning": {"code": code, "message": words}}));
    }

    /// The text in a colour, if this is a terminal.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colours => return text.to_owned(),
            Tone::Good => 32,
            Tone::Doubtful => 33,
            Tone::Bad => 31,
            Tone::Quiet => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Writes to standard output. A reader that has seen enough is no failure.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    write_part(bytes).map(drop)
}

/// Writes a part of a result that may be long. `Break`: whoever read it has gone, and the rest is for nobody.
pub(crate) fn write_part(bytes: &[u8]) -> Result<ControlFlow<()>, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Failure::unexpected("writing to standard output", &error)),
    }
}

/// A value for a line of its own: text as it is, without what would move a terminal's cursor.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().filter(|character| !character.is_control()).collect(),
        other => other.to_string(),
    }
}
