//! A look into a callback: the URL that a browser was sent to, or what a form posted there.

use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::Report;
use super::check::Check;
use super::reference::Reference;

/// Parameters whose values are secrets for a while.
const SECRET: [&str; 5] = ["code", "access_token", "id_token", "refresh_token", "state"];

pub(super) fn report(text: &str, reference: Option<&Reference<'_>>) -> Report {
    let url = Url::parse(text).ok();
    let parameters = parameters(text, url.as_ref());
    let shown = parameters.iter().map(|(name, value)| (name.clone(), Value::String(shortened(name, value))));
    let part = shown.collect::<Map<_, _>>();
    let checks = vec![
        repeated(&parameters),
        state(&parameters),
        answer(&parameters),
        issuer(&parameters, reference),
        redirect_uri(url.as_ref(), reference),
    ];
    Report { kind: "callback", parts: vec![("parameters", part)], checks }
}

/// Who it says that it is from (RFC 9207).
pub(super) fn issuer_in(text: &str) -> Option<String> {
    value(&parameters(text, Url::parse(text).ok().as_ref()), "iss").map(str::to_owned)
}

/// Of a URL's query and of its fragment, or of what a form posted.
fn parameters(text: &str, url: Option<&Url>) -> Vec<(String, String)> {
    let (query, fragment) = match url {
        Some(url) => (url.query().unwrap_or_default(), url.fragment().unwrap_or_default()),
        None => text.trim_start_matches('?').split_once('#').unwrap_or((text.trim_start_matches('?'), "")),
    };
    let raw = query.split('&').chain(fragment.split('&')).filter(|one| is_parameter(one));
    raw.flat_map(|one| form_urlencoded::parse(one.as_bytes()).into_owned()).collect()
}

/// A token has no `=`, or only at its end: it is not shown as a name.
fn is_parameter(text: &str) -> bool {
    const LONGEST_NAME: usize = 24;
    let is_named =
        |(name, value): (&str, &str)| !value.trim_start_matches('=').is_empty() || name.len() <= LONGEST_NAME;
    text.split_once('=').is_some_and(is_named)
}

/// A code can be used by whoever sees it: its length and its end are enough to find it again.
fn shortened(name: &str, value: &str) -> String {
    let length = value.chars().count();
    match SECRET.contains(&name) {
        false => value.to_owned(),
        true if length < 20 => format!("({length} characters)"),
        true => {
            let end: String = value.chars().skip(length - 6).collect();
            format!("({length} characters, ends with {end})")
        }
    }
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// RFC 6749 section 3.1.
fn repeated(parameters: &[(String, String)]) -> Check {
    let again = |(place, (name, _)): &(usize, &(String, String))| {
        parameters.iter().take(*place).any(|(earlier, _)| earlier == name)
    };
    match parameters.iter().enumerate().find(again) {
        None => Check::new("repeated", true, "no parameter is there twice"),
        Some((_, (name, _))) => Check::new("repeated", false, format!("{name} is there twice")),
    }
}

fn state(parameters: &[(String, String)]) -> Check {
    match value(parameters, "state") {
        Some(_) => Check::new("state", None, "there; the login that it answers knows which one it sent"),
        None => Check::new("state", false, "missing: nothing ties it to a login"),
    }
}

fn answer(parameters: &[(String, String)]) -> Check {
    match (value(parameters, "code"), value(parameters, "error")) {
        (Some(_), Some(_)) => Check::new("answer", false, "both a code and an error"),
        (Some(_), None) => Check::new("answer", true, "a code, to be exchanged once"),
        (None, Some(error)) => {
            let description = value(parameters, "error_description").unwrap_or("without a description");
            Check::new("answer", false, format!("the provider refused with {error}: {description}"))
        }
        (None, None) => Check::new("answer", false, "neither a code nor an error"),
    }
}

/// RFC 9207.
fn issuer(parameters: &[(String, String)], reference: Option<&Reference<'_>>) -> Check {
    match value(parameters, "iss") {
        None => Check::new("issuer", None, "iss is not there"),
        Some(got) => super::token::issued_by(got, reference),
    }
}

/// The port may be another on loopback (RFC 8252 section 7.3).
fn redirect_uri(url: Option<&Url>, reference: Option<&Reference<'_>>) -> Check {
    let expected = reference.and_then(|it| Some((it, it.profile.entry.redirect_uri.as_deref()?)));
    let (Some(url), Some((reference, expected))) = (url, expected) else {
        return Check::new("redirect_uri", None, "compared with nothing: give a whole URL and --profile");
    };
    let is_the_same = Url::parse(expected).is_ok_and(|mut expected| {
        if matches!(expected.host_str(), Some("127.0.0.1" | "[::1]")) {
            // It cannot fail where there is a host.
            let _ = expected.set_port(url.port());
        }
        (expected.scheme(), expected.host(), expected.port_or_known_default(), expected.path())
            == (url.scheme(), url.host(), url.port_or_known_default(), url.path())
    });
    let profile = reference.name();
    let words = match is_the_same {
        true => format!("{expected}, as {profile} has it"),
        false => format!("not {expected}, as {profile} has it"),
    };
    Check::new("redirect_uri", reference.outcome(is_the_same), words)
}
