//! What is looked into.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use grantline::{Inspection, inspect};
use url::Url;
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
    let mut bytes = Zeroizing::new(Vec::new());
    let read = match file {
        Some(path) => File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)),
        None => io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes),
    };
    // The path is not quoted: it may be a token that was taken for one.
    let unreadable = |why: &dyn Display| {
        Failure::usage("input_unreadable", format!("what is to be inspected cannot be read: {why}"), advice)
    };
    let length = read.map_err(|error| unreadable(&error))?;
    if length as u64 > LONGEST {
        return Err(unreadable(&"it is longer than 1 MiB, as no token and no URL is"));
    }
    let text = str::from_utf8(&bytes).map_err(|_| unreadable(&"it is no text"))?;
    match text.trim() {
        "" => Err(Failure::usage("input_empty", "there is nothing to inspect", advice)),
        trimmed => Ok(Zeroizing::new(trimmed.to_owned())),
    }
}

/// By what only one of them has.
pub(super) fn guess(text: &str) -> Kind {
    let Inspection::Jwt { header, claims } = inspect(text) else {
        let is_url = text.contains("://") && Url::parse(text).is_ok();
        let is_callback = is_url || ["code=", "error=", "state="].iter().any(|name| text.contains(name));
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
        for callback in [
            "https://a.example/cb?code=1&state=2",
            "error=access_denied&state=2",
            "https://a.example/cb#access_token=1",
        ] {
            assert_eq!(guess(callback), Kind::Callback);
        }
    }
}
