//! What the provider publishes: its metadata, its keys, and by the way its time.

use std::time::{Duration, UNIX_EPOCH};

use grantline::{Client, Error, KeySet, Provider, UnixMillis, Violation};
use serde_json::Value;

use super::finding::Finding;
use crate::failure::Failure;
use crate::profile::{Kind, Profile};
use crate::progress::wait;
use crate::published::Document;

/// By how much an ID token's times may be off: `Registration::clock_tolerance`.
const TOLERANCE: Duration = Duration::from_secs(60);

/// What is worth a word before it does harm.
const NOTICEABLE: Duration = Duration::from_secs(10);

/// What of the metadata other checks need.
#[derive(Default)]
pub(super) struct Published {
    /// `token_endpoint_auth_methods_supported`.
    pub(super) methods: Option<Vec<String>>,
}

pub(super) fn read(
    client: &Client,
    profile: Profile<'_>,
    answer: &Document,
    findings: &mut Vec<Finding>,
) -> Result<Published, Failure> {
    let document = document(answer, &answer.text(), profile, findings)?;
    findings.push(clock(profile, answer));
    let Some(document) = document else { return Ok(Published::default()) };
    findings.push(keys(client, profile, &document));
    let names = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    Ok(Published { methods: methods.map(names) })
}

/// The metadata as the library judges them.
fn document(
    answer: &Document,
    text: &str,
    profile: Profile<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Value>, Failure> {
    let issuer = profile.provider()?.issuer().to_owned();
    if answer.response.status != 200 {
        findings.push(no_document(answer));
        return Ok(None);
    }
    let readable = Finding::ok("metadata", format!("{} can be read", answer.url));
    match Provider::from_metadata(&issuer, text) {
        Ok(_) => findings.extend([readable, Finding::ok("issuer", issuer)]),
        Err(Error::Violation(Violation::MetadataIssuerMismatch { expected, got })) => {
            findings.extend([readable, another_issuer(&expected, &got)]);
        }
        Err(error) => {
            let advice = "report it to the provider, or check that the URL is an issuer's";
            findings.push(Finding::error("metadata", format!("{}: {error}", answer.url), advice));
            return Ok(None);
        }
    }
    Ok(serde_json::from_str(text).ok())
}

fn no_document(answer: &Document) -> Finding {
    let words = format!("{} answered with status {}", answer.url, answer.response.status);
    let advice = "check that the profile's provider is the issuer's URL, whole and without what follows it";
    Finding::error("metadata", words, advice)
}

fn another_issuer(expected: &str, got: &str) -> Finding {
    let words = format!("the server calls itself {got:?}, and the profile calls it {expected:?}");
    let advice = "write the server's own name as provider, to the letter, if that is the right server";
    Finding::error("issuer", words, advice)
}

fn keys(client: &Client, profile: Profile<'_>, document: &Value) -> Finding {
    let Some(url) = document.get("jwks_uri").and_then(Value::as_str) else {
        return match profile.entry.kind {
            Kind::Service => Finding::not_checked("keys", "the metadata name none, and a service needs none"),
            Kind::Web | Kind::Native => {
                let advice =
                    "ask the provider: without its keys no ID token can be verified, and no login ends well";
                Finding::error("keys", "the metadata name no jwks_uri", advice)
            }
        };
    };
    let refused = |words: String| {
        Finding::error("keys", words, "ask the provider, or let this machine reach that address")
    };
    match wait(client.fetch_document(url), "fetching the provider's keys") {
        Err(error) => refused(error.to_string()),
        Ok(response) if response.status != 200 => {
            refused(format!("{url} answered with status {}", response.status))
        }
        Ok(response) => {
            let text = String::from_utf8_lossy(response.body.expose_secret()).into_owned();
            match (KeySet::from_json(&text), count(&text)) {
                (Err(error), _) => refused(error.to_string()),
                (Ok(_), 0) => refused(format!("{url} holds no key")),
                (Ok(_), 1) => Finding::ok("keys", format!("1 key at {url}")),
                (Ok(_), count) => Finding::ok("keys", format!("{count} keys at {url}")),
            }
        }
    }
}

fn count(text: &str) -> usize {
    let document: Option<Value> = serde_json::from_str(text).ok();
    document.as_ref().and_then(|set| set.get("keys")?.as_array().map(Vec::len)).unwrap_or(0)
}

/// By the Date header (RFC 9110 section 6.6.1), which has whole seconds, and was written at some time between question and
/// answer.
fn clock(profile: Profile<'_>, answer: &Document) -> Finding {
    let Some(theirs) = answer.response.header("date").and_then(moment) else {
        return Finding::not_checked("clock", "the provider's answer does not say its time");
    };
    let (earliest, latest) = (theirs.0, theirs.0 + 999);
    let (distance, direction) = match (answer.asked.0, answer.answered.0) {
        (_, answered) if earliest > answered => (earliest - answered, "behind"),
        (asked, _) if latest < asked => (asked - latest, "ahead of"),
        _ => return Finding::ok("clock", "this machine's is the provider's, to the second"),
    };
    let distance = Duration::from_millis(distance);
    // The fraction of a second is not known.
    let words = format!("this machine's is {} s {direction} the provider's", distance.as_secs() + 1);
    let advice = "set this machine's clock by NTP (timedatectl set-ntp true)";
    match profile.entry.kind {
        _ if distance <= NOTICEABLE => Finding::ok("clock", words),
        Kind::Web | Kind::Native if distance > TOLERANCE => {
            let words =
                format!("{words}: ID tokens are refused beyond {} s, and so are logins", TOLERANCE.as_secs());
            Finding::error("clock", words, advice)
        }
        _ => Finding::warning("clock", words, advice),
    }
}

fn moment(date: &str) -> Option<UnixMillis> {
    let since_1970 = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(UnixMillis(u64::try_from(since_1970.as_millis()).ok()?))
}
