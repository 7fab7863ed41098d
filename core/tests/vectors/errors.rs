//! The document of all codes.

#![allow(clippy::disallowed_methods, reason = "core does no I/O; its documents and tests are files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use grantline_core::{Error, catalogue, samples};

use crate::sources::root;

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
