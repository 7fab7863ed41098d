//! The command line.

use std::fmt;

pub(crate) const HELP: &str = "\
usage: cargo xtask <command> [language ...]

commands:
  demo       start the emulator and show the main job: a service token, a login, a refresh
  test       run the test suites, and say of each whether it passed: the languages', and `browser`: the emulator's pages
             in a headless Chromium, with screenshots in target/browser
  browser    that suite alone
  processes  let real processes share sessions, be killed and stopped: `processes --rounds 200 --stops 20`;
             `processes help` names its options
  simulate   let simulated hosts share sessions under faults of every kind: `simulate --schedules 20000 --seed 0`;
             `simulate help` names its options
  bench      measure beside what the machine itself takes: `bench --quick`, or a part: fresh, lookup, memory, storm,
             throughput, refresh
  interop    let programs judge that nobody here wrote: real servers our clients, real clients our emulator:
             `interop`, or a part: clients, oidc-provider, keycloak
  wasm       build the core for browsers, wasm32-unknown-unknown
  help       show this text

languages: rust, python, kotlin, swift; all when none is named

What a language needs is installed on Debian and Ubuntu when run as root, and named elsewhere.
GRANTLINE_SWIFT_ROOT  folder for the Swift toolchain where the system has none (3 GB);
                      by default below the user's cache folder";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    Kotlin,
    Swift,
}

impl Language {
    /// Rust first: it needs nothing installed, so its answer comes soonest.
    pub(crate) const ALL: [Self; 4] = [Self::Rust, Self::Python, Self::Kotlin, Self::Swift];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }
}

/// What can be tested by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    Of(Language),
    Browser,
}

impl Suite {
    pub(crate) const ALL: [Self; 5] = [
        Self::Of(Language::Rust),
        Self::Of(Language::Python),
        Self::Of(Language::Kotlin),
        Self::Of(Language::Swift),
        Self::Browser,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Of(language) => language.name(),
            Self::Browser => "browser",
        }
    }
}

/// Who judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judges {
    /// Real clients, of the emulator.
    Clients,
    OidcProvider,
    Keycloak,
}

impl Judges {
    /// The quickest first.
    pub(crate) const ALL: [Self; 3] = [Self::Clients, Self::OidcProvider, Self::Keycloak];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::OidcProvider => "oidc-provider",
            Self::Keycloak => "keycloak",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    Test(Vec<Suite>),
    Demo(Vec<Language>),
    /// With the options of that program.
    Processes(Vec<String>),
    /// With the options of that program.
    Simulate(Vec<String>),
    /// With the options of that program.
    Bench(Vec<String>),
    Interop(Vec<Judges>),
    Wasm,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    NoCommand,
    UnknownCommand(String),
    UnknownLanguage(String),
    UnknownSuite(String),
    /// Behind a command that takes none.
    UnexpectedWord(String),
    UnknownJudges(String),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand => write!(f, "no command given"),
            Self::UnknownCommand(word) => write!(f, "no command is called `{word}`"),
            Self::UnknownLanguage(word) => {
                write!(f, "expected rust, python, kotlin or swift, got `{word}`")
            }
            Self::UnknownSuite(word) => {
                write!(f, "expected rust, python, kotlin, swift or browser, got `{word}`")
            }
            Self::UnexpectedWord(word) => write!(f, "expected nothing more, got `{word}`"),
            Self::UnknownJudges(word) => {
                write!(f, "expected clients, oidc-provider or keycloak, got `{word}`")
            }
        }
    }
}

pub(crate) fn parse(words: &[String]) -> Result<Request, Misuse> {
    let (command, rest) = words.split_first().ok_or(Misuse::NoCommand)?;
    match command.as_str() {
        "processes" => return Ok(Request::Processes(rest.to_vec())),
        "simulate" => return Ok(Request::Simulate(rest.to_vec())),
        "bench" => return Ok(Request::Bench(rest.to_vec())),
        _ => {}
    }
    if words.iter().any(|word| matches!(word.as_str(), "help" | "--help" | "-h")) {
        return Ok(Request::Help);
    }
    match command.as_str() {
        "test" => Ok(Request::Test(suites(rest)?)),
        "browser" => alone(rest, Request::Test(vec![Suite::Browser])),
        "wasm" => alone(rest, Request::Wasm),
        "demo" => Ok(Request::Demo(languages(rest)?)),
        "interop" => Ok(Request::Interop(judges(rest)?)),
        _ => Err(Misuse::UnknownCommand(command.clone())),
    }
}

fn languages(words: &[String]) -> Result<Vec<Language>, Misuse> {
    chosen(words, Language::ALL, Language::name).map_err(Misuse::UnknownLanguage)
}

fn suites(words: &[String]) -> Result<Vec<Suite>, Misuse> {
    chosen(words, Suite::ALL, Suite::name).map_err(Misuse::UnknownSuite)
}

fn alone(rest: &[String], request: Request) -> Result<Request, Misuse> {
    match rest.first() {
        Some(word) => Err(Misuse::UnexpectedWord(word.clone())),
        None => Ok(request),
    }
}

fn judges(words: &[String]) -> Result<Vec<Judges>, Misuse> {
    chosen(words, Judges::ALL, Judges::name).map_err(Misuse::UnknownJudges)
}

/// The ones that are named, in their own order, or all of them; or the word that names none.
fn chosen<T: Copy, const N: usize>(
    words: &[String],
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<Vec<T>, String> {
    if let Some(word) = words.iter().find(|word| !all.iter().any(|one| name(*one) == *word)) {
        return Err(word.clone());
    }
    let is_named = |one: &T| words.is_empty() || words.iter().any(|word| word == name(*one));
    Ok(all.into_iter().filter(is_named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, Misuse> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn runs_everything_when_nothing_is_named() {
        assert_eq!(parsed("test"), Ok(Request::Test(Suite::ALL.to_vec())));
        assert_eq!(parsed("demo"), Ok(Request::Demo(Language::ALL.to_vec())));
    }

    #[test]
    fn runs_only_what_is_named_once_and_in_order() {
        assert_eq!(parsed("demo rust"), Ok(Request::Demo(vec![Language::Rust])));
        let both = vec![Suite::Of(Language::Python), Suite::Browser];
        assert_eq!(parsed("test browser python browser"), Ok(Request::Test(both)));
        assert_eq!(parsed("browser"), Ok(Request::Test(vec![Suite::Browser])));
        assert_eq!(parsed("wasm"), Ok(Request::Wasm));
    }

    #[test]
    fn lets_every_judge_judge_when_none_is_named() {
        assert_eq!(parsed("interop"), Ok(Request::Interop(Judges::ALL.to_vec())));
        assert_eq!(parsed("interop clients"), Ok(Request::Interop(vec![Judges::Clients])));
    }

    #[test]
    fn hands_on_what_follows_processes_simulate_and_bench() {
        let options = vec!["--rounds".to_owned(), "9".to_owned()];
        assert_eq!(parsed("processes --rounds 9"), Ok(Request::Processes(options)));
        assert_eq!(parsed("processes help"), Ok(Request::Processes(vec!["help".to_owned()])));
        assert_eq!(parsed("simulate help"), Ok(Request::Simulate(vec!["help".to_owned()])));
        assert_eq!(parsed("bench --quick"), Ok(Request::Bench(vec!["--quick".to_owned()])));
    }

    #[test]
    fn shows_help_wherever_it_is_asked_for() {
        for line in ["help", "--help", "-h", "test --help", "demo rust -h"] {
            assert_eq!(parsed(line), Ok(Request::Help), "{line}");
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(parsed(""), Err(Misuse::NoCommand));
        assert_eq!(parsed("tset"), Err(Misuse::UnknownCommand("tset".into())));
        assert_eq!(parsed("test ruby"), Err(Misuse::UnknownSuite("ruby".into())));
        assert_eq!(parsed("demo browser"), Err(Misuse::UnknownLanguage("browser".into())));
        assert_eq!(parsed("wasm core"), Err(Misuse::UnexpectedWord("core".into())));
        assert_eq!(parsed("interop okta"), Err(Misuse::UnknownJudges("okta".into())));
        assert_eq!(parsed("test --all"), Err(Misuse::UnknownSuite("--all".into())));
    }
}
