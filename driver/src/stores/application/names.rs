//! Names for stores that know nothing of ours: lower-case letters, digits and `. - ~ +`.
//!
//! A store may fold case or accents, trim spaces, sort by a language's rules, or take `%`, `_`, `*` or `/` for something
//! special; two users' sessions must not meet there. A record's own name is in hexadecimal, which sorts as its bytes do.

use grantline_core::{Collection, RecordKey};

/// What the names of a collection begin with.
pub(super) fn prefix(collection: &Collection) -> String {
    let mut prefix = String::new();
    for byte in collection.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => prefix.push(char::from(byte)),
            other => {
                prefix.push('~');
                prefix.extend(digits(other));
            }
        }
    }
    prefix.push('+');
    prefix
}

/// The name of a record among all.
pub(super) fn flat(key: &RecordKey) -> String {
    prefix(&key.collection) + &hexadecimal(&key.name)
}

pub(super) fn hexadecimal(name: &str) -> String {
    name.bytes().flat_map(digits).collect()
}

fn digits(byte: u8) -> impl Iterator<Item = char> {
    [byte >> 4, byte & 0xf].into_iter().filter_map(|half| char::from_digit(half.into(), 16))
}

/// The record's own name again; `None` if it is none of that collection.
pub(super) fn own_name(flat: &str, prefix: &str) -> Option<String> {
    let digits = flat.strip_prefix(prefix)?.as_bytes();
    let bytes = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let name = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
    // Only as it is written here: upper case, a sign or half a byte are somebody else's.
    (hexadecimal(&name).as_bytes() == digits).then_some(name)
}

#[cfg(test)]
mod tests {
    use grantline_core::RecordKind;

    use super::*;

    fn key(client_id: &str, name: &str) -> RecordKey {
        let collection = Collection::new(RecordKind::Session, "https://connect.visma.com", client_id);
        RecordKey { collection, name: name.to_owned() }
    }

    /// Frozen: records are found by it.
    #[test]
    fn a_name_is_written_as_the_first_release_did() {
        let flat = flat(&key("Isv_portal", "Ann\u{e9}/1"));
        assert_eq!(flat, "session~20https~3a~2f~2fconnect.visma.com~20~49sv~5fportal+416e6ec3a92f31");
    }

    #[test]
    fn a_name_is_read_again_in_its_collection_only() {
        let key = key("isv", "a b");
        let written = flat(&key);
        assert_eq!(own_name(&written, &prefix(&key.collection)).as_deref(), Some("a b"));
        assert_eq!(own_name(&written, "session+"), None);
        for stranger in ["6", "6g", "+6", "4A", "ff"] {
            assert_eq!(own_name(stranger, ""), None, "{stranger}");
        }
    }
}
