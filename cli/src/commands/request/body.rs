//! The body of a request, and of its answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::input;
use crate::failure::Failure;

/// `@FILE`, or `@-` for standard input.
pub(super) fn read(named: &str) -> Result<Vec<u8>, Failure> {
    let place = named.strip_prefix('@').ok_or_else(|| {
        let what = "a body on the command line would be in the list of processes";
        let advice = "write it to a file and give --body @FILE, or --body @-";
        Failure::usage("body_on_command_line", what, advice)
    })?;
    input::read(place)
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
