//! The page of rules names tests and cases that are there.

#![allow(clippy::disallowed_methods, reason = "core does no I/O; its documents and tests are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The page's own short names of folders.
const FOLDERS: [(&str, &str); 4] = [
    ("cases/", "tests/vectors/"),
    ("engine/", "core/tests/engine/"),
    ("vectors/", "core/tests/vectors/"),
    ("secrets/", "core/tests/secrets/"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The text of a file that the page names.
fn named(file: &str) -> String {
    let long =
        FOLDERS.iter().find_map(|(short, folder)| Some(format!("{folder}{}", file.strip_prefix(short)?)));
    let path = root().join(long.unwrap_or_else(|| file.to_owned()));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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

fn is_there(text: &str, file: &str, name: &str) -> bool {
    let spellings = match file.rsplit_once('.') {
        Some((_, "rs")) => vec![format!("fn {name}(")],
        Some((_, "py")) => vec![format!("def {name}(")],
        Some((_, "kt")) => vec![format!("fun `{name}`(")],
        Some((_, "swift")) => vec![format!("func {name}(")],
        // A case, or a list of them.
        Some((_, "json")) => {
            let name = serde_json::to_string(name).unwrap();
            vec![format!("\"name\": {name}"), format!("\"name\":{name}"), format!("{name}: [")]
        }
        _ => Vec::new(),
    };
    spellings.iter().any(|spelling| text.contains(spelling))
}

#[test]
fn every_rule_of_the_page_is_shown_by_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("docs/conformance.md")).unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what")).collect();
    assert!(rows.len() > 100, "the page has rules");
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut missing = Vec::new();
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit_once(" | ").unwrap().1;
        for (file, names) in shown_by(cell) {
            let text = texts.entry(file).or_insert_with(|| named(file));
            missing.extend(
                names.into_iter().filter(|name| !is_there(text, file, name)).map(|name| (file, name)),
            );
        }
    }
    assert!(missing.is_empty(), "docs/conformance.md names what is not there: {missing:#?}");
}
