//! `cargo xtask test browser`: the emulator's pages in a headless Chromium, by the tests of `tests/browser`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result, cannot};
use crate::report::{Stop, step};
use crate::run;
use crate::rust;
use crate::toolchains::{chromium, node::Node, python::Python};
use crate::workspace::Workspace;

const SOURCES: &str = "tests/browser";
/// Below the target folder: screenshots and the accessibility report lie in it, and the project beside them.
const ARTEFACTS: &str = "browser";
const REPORT: &str = "browser/accessibility.md";
const PROJECT: &str = "browser/node";

pub(crate) fn test(workspace: &Workspace) -> Result<(), Stop> {
    let chromium = chromium::provide(workspace).map_err(Stop::NotReady)?;
    let python = Python::for_interop(workspace).map_err(Stop::NotReady)?;
    let node = Node::provide(workspace, &python, SOURCES, PROJECT).map_err(Stop::NotReady)?;
    step("building the Rust side");
    rust::build(workspace).map_err(Stop::NotReady)?;
    let artefacts = workspace.target(ARTEFACTS);
    remove_artefacts(&artefacts)?;
    let mut tests = Command::new(node.program());
    // Two files at a time; a test that hangs for ten minutes is a failure of its own.
    tests.args(["--test", "--test-concurrency=2", "--test-timeout=600000"]);
    tests.args(files(workspace)?).current_dir(node.folder());
    tests.env("GRANTLINE_PROGRAM", workspace.program("grantline"));
    tests.env("GRANTLINE_CHROMIUM", chromium).env("GRANTLINE_ARTEFACTS", &artefacts);
    all_pass(&mut tests)?;
    let report = workspace.target(REPORT);
    if !report.is_file() {
        return Err(Failure::new(format!("the tests wrote no {}", report.display())).into());
    }
    step(&format!("screenshots: {}; accessibility: {}", artefacts.display(), report.display()));
    Ok(())
}

fn all_pass(tests: &mut Command) -> Result<(), Stop> {
    let (mut passed, mut skipped) = (0, 0);
    run::watched("node --test", tests, |line| {
        passed = count(line, "pass").unwrap_or(passed);
        skipped = count(line, "skipped").unwrap_or(skipped);
    })?;
    if passed == 0 || skipped > 0 {
        return Err(Failure::new(format!("`node --test` passed {passed} tests and skipped {skipped}")).into());
    }
    Ok(())
}

/// By their names in the source folder: where they run, one that was deleted may still lie. Backwards, since
/// `pages.test.mjs` takes longest.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let sources = workspace.path(SOURCES);
    let entries = fs::read_dir(&sources).map_err(cannot("read", &sources))?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut files: Vec<String> = names.filter(|name| name.ends_with(".test.mjs")).collect();
    files.sort_by(|one, other| other.cmp(one));
    Ok(files)
}

/// Those of an earlier run, which this one might not make again.
fn remove_artefacts(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(cannot("read", folder))?.flatten() {
        let path = entry.path();
        if path.is_file() {
            fs::remove_file(&path).map_err(cannot("remove", &path))?;
        }
    }
    Ok(())
}

/// `ℹ pass 49`, or `# pass 49` where the output is no terminal's.
fn count(line: &str, what: &str) -> Option<u32> {
    let (mark, rest) = line.split_once(' ')?;
    let (name, count) = rest.split_once(' ')?;
    (matches!(mark, "ℹ" | "#") && name == what).then(|| count.trim().parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_many_tests_passed() {
        assert_eq!(count("ℹ pass 49", "pass"), Some(49));
        assert_eq!(count("# pass 0", "pass"), Some(0));
        assert_eq!(count("ℹ skipped 2", "pass"), None);
        assert_eq!(count("✔ pass 49 (3 ms)", "pass"), None);
        assert_eq!(count("", "pass"), None);
    }
}
