//! What a request is made of, from a file or standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::failure::Failure;

/// `place`: what stands behind the @, a path or `-` for standard input.
pub(super) fn read(place: &str) -> Result<Vec<u8>, Failure> {
    if place == "-" {
        let mut content = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut content);
        read.map_err(|error| Failure::unexpected("reading standard input", &error))?;
        return Ok(content);
    }
    let path = Path::new(place);
    fs::read(path).map_err(|error| Failure::of_file(path, "read", &error, "check the path after the @"))
}

/// Standard input is read to its end by whoever reads it first.
pub(super) fn refuse_twice<'a>(named: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    match named.filter(|named| *named == "@-").count() {
        0 | 1 => Ok(()),
        count => {
            let what = format!("standard input can be read once, and @- is there {count} times");
            Err(Failure::usage(
                "input_used_twice",
                what,
                "write all but one of them to a file, and give @FILE",
            ))
        }
    }
}
