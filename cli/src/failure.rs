//! Why a command failed: one line, or one JSON object, that says what to do.

use std::fmt;
use std::io;
use std::path::Path;

use grantline::{Advice, ApiRefusal, Error, StoreFailure, StoreFailureKind};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::profile::{Profile, StoreLocation};

/// What to do where nobody said which session it is about.
const LOG_IN_AGAIN: &str = "log in again with `grantline login`";

/// A command that did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    code: String,
    what: String,
    advice: String,
}

impl Failure {
    /// `what` and `advice` are shown as they are: neither may hold a secret.
    pub(crate) fn new(exit: Exit, code: &str, what: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self { exit, code: code.to_owned(), what: one_line(what.as_ref()), advice: one_line(advice.as_ref()) }
    }

    pub(crate) fn configuration(code: &str, what: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self::new(Exit::Configuration, code, what, advice)
    }

    pub(crate) fn usage(code: &str, what: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self::new(Exit::Usage, code, what, advice)
    }

    /// A file that the command line or the profile names.
    pub(crate) fn of_file(path: &Path, doing: &str, error: &io::Error, advice: &str) -> Self {
        let what = format!("{} cannot be {doing}: {error}", path.display());
        Self::configuration("file_unusable", what, advice)
    }

    pub(crate) fn unexpected(doing: &str, error: &dyn fmt::Display) -> Self {
        Self::new(Exit::Unexpected, "system_refused", format!("{doing}: {error}"), "try again, or report it")
    }

    pub(crate) fn of_api(refusal: &ApiRefusal) -> Self {
        let advice = refusal.advice();
        let exit = Exit::of_advice(advice, true);
        Self::new(exit, refusal.code(), refusal.to_string(), words_of(advice))
    }

    /// Says which session it is about, and how to log in to that one. `session`: its name, if it is not the profile's.
    pub(crate) fn of_session(mut self, profile: &str, session: Option<&str>) -> Self {
        if self.advice != LOG_IN_AGAIN {
            return self;
        }
        let command = match session {
            None => format!("grantline login --profile {profile}"),
            Some(session) => format!("grantline login --profile {profile} --session {session}"),
        };
        let is_first = self.code == "session_unknown";
        if is_first {
            let session = session.unwrap_or(profile);
            self.what = one_line(&format!("there is no session {session} of the profile {profile}"));
        }
        let again = if is_first { "" } else { " again" };
        self.advice = one_line(&format!("log in{again} with `{command}`"));
        self
    }

    /// The same, with something better to do about it.
    pub(crate) fn advising(mut self, advice: &str) -> Self {
        self.advice = one_line(advice);
        self
    }

    /// The same in other words, where the usual ones would repeat a secret.
    pub(crate) fn saying(mut self, what: &str) -> Self {
        self.what = one_line(what);
        self
    }

    /// Says what to do about a store that is a server: no other program holds its file, and no folder is its place.
    pub(crate) fn of_store(self, profile: Profile<'_>) -> Self {
        match profile.entry.store {
            Some(StoreLocation::Redis(_) | StoreLocation::Postgres(_)) => self.of_server_store(),
            Some(StoreLocation::Sqlite(_)) | None => self,
        }
    }

    fn of_server_store(self) -> Self {
        match self.code.as_str() {
            "store_unavailable" => self.advising("start it, or correct its URL"),
            "store_denied" => self.advising("correct its URL, or let the URL's user read and write there"),
            "store_damaged" => self.advising("restore a copy, or log in again"),
            "store_too_new" => self.advising("update grantline"),
            _ => self,
        }
    }

    /// Names the file that holds something else than a sealing key.
    pub(crate) fn of_damaged(mut self, path: &Path) -> Self {
        self.what = one_line(&format!("{}: {}", path.display(), self.what));
        self.advising("restore a copy; without one, its sessions are lost: name another folder with --data, or another sealing_key, and log in again")
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn advice(&self) -> &str {
        &self.advice
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.what,
            "advice": self.advice,
            "exit_code": self.exit.code(),
        }})
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Error::Store(failure) = error {
            return failure.into();
        }
        Self::new(Exit::of(&error), &error.code(), error.to_string(), words_of(error.advice()))
    }
}

impl From<StoreFailure> for Failure {
    fn from(failure: StoreFailure) -> Self {
        let advice = match failure.kind {
            StoreFailureKind::Unavailable => "end the program that holds it, or try again",
            StoreFailureKind::Full => "make room",
            StoreFailureKind::Denied => {
                "let this user write there, or name another folder with --data or another store in the profile"
            }
            StoreFailureKind::Damaged => {
                "restore a copy, or name another folder with --data and log in again"
            }
            StoreFailureKind::TooNew => "update grantline, or name another folder with --data",
            _ => "report it",
        };
        Self::new(Exit::Store, failure.kind.code(), failure.to_string(), advice)
    }
}

fn words_of(advice: Advice) -> String {
    match advice {
        Advice::Retry { after: Some(after) } => format!("try again in {} s", after.as_secs().max(1)),
        Advice::Retry { after: None } => "try again".to_owned(),
        Advice::LogInAgain => LOG_IN_AGAIN.to_owned(),
        Advice::AskAdministrator => {
            "ask who administers the application at the provider, or the customer's administrator".to_owned()
        }
        Advice::FixConfiguration => "correct the profile, or what it names".to_owned(),
        _ => "report it".to_owned(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}); {}", self.what, self.code, self.advice)
    }
}

/// A message is one line, whatever a parser or a server puts into it, and writes nothing to a terminal but text.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|character| !character.is_control()).collect()
}
