//! Reading the token endpoint's answer: strict where a wrong reading would be dangerous, lenient where servers
//! differ and nothing hangs on it.

mod text;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::TokenResponse;
use crate::error::{Advice, Endpoint, Error, ServerError, Violation};
use crate::http::HttpResponse;
use crate::scopes::Scopes;
use crate::secret::{BearerToken, RawIdToken, RefreshToken, SecretText};
use crate::time::Now;
use crate::token::LONGEST_LIFETIME;
use text::Text;

/// The longest token, of any kind, that is accepted.
const LONGEST_TOKEN: usize = 64 * 1024;
/// How much of a server's text is kept.
pub(crate) const LONGEST_TEXT: usize = 1000;
/// No waiting time that a server names counts for more than this.
const LONGEST_RETRY_AFTER: u64 = 300;

type Advise<'a> = &'a dyn Fn(&str) -> (Advice, Option<&'static str>);

/// Both forms of answer in one: a success and an error are told apart by their members, since some servers
/// send errors with status 200. serde refuses a member of these names that occurs twice.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    access_token: Option<Text<'a>>,
    #[serde(borrow)]
    token_type: Option<Text<'a>>,
    expires_in: Option<Value>,
    #[serde(borrow)]
    refresh_token: Option<Text<'a>>,
    scope: Option<Value>,
    #[serde(borrow)]
    id_token: Option<Text<'a>>,
    error: Option<Value>,
    error_description: Option<Value>,
    error_uri: Option<Value>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

pub(super) fn read(
    response: &HttpResponse,
    requested: Now,
    sent_secrets: &[SecretText],
    advise: impl Fn(&str) -> (Advice, Option<&'static str>),
) -> Result<TokenResponse, Error> {
    let status = response.status;
    if (300..400).contains(&status) && status != 304 {
        return Err(Violation::UnexpectedRedirect { status }.into());
    }
    let body = match json(response) {
        Ok(body) => body,
        Err(_) if status >= 500 || status == 429 => return Err(unavailable(response)),
        Err(violation) => return Err(violation),
    };
    if body.error.is_some() {
        return Err(refusal(body, response, sent_secrets, &advise));
    }
    match status {
        200 => success(&body, requested),
        429 | 500.. => Err(unavailable(response)),
        _ => Err(Violation::UnexpectedStatus { status }.into()),
    }
}

fn json(response: &HttpResponse) -> Result<Body<'_>, Error> {
    let status = response.status;
    let content_type = response.header("content-type").unwrap_or_default();
    if response.body.expose_secret().is_empty() && status != 200 {
        return Err(Violation::UnexpectedStatus { status }.into());
    }
    if !is_json(content_type) {
        let content_type = cut(content_type, 100);
        return Err(Violation::NotJson { status, content_type }.into());
    }
    serde_json::from_slice(response.body.expose_secret())
        .map_err(|_| Violation::MalformedJson { status }.into())
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn success(body: &Body<'_>, requested: Now) -> Result<TokenResponse, Error> {
    let access_token = required(body.access_token.as_ref(), "access_token")?;
    let token_type = required(body.token_type.as_ref(), "token_type")?;
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(Violation::TokenTypeUnknown.into());
    }
    Ok(TokenResponse {
        access_token: BearerToken::new(access_token),
        lifetime: body.expires_in.as_ref().and_then(lifetime),
        scopes: body.scope.as_ref().and_then(granted_scopes),
        refresh_token: optional(body.refresh_token.as_ref(), "refresh_token")?.map(RefreshToken::new),
        // One that cannot be an ID token counts as absent: refusing the answer would lose the tokens beside it.
        id_token: optional(body.id_token.as_ref(), "id_token").ok().flatten().map(RawIdToken::new),
        requested,
    })
}

fn required<'a>(member: Option<&'a Text<'_>>, name: &'static str) -> Result<&'a str, Error> {
    optional(member, name)?.ok_or(Violation::MemberMissing { name }.into())
}

/// A token of visible ASCII (RFC 6749 appendix A), so that it can never break out of a header. Null and the
/// empty string count as absent.
fn optional<'a>(member: Option<&'a Text<'_>>, name: &'static str) -> Result<Option<&'a str>, Error> {
    let Some(member) = member else { return Ok(None) };
    match member.as_str() {
        Some("") => Ok(None),
        Some(text) if text.len() <= LONGEST_TOKEN && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(Some(text))
        }
        _ => Err(Violation::MemberMalformed { name }.into()),
    }
}

/// Seconds, as a number or as digits in a string; a fraction is dropped, a negative number counts as zero, a
/// huge one as ten years. Anything else counts as absent: refusing the answer would lose the tokens in it.
fn lifetime(expires_in: &Value) -> Option<Duration> {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    let seconds = seconds.clamp(0.0, LONGEST_LIFETIME.as_secs_f64()).floor();
    Some(Duration::from_secs_f64(seconds))
}

/// A string with spaces, or an array of strings as some servers have it; absent where nothing usable is in it.
fn granted_scopes(scope: &Value) -> Option<Scopes> {
    match scope {
        Value::String(text) => Scopes::granted(text),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Scopes::granted(&words?.join(" "))
        }
        _ => None,
    }
}

fn refusal(body: Body<'_>, response: &HttpResponse, sent_secrets: &[SecretText], advise: Advise) -> Error {
    let text = |value: Option<Value>| {
        value.as_ref().and_then(Value::as_str).map(|text| cut(&redact(text, sent_secrets), LONGEST_TEXT))
    };
    let error = text(body.error).filter(|code| is_error_code(code)).unwrap_or_else(|| "unknown".to_owned());
    let (advice, hint) = advise(&error);
    let advice = match retry_after(response) {
        Some(after) if response.status == 429 || response.status >= 500 => {
            Advice::Retry { after: Some(after) }
        }
        _ => advice,
    };
    let others = body.others.into_iter().map(|(name, value)| (name, redact_value(value, sent_secrets)));
    Error::Server(Box::new(ServerError {
        endpoint: Endpoint::Token,
        status: Some(response.status),
        error,
        description: text(body.error_description),
        uri: text(body.error_uri),
        members: others.collect(),
        advice,
        hint,
    }))
}

/// `%x20-21 / %x23-5B / %x5D-7E` (RFC 6749 section 5.2).
pub(crate) fn is_error_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn unavailable(response: &HttpResponse) -> Error {
    Violation::ServerUnavailable { status: response.status, after: retry_after(response) }.into()
}

/// Retry-After in seconds (RFC 9110 section 10.2.3), five minutes at most. The form with a date is rare and
/// needs the server's clock: it counts as absent.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
}

/// A server may repeat what it was sent; none of our secrets comes back through an error.
fn redact(text: &str, secrets: &[SecretText]) -> String {
    secrets
        .iter()
        .map(SecretText::expose_secret)
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
}

fn redact_value(value: Value, secrets: &[SecretText]) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text, secrets)),
        Value::Array(list) => list.into_iter().map(|item| redact_value(item, secrets)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(name, item)| (redact(&name, secrets), redact_value(item, secrets)))
            .collect(),
        other => other,
    }
}

/// The first `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}
