//! What is looked into.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use grantline::{Inspection, inspect};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// No token or URL is longer.
const LONGEST: u64 = 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    AccessToken,
    IdToken,
    Callback,
}

/// The text of a file or of standard input, without the space around it.
pub(super) fn read(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let advice = "give a file's path or standard input, never the token itself: a command line is in the list of processes";
    let mut text = Zeroizing::new(String::new());
    let read = match file {
        Some(path) => File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
        None => io::stdin().lock().take(LONGEST).read_to_string(&mut text),
    };
    // The path is not quoted: it may be a token that was taken for one.
    read.map_err(|error| {
        Failure::usage("input_unreadable", format!("what is to be inspected cannot be read: {error}"), advice)
    })?;
    match text.trim() {
        "" => Err(Failure::usage("input_empty", "there is nothing to inspect", advice)),
        trimmed => Ok(Zeroizing::new(trimmed.to_owned())),
    }
}

/// By what only one of them has.
pub(super) fn guess(text: &str) -> Kind {
    let Inspection::Jwt { header, claims } = inspect(text) else {
        let is_callback = ["code=", "error=", "state="].iter().any(|name| text.contains(name));
        return if is_callback { Kind::Callback } else { Kind::AccessToken };
    };
    let is_access_token = header.get("typ").and_then(|typ| typ.as_str()) == Some("at+jwt")
        || claims.contains_key("scope")
        || claims.contains_key("client_id");
    if is_access_token { Kind::AccessToken } else { Kind::IdToken }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn jwt(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn what_it_is_is_told_by_what_stands_in_it() {
        let id_token = jwt(r#"{"alg":"RS256"}"#, r#"{"sub":"a","nonce":"n"}"#);
        assert_eq!(guess(&id_token), Kind::IdToken);
        assert_eq!(guess(&jwt(r#"{"typ":"at+jwt"}"#, "{}")), Kind::AccessToken);
        assert_eq!(guess(&jwt("{}", r#"{"scope":"a"}"#)), Kind::AccessToken);
        assert_eq!(guess("3f5e0c"), Kind::AccessToken);
        for callback in ["https://a.example/cb?code=1&state=2", "error=access_denied&state=2"] {
            assert_eq!(guess(callback), Kind::Callback);
        }
    }
}
