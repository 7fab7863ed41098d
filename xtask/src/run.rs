//! Starting programs: shown, into a log with signs of life, or read.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::excerpt::Excerpt;
use crate::failure::{Failure, Result, cannot};
use crate::report;

const POLL: Duration = Duration::from_millis(100);
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
const LOG_LINES_SHOWN: usize = 25;

/// Runs a program whose output is the user's to read, and which a failure calls by `name`.
pub(crate) fn shown(name: &str, command: &mut Command) -> Result<()> {
    let status = command.status().map_err(not_started(name))?;
    check(name, status)
}

/// Runs a test runner as [`shown`] does; if it fails, the failure repeats what it said of the tests that failed.
pub(crate) fn tests(name: &str, command: &mut Command) -> Result<()> {
    watched(name, command, |_| ())
}

/// As [`tests`], and hands every line of the standard output to `seen` too.
pub(crate) fn watched(name: &str, command: &mut Command, mut seen: impl FnMut(&str)) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(not_started(name))?;
    let mut excerpt = Excerpt::default();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        while let Some(line) = next_line(&mut stdout) {
            println!("{line}");
            excerpt.see(&line);
            seen(&line);
        }
    }
    let status = child.wait().map_err(not_started(name))?;
    check(name, status).map_err(|failure| Failure::new(format!("{failure}{excerpt}")))
}

/// A line that is not UTF-8 is shown as well as it can be: it does not end the reading.
fn next_line(output: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = output.read_until(b'\n', &mut line).ok()?;
    (read > 0).then(|| String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned())
}

/// Runs a long program with its output in a log, of which the end is shown if it fails.
pub(crate) fn logged(headline: &str, command: &mut Command, log: &Path) -> Result<()> {
    report::step(headline);
    let output = create_log(log)?;
    let errors = output.try_clone().map_err(cannot("write", log))?;
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let started = Instant::now();
    let child = command.spawn().map_err(not_started(headline))?;
    let status = wait_with_signs_of_life(child, started).map_err(not_started(headline))?;
    check(headline, status)
        .map_err(|failure| Failure::new(format!("{failure}; {}\n{}", log.display(), tail(log))))?;
    println!("     done in {}", report::duration(started.elapsed()));
    Ok(())
}

fn wait_with_signs_of_life(mut child: Child, started: Instant) -> std::io::Result<ExitStatus> {
    let mut next = SIGN_OF_LIFE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() >= next {
            println!("     {} so far", report::duration(next));
            next += SIGN_OF_LIFE;
        }
        thread::sleep(POLL);
    }
}

/// The standard output of a program that succeeds; nothing otherwise.
pub(crate) fn read(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The program's place on the `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

pub(crate) fn create_log(log: &Path) -> Result<File> {
    let folder = log.parent().unwrap_or(log);
    fs::create_dir_all(folder).map_err(cannot("create", folder))?;
    File::create(log).map_err(cannot("write", log))
}

pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}

fn check(name: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let how = status
        .code()
        .map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"));
    Err(Failure::new(format!("`{name}` {how}")))
}

fn not_started(name: &str) -> impl FnOnce(std::io::Error) -> Failure {
    move |error| Failure::new(format!("cannot run `{name}`: {error}"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn names_the_program_and_how_it_ended() {
        let failure = shown("tests", &mut shell("exit 3")).unwrap_err();
        assert_eq!(failure.to_string(), "`tests` ended with exit code 3");
        let failure = shown("tests", &mut shell("kill -9 $$")).unwrap_err();
        assert_eq!(failure.to_string(), "`tests` was ended by a signal");
    }

    #[test]
    fn names_a_program_that_is_not_there() {
        let failure = shown("tests", &mut Command::new("no-such-program")).unwrap_err();
        assert!(failure.to_string().starts_with("cannot run `tests`"), "{failure}");
        assert_eq!(find("no-such-program"), None);
    }

    #[test]
    fn shows_the_end_of_the_log_of_a_program_that_failed() {
        let log = env::temp_dir().join(format!("xtask-run-{}.log", std::process::id()));
        let script = "for i in $(seq 40); do echo line $i; done; exit 1";
        let failure = logged("counting", &mut shell(script), &log).unwrap_err().to_string();
        fs::remove_file(&log).unwrap();
        assert!(failure.contains("line 40") && failure.contains("line 16"), "{failure}");
        assert!(!failure.contains("line 15"), "{failure}");
    }

    #[test]
    fn hands_on_every_line_it_shows() {
        let mut lines = Vec::new();
        watched("echo", &mut shell("echo one; echo two"), |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn repeats_what_a_test_runner_said_of_a_failure() {
        let script = r"printf 'ok\nFAILED one - \377\n'; exit 1";
        let failure = tests("runner", &mut shell(script)).unwrap_err().to_string();
        assert_eq!(failure, "`runner` ended with exit code 1\nFAILED one - \u{fffd}");
    }
}
