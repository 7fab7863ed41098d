//! The rules of redirect URIs and post-logout redirect URIs. Each has words of its own.

use url::{Host, Url};

use super::ApplicationType;
use crate::limits;

/// What a URI is told by in a message; a longer one is cut.
const SHOWN: usize = 60;

/// Schemes of which nothing is sent anywhere: what stands behind them is run, shown or read on the spot.
const NO_PLACES: [&str; 8] =
    ["about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"];

/// What is in no URI (RFC 3986, section 2). Parsers differ in what they take a backslash for.
const NO_CHARACTERS: &str = "\"<>\\^`{|}";

/// The first rule that a URI of an application of this type breaks, and what to write instead.
pub(super) fn broken_rule(what: &str, uri: &str, kind: ApplicationType) -> Option<String> {
    let broken = as_text(uri).and_then(|()| absolute(uri)).and_then(|url| {
        no_user_info(&url)?;
        scheme(&url, kind)
    });
    broken.err().map(|rule| format!("{what} \"{}\" {rule}", shown(uri)))
}

/// What can be told without taking it apart.
fn as_text(uri: &str) -> Result<(), String> {
    if !uri.is_ascii() {
        return Err(
            "is not ASCII: write a host name in punycode (xn--...) and the rest percent-encoded".to_owned()
        );
    }
    if uri.contains(|c: char| c == ' ' || c.is_ascii_control()) {
        return Err(
            "holds a space or a control character: write it percent-encoded, a space as %20".to_owned()
        );
    }
    if let Some(other) = uri.chars().find(|c| NO_CHARACTERS.contains(*c)) {
        let code = u32::from(other);
        return Err(format!(
            "holds the character {other}, which no URI has: write it percent-encoded, as %{code:02X} (RFC 3986, \
             section 2)"
        ));
    }
    if uri.len() > limits::REDIRECT_URI {
        let (long, most) = (uri.len(), limits::REDIRECT_URI);
        return Err(format!(
            "has {long} characters, {most} are allowed: shorten it, and keep what varies in `state`"
        ));
    }
    if uri.contains('#') {
        return Err(
            "has a fragment: leave out the # and what follows it (RFC 6749, section 3.1.2)".to_owned()
        );
    }
    if uri.contains('*') {
        return Err("holds a wildcard: URIs are compared exactly, so list each one".to_owned());
    }
    Ok(())
}

/// The URL parser of browsers guesses where slashes are missing; a comparison of text does not.
fn absolute(uri: &str) -> Result<Url, String> {
    let relative =
        || "is not absolute: begin with scheme and host, such as https://app.example/callback".to_owned();
    let url = Url::parse(uri).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => relative(),
        other => format!("is no URI: {other}"),
    })?;
    let rest = uri.get(url.scheme().len()..).unwrap_or("");
    let is_whole = !matches!(url.scheme(), "http" | "https")
        || rest.strip_prefix("://").is_some_and(|rest| !rest.starts_with('/'));
    if is_whole { Ok(url) } else { Err(relative()) }
}

fn no_user_info(url: &Url) -> Result<(), String> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(());
    }
    Err("holds a user name or a password: leave out what stands before the @".to_owned())
}

fn scheme(url: &Url, kind: ApplicationType) -> Result<(), String> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => {
            Err("is http: that is allowed on loopback only (localhost, 127.0.0.1, [::1]), so write https"
                .to_owned())
        }
        scheme if NO_PLACES.contains(&scheme) => {
            Err(format!("has the scheme {scheme}: no browser brings an answer there, so write https"))
        }
        scheme if kind != ApplicationType::Native => Err(format!(
            "has the scheme {scheme}: an application of type {kind} has https, or http on loopback; schemes of \
             one's own are for type native"
        )),
        scheme if !scheme.contains('.') => Err(format!(
            "has the scheme {scheme}: one of one's own begins with a domain name in reverse, such as \
             com.example.app:/callback (RFC 8252, section 7.1)"
        )),
        _ => Ok(()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Cut, and without a password that may stand in it.
fn shown(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").map_or(("", uri), |(scheme, rest)| (scheme, rest));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let bare = match authority.rsplit_once('@') {
        Some((user, _)) => format!("{scheme}://...{}", rest.get(user.len()..).unwrap_or("")),
        None => uri.to_owned(),
    };
    match bare.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &bare[..end]),
        None => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use ApplicationType::{Native, Spa, Web};

    fn rule(uri: &str, kind: ApplicationType) -> String {
        broken_rule("redirect URI", uri, kind).unwrap_or_default()
    }

    #[test]
    fn takes_https_http_on_loopback_and_for_native_applications_a_scheme_of_their_own() {
        for kind in [Web, Spa, Native] {
            for uri in [
                "https://app.example/callback",
                "https://app.example",
                "https://app.example/callback?customer=7",
                "HTTPS://App.Example/Callback",
                "https://app.example/users/@me",
                "http://localhost:8080/callback",
                "http://127.0.0.1/callback",
                "http://127.0.0.2:8080/callback",
                "http://[::1]:8080/callback",
            ] {
                assert_eq!(rule(uri, kind), "", "{uri} for {kind}");
            }
        }
        assert_eq!(rule("com.example.app:/callback", Native), "");
        assert_eq!(rule("com.example.app://callback", Native), "");
    }

    #[test]
    fn each_rule_has_words_of_its_own() {
        for (uri, kind, words) in [
            ("https://bücher.example/callback", Web, "not ASCII"),
            ("https://app.example/call back", Web, "%20"),
            ("https://app.example/\tcallback", Web, "control character"),
            ("https://app.example\\@evil.example/", Web, "holds the character \\, which no URI has"),
            ("https://app.example/{tenant}", Web, "as %7B"),
            ("https://app.example/callback#", Web, "fragment"),
            ("https://*.app.example/callback", Web, "wildcard"),
            ("https://app.example/*", Native, "wildcard"),
            ("/callback", Web, "not absolute"),
            ("", Web, "not absolute"),
            ("app.example/callback", Spa, "not absolute"),
            ("https:app.example/callback", Web, "not absolute"),
            ("https:///app.example/callback", Web, "not absolute"),
            ("https://", Web, "is no URI: empty host"),
            ("https://app.example:99999/", Web, "is no URI: invalid port"),
            ("https://anna@app.example/callback", Web, "before the @"),
            ("http://app.example/callback", Web, "on loopback only"),
            ("http://localhost.example/callback", Native, "on loopback only"),
            ("http://127.0.0.1.example/callback", Spa, "on loopback only"),
            ("ftp://app.example/callback", Web, "of type web has https"),
            ("com.example.app:/callback", Web, "for type native"),
            ("com.example.app:/callback", Spa, "of type spa"),
            ("myapp:/callback", Native, "com.example.app:/callback"),
            ("localhost:8080/callback", Native, "has the scheme localhost"),
        ] {
            assert!(rule(uri, kind).contains(words), "{uri}: {}", rule(uri, kind));
        }
    }

    #[test]
    fn no_application_is_answered_where_no_place_is() {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "JavaScript:alert(1)",
            "about:blank",
        ] {
            for kind in [Web, Spa, Native] {
                assert!(
                    rule(uri, kind).contains("no browser brings an answer there"),
                    "{uri}: {}",
                    rule(uri, kind)
                );
            }
        }
    }

    #[test]
    fn takes_400_characters_and_no_more() {
        let uri = |length: usize| format!("https://app.example/{}", "a".repeat(length - 20));
        assert_eq!(rule(&uri(400), Web), "");
        let refused = rule(&uri(401), Web);
        assert!(refused.contains("has 401 characters, 400 are allowed"), "{refused}");
        assert!(refused.len() < 250, "{refused}");
    }

    #[test]
    fn no_message_shows_a_password() {
        for uri in [
            "https://anna:s3cret@app.example/#x",
            "https://anna:s3cret@app.example/",
            "ftp://anna:s3cret@a.example/",
        ] {
            let refused = rule(uri, Web);
            assert!(!refused.contains("s3cret") && !refused.is_empty(), "{refused}");
        }
    }
}
