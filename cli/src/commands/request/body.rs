//! The body of a request, and of its answer.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::failure::Failure;

/// `@FILE`, or `@-` for standard input.
pub(super) fn read(named: &str) -> Result<Vec<u8>, Failure> {
    match named.strip_prefix('@') {
        Some("-") => {
            let mut body = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut body);
            read.map_err(|error| Failure::unexpected("reading standard input", &error))?;
            Ok(body)
        }
        Some(path) => {
            let path = Path::new(path);
            fs::read(path)
                .map_err(|error| Failure::of_file(path, "read", &error, "check the path after the @"))
        }
        None => {
            let what = "a body on the command line would be in the list of processes";
            Err(Failure::usage(
                "body_on_command_line",
                what,
                "write it to a file and give --body @FILE, or --body @-",
            ))
        }
    }
}

/// The member's name, and the body: what is JSON as it is, text as text, anything else in base64.
pub(super) fn as_json(body: &[u8]) -> (&'static str, Value) {
    if let Ok(value) = serde_json::from_slice(body) {
        return ("body", value);
    }
    match std::str::from_utf8(body) {
        Ok(text) => ("body_text", text.into()),
        Err(_) => ("body_base64", STANDARD.encode(body).into()),
    }
}
