//! The headers of a request, from the command line or from files.

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use zeroize::Zeroizing;

use super::input;
use crate::failure::Failure;

/// Each is `Name: value`, or `@FILE` with a header in each line, or `@-` for standard input, as curl has it.
pub(super) fn read(named: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for text in named {
        if let Some(place) = text.strip_prefix('@') {
            add_file(place, &mut headers)?;
            continue;
        }
        let (name, value) = header(text).ok_or_else(|| refused("a header cannot be read"))?;
        refuse_cookie(&name)?;
        headers.append(name, value);
    }
    refuse_credentials(&headers)?;
    Ok(headers)
}

fn add_file(place: &str, headers: &mut HeaderMap) -> Result<(), Failure> {
    let content = Zeroizing::new(input::read(place)?);
    let name = if place == "-" { "standard input" } else { place };
    for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = std::str::from_utf8(line).ok().and_then(header);
        let no_header = || refused(&format!("{name}, line {}: a header cannot be read", number + 1));
        let (name, value) = read.ok_or_else(no_header)?;
        headers.append(name, value);
    }
    Ok(())
}

fn header(text: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':')?;
    let mut value = value.trim().parse::<HeaderValue>().ok()?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}

/// Its value is not quoted: it may be a secret.
fn refused(what: &str) -> Failure {
    Failure::usage("header_invalid", what, "write it as 'Name: value'")
}

/// What is a secret by its name, and belongs into a file.
fn refuse_cookie(name: &HeaderName) -> Result<(), Failure> {
    if name != COOKIE {
        return Ok(());
    }
    let what = "a cookie on the command line would be in the list of processes";
    let advice = "write the line to a file and give --header @FILE, or --header @-";
    Err(Failure::usage("cookie_on_command_line", what, advice))
}

/// What is put on by somebody else, wherever it stands.
fn refuse_credentials(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.contains_key(AUTHORIZATION) {
        let what =
            "the token is put on by grantline, and another would be in its way, or in the list of processes";
        let advice = "leave Authorization out: the profile's token is put on";
        return Err(Failure::usage("authorization_present", what, advice));
    }
    if headers.contains_key(PROXY_AUTHORIZATION) {
        // RFC 9110 section 11.7.2. Through the tunnel of an https request it would reach the API in the proxy's place.
        let what = "Proxy-Authorization would tell the API what the proxy alone is to know";
        let advice = "leave it out, and set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT";
        return Err(Failure::usage("proxy_authorization_present", what, advice));
    }
    Ok(())
}
