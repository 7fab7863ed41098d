//! The page of rules names tests and cases that run.

#![allow(clippy::disallowed_methods, reason = "core does no I/O; its documents and tests are files")]

use std::collections::BTreeMap;
use std::fs;

use crate::sources::{Source, root};

/// The page's own short names of folders.
const FOLDERS: [(&str, &str); 4] = [
    ("cases/", "tests/vectors/"),
    ("engine/", "core/tests/engine/"),
    ("vectors/", "core/tests/vectors/"),
    ("secrets/", "core/tests/secrets/"),
];

/// The file that the page names.
fn named(file: &str) -> Source {
    let long =
        FOLDERS.iter().find_map(|(short, folder)| Some(format!("{folder}{}", file.strip_prefix(short)?)));
    Source::read(&long.unwrap_or_else(|| file.to_owned()))
}

/// What the last cell of a row says: files, and names in them.
fn shown_by(cell: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for part in cell.split("; ") {
        let (file, names) = part.split_once(": ").unwrap_or_else(|| panic!("no file and names: {part}"));
        let names = names.split("`, `").map(|name| name.trim().trim_matches('`'));
        files.entry(file.trim().trim_matches('`')).or_default().extend(names);
    }
    files
}

#[test]
fn every_rule_of_the_page_is_shown_by_a_test_that_runs() {
    let page = fs::read_to_string(root().join("docs/conformance.md")).unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what")).collect();
    assert!(rows.len() > 100, "the page has rules");
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit_once(" | ").unwrap().1;
        for (file, names) in shown_by(cell) {
            wanted.entry(file).or_default().extend(names);
        }
    }
    let mut missing = Vec::new();
    for (file, names) in wanted {
        let tests = named(file).tests;
        missing.extend(names.into_iter().filter(|name| !tests.contains_key(*name)).map(|name| (file, name)));
    }
    assert!(missing.is_empty(), "docs/conformance.md names what is not there, or does not run: {missing:#?}");
}
