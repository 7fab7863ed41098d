//! `cargo xtask test`: every language's own test runner, each against emulators of its own: they remember a bounded number
//! of requests, which the tests count. And the emulator's pages in a browser.

use std::process::Command;

use crate::arguments::{Language, Suite};
use crate::bindings;
use crate::browser;
use crate::databases::Databases;
use crate::emulator::Servers;
use crate::failure::{Failure, Result};
use crate::report::{Report, Stop, step};
use crate::run;
use crate::rust;
use crate::toolchains::{self, jvm::Jvm, python::Python, swift::Swift};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, suites: &[Suite]) -> Report {
    let mut report = Report::default();
    for &suite in suites {
        // The tests of Rust and of the browser start servers of their own.
        report.record(suite.name(), || match suite {
            Suite::Of(Language::Rust) => rust(workspace),
            Suite::Of(Language::Python) => python(workspace, &servers(workspace)?),
            Suite::Of(Language::Kotlin) => kotlin(workspace, &servers(workspace)?),
            Suite::Of(Language::Swift) => swift(workspace, &servers(workspace)?),
            Suite::Browser => browser::test(workspace),
        });
    }
    report
}

fn rust(workspace: &Workspace) -> Result<(), Stop> {
    toolchains::servers::provide(workspace).map_err(Stop::NotReady)?;
    rust::test(workspace)?;
    Ok(())
}

fn servers(workspace: &Workspace) -> Result<Servers, Stop> {
    Servers::for_tests(workspace).map_err(Stop::NotReady)
}

fn python(workspace: &Workspace, servers: &Servers) -> Result<(), Stop> {
    let python = Python::provide(workspace).map_err(Stop::NotReady)?;
    let databases = Databases::start(workspace).map_err(Stop::NotReady)?;
    develop(workspace, &python)?;
    let mut pytest = python.command(workspace, "pytest", &[]);
    servers.tell(&mut pytest);
    databases.tell(&mut pytest);
    run::tests("pytest", &mut pytest)?;
    run::tests("mypy", &mut python.command(workspace, "mypy", &[]))?;
    run::tests("stubtest", &mut python.command(workspace, "mypy.stubtest", &["grantline"]))?;
    let mut day = first_day(workspace, "python");
    run::tests("first-day python", day.env("PATH", python.path()?))?;
    Ok(())
}

/// What docs/first-day.md says for one language. That for Rust is among the tests of Rust.
fn first_day(workspace: &Workspace, part: &str) -> Command {
    step(&format!("doing what docs/first-day.md says for {part}"));
    workspace.command(workspace.program("first-day"), &workspace.path(""), &[part])
}

/// Builds the extension and puts the package into the environment as it lies in the source folder.
pub(crate) fn develop(workspace: &Workspace, python: &Python) -> Result<()> {
    step("building the Python extension");
    run::shown(
        "maturin develop",
        &mut python.command(workspace, "maturin", &["develop", "--locked", "--quiet"]),
    )
}

fn kotlin(workspace: &Workspace, servers: &Servers) -> Result<(), Stop> {
    let jvm = Jvm::provide(workspace).map_err(Stop::NotReady)?;
    let properties = bindings::kotlin(workspace)?;
    // `clean`, since a deleted test leaves its compiled class behind.
    let mut maven = jvm.maven(workspace, &["clean", "test", "--batch-mode", "--no-transfer-progress"]);
    servers.tell(&mut maven);
    run::tests("mvn test", maven.args(properties))?;
    run::tests("first-day kotlin", &mut first_day(workspace, "kotlin"))?;
    Ok(())
}

fn swift(workspace: &Workspace, servers: &Servers) -> Result<(), Stop> {
    let swift = Swift::provide(workspace).map_err(Stop::NotReady)?;
    bindings::swift(workspace)?;
    let mut tests = swift.command(workspace, "test", &["--disable-xctest"]);
    servers.tell(&mut tests);
    let mut tested = false;
    run::watched("swift test", &mut tests, |line| tested |= ran_swift_tests(line))?;
    // `swift test` is content with no test at all.
    if !tested {
        return Err(Failure::new("`swift test` ran no test").into());
    }
    run::tests("first-day swift", &mut first_day(workspace, "swift"))?;
    Ok(())
}

/// `✔ Test run with 12 tests passed after 0.003 seconds.`
fn ran_swift_tests(line: &str) -> bool {
    let count = line.split_once("Test run with ").and_then(|(_, rest)| rest.split_whitespace().next());
    count.and_then(|count| count.parse::<u32>().ok()).is_some_and(|count| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swift_suite_without_tests_is_no_suite() {
        assert!(ran_swift_tests("✔ Test run with 12 tests passed after 0.003 seconds."));
        assert!(ran_swift_tests("✔ Test run with 1 test in 1 suite passed after 0.1 seconds."));
        assert!(!ran_swift_tests("✔ Test run with 0 tests passed after 0.001 seconds."));
        assert!(!ran_swift_tests("Executed 0 tests, with 0 failures"));
    }
}
