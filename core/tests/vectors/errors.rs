//! The document of all codes, and that each of them is shown by some test.

#![allow(clippy::disallowed_methods, reason = "core does no I/O; its documents and tests are files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use grantline_core::{Error, catalogue, samples};

const HEAD: &str = "\
# Errors

Every error has a stable code, says by whose fault it is, and what to do. Decide by `code` and `advice`; messages may change.
This page is made from the code by one of its tests. What servers say comes with their own codes, such as `invalid_grant`,
unless it is no single word or one of the codes below: then `server_refused`, and the words beside it.

| advice | means |
|---|---|
| `retry` | try again, after the time that it names, if it names one |
| `log_in_again` | the user has to log in |
| `ask_administrator` | somebody with rights at the provider has to act |
| `fix_configuration` | change the configuration or the code |
| `report_bug` | report it: to the provider if the server misbehaved, to us if it is internal |
";

const TITLES: [(&str, &str); 8] = [
    ("server_refused", "The server refused"),
    ("server_misbehaved", "What arrived breaks a rule"),
    ("transport", "No usable response came"),
    ("unsupported", "Not offered"),
    ("misuse", "Asked for what is not allowed: nothing was sent"),
    ("store", "The store"),
    ("cancelled", "Cancelled"),
    ("internal", "A fault in this library"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    let samples = samples();
    for (fault, title) in TITLES {
        write!(text, "\n## {title}\n\n| code | advice | source | message |\n|---|---|---|---|\n").unwrap();
        let rows: BTreeMap<String, String> = samples
            .iter()
            .filter(|error| error.fault().name() == fault)
            .map(|error| (error.code().into_owned(), row(error)))
            .collect();
        for row in rows.values() {
            text.push_str(row);
        }
    }
    text
}

fn row(error: &Error) -> String {
    let code = error.code();
    let reason = catalogue().find(|reason| reason.code == code);
    let (source, message) = match reason {
        Some(reason) => (reason.source.to_owned(), reason.message.to_owned()),
        None => (String::new(), error.to_string()),
    };
    let message = message.replace('|', "\\|").replace(":?}", "}");
    format!("| `{code}` | `{}` | {source} | {message} |\n", error.advice().name())
}

#[test]
fn the_document_of_errors_is_made_from_the_code() {
    let place = root().join("docs/errors.md");
    if std::env::var_os("GRANTLINE_WRITE_DOCS").is_some() {
        fs::write(&place, document()).unwrap();
    }
    let written = fs::read_to_string(&place).unwrap_or_default();
    let how = "set GRANTLINE_WRITE_DOCS=1 and run this test to write docs/errors.md anew";
    assert!(written == document(), "docs/errors.md is not what the code says: {how}");
}

#[test]
fn every_code_is_shown_by_a_test() {
    let mut tests = String::new();
    for folder in ["core/tests", "driver/tests", "driver/src", "core/src", "tests/vectors"] {
        read_tests(&root().join(folder), &mut tests);
    }
    let shown = |error: &Error| tests.contains(&format!("\"{}\"", error.code()));
    let missing: Vec<_> =
        samples().iter().filter(|error| !shown(error)).map(|e| e.code().into_owned()).collect();
    assert!(missing.is_empty(), "no test shows {missing:?}");
}

/// Of a source file that what stands behind its first mark of tests.
fn read_tests(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            read_tests(&path, text);
        } else if name != "catalogue.rs"
            && path.extension().is_some_and(|kind| kind == "json" || kind == "rs")
        {
            let content = fs::read_to_string(&path).unwrap();
            let is_source = path.components().any(|part| part.as_os_str() == "src");
            let is_of_tests =
                name.contains("test") || folder.components().any(|part| part.as_os_str() == "tests");
            match content.find("#[cfg(test)]").filter(|_| is_source && !is_of_tests) {
                Some(start) => text.push_str(&content[start..]),
                None if is_source && !is_of_tests => {}
                None => text.push_str(&content),
            }
        }
    }
}
