//! Reading an answer: strict where a wrong reading would be dangerous, lenient where servers
//! differ and nothing hangs on it.

mod text;

use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{TokenRequest, TokenResponse};
use crate::error::{Advice, Error, ServerError, Violation};
use crate::http::HttpResponse;
use crate::introspection::Introspection;
use crate::jose::{is_object, object};
use crate::provider::{Asking, Profile};
use crate::scopes::Scopes;
use crate::secret::{BearerToken, RawIdToken, RefreshToken, SecretText};
use crate::time::{Now, UnixMillis};
use crate::token::LONGEST_LIFETIME;
use text::Text;

/// The longest token, of any kind, that is accepted.
const LONGEST_TOKEN: usize = 64 * 1024;
/// How much of a server's text is kept.
pub(crate) const LONGEST_TEXT: usize = 1000;
/// No waiting time that a server names counts for more than this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// Both forms of answer in one: a success and an error are told apart by their members, since some servers
/// send errors with status 200. serde refuses a member of these names that occurs twice; what else there is, is
/// skipped unread, however deep or large it is.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    access_token: Option<Text<'a>>,
    #[serde(borrow)]
    token_type: Option<Text<'a>>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    refresh_token: Option<Text<'a>>,
    scope: Option<Value>,
    #[serde(borrow)]
    id_token: Option<Text<'a>>,
    #[serde(borrow)]
    error: Option<Text<'a>>,
}

impl Body<'_> {
    /// Whether it is an error: some servers send an empty or false `error` beside their tokens.
    fn is_refusal(&self) -> bool {
        match &self.error {
            None => false,
            Some(error) => self.access_token.is_none() || error.as_str().is_some_and(|code| !code.is_empty()),
        }
    }
}

/// What has to be known of a request to understand its answer.
pub(super) struct Asked<'a> {
    pub(super) what: Asking,
    pub(super) profile: &'a Profile,
    /// What stood in the request and shall not come back in an error.
    pub(super) sent: &'a TokenRequest,
}

/// The answer to a token request.
pub(super) fn tokens(
    response: &HttpResponse,
    requested: Now,
    asked: &Asked<'_>,
) -> Result<TokenResponse, Error> {
    let body = body(response, asked)?;
    match response.status {
        200 => Ok(TokenResponse { date: date(response), ..success(&body, requested)? }),
        _ => Err(no_success(response)),
    }
}

/// The answer to a revocation request: nothing but the status matters of a good one (RFC 7009 section 2.2).
pub(super) fn revocation(response: &HttpResponse, asked: &Asked<'_>) -> Result<(), Error> {
    if (200..300).contains(&response.status) {
        return Ok(());
    }
    body(response, asked)?;
    Err(no_success(response))
}

/// The answer to an introspection request: `active` decides, and is no text (RFC 7662 section 2.2).
pub(super) fn introspection(response: &HttpResponse, asked: &Asked<'_>) -> Result<Introspection, Error> {
    body(response, asked)?;
    check_success(response)?;
    let status = response.status;
    let mut members = object(response.body.expose_secret()).ok_or(Violation::MalformedJson { status })?;
    match members.remove("active") {
        Some(Value::Bool(active)) => Ok(Introspection::new(active, members)),
        None => Err(Violation::MemberMissing { name: "active" }.into()),
        Some(_) => Err(Violation::MemberMalformed { name: "active" }.into()),
    }
}

/// What came, if it can be read and is no refusal.
fn body<'a>(response: &'a HttpResponse, asked: &Asked<'_>) -> Result<Body<'a>, Error> {
    let status = response.status;
    if (300..400).contains(&status) && status != 304 {
        return Err(Violation::UnexpectedRedirect { status }.into());
    }
    match json(response) {
        Ok(body) if body.is_refusal() => Err(refusal(response, asked)),
        Err(_) if is_unavailable(status) => Err(unavailable(response)),
        body => body,
    }
}

/// Whether a document came: status 200, and nothing else (RFC 8414 section 3.2).
pub(crate) fn check_success(response: &HttpResponse) -> Result<(), Error> {
    match response.status {
        200 => Ok(()),
        status @ 300..=399 => Err(Violation::UnexpectedRedirect { status }.into()),
        _ => Err(no_success(response)),
    }
}

fn no_success(response: &HttpResponse) -> Error {
    match response.status {
        status if is_unavailable(status) => unavailable(response),
        status => Violation::UnexpectedStatus { status }.into(),
    }
}

fn is_unavailable(status: u16) -> bool {
    status == 429 || status >= 500
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
    let malformed = || Violation::MalformedJson { status };
    // As text first: what serde skips it does not look at.
    let text = std::str::from_utf8(response.body.expose_secret()).map_err(|_| malformed())?;
    if !is_object(text.as_bytes()) {
        return Err(malformed().into());
    }
    serde_json::from_str(text).map_err(|_| malformed().into())
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
        date: None,
        access_token: BearerToken::new(access_token),
        lifetime: body.expires_in.and_then(|seconds| lifetime(seconds.get())),
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

/// A token, so that it can never break out of a header or a form: visible ASCII (RFC 6749 appendix A), and spaces
/// too where it is never put into a header. Null and the empty string count as absent.
fn optional<'a>(member: Option<&'a Text<'_>>, name: &'static str) -> Result<Option<&'a str>, Error> {
    let Some(member) = member else { return Ok(None) };
    let fits = |b: u8| b.is_ascii_graphic() || (b == b' ' && name == "refresh_token");
    match member.as_str() {
        Some("") => Ok(None),
        Some(text) if text.len() <= LONGEST_TOKEN && text.bytes().all(fits) => Ok(Some(text)),
        _ => Err(Violation::MemberMalformed { name }.into()),
    }
}

/// Seconds, as a number or as a whole number in a string; a fraction is dropped, a negative number counts as zero,
/// a huge one as ten years. Anything else counts as absent: refusing the answer would lose the tokens in it.
fn lifetime(expires_in: &str) -> Option<Duration> {
    let digits = match expires_in.strip_prefix('"') {
        Some(quoted) => {
            quoted.strip_suffix('"').filter(|text| text.bytes().all(|b| b.is_ascii_digit() || b == b'-'))?
        }
        None => expires_in,
    };
    let seconds: f64 = digits.parse().ok()?;
    let seconds = seconds.clamp(0.0, LONGEST_LIFETIME.as_secs_f64()).floor();
    Some(Duration::from_secs_f64(seconds))
}

/// A string with spaces, or an array of strings as some servers have it; absent where nothing usable is in it.
pub(crate) fn granted_scopes(scope: &Value) -> Option<Scopes> {
    match scope {
        Value::String(text) => Scopes::granted(text),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Scopes::granted(&words?.join(" "))
        }
        _ => None,
    }
}

fn refusal(response: &HttpResponse, asked: &Asked<'_>) -> Error {
    let mut members: Map<String, Value> =
        serde_json::from_slice(response.body.expose_secret()).unwrap_or_default();
    // Whatever tokens stand beside an error are not shown and not used.
    for token in ["access_token", "refresh_token", "id_token"] {
        members.remove(token);
    }
    let mut text = |name: &str| members.remove(name).as_ref().and_then(Value::as_str).map(str::to_owned);
    let error = text("error").filter(|code| is_error_code(code)).unwrap_or_else(|| "unknown".to_owned());
    let secrets = asked.sent.secrets();
    let shown = |text: String| cut(&redact(&text, &secrets), LONGEST_TEXT);
    let (description, uri) = (text("error_description").map(shown), text("error_uri").map(shown));
    // Judged by the true code: what is redacted in it is only what is shown of it.
    let (mut advice, hint) = asked.profile.advise(&error, asked.what);
    let after = retry_after(response);
    if is_unavailable(response.status) || matches!(advice, Advice::Retry { .. }) {
        advice = Advice::Retry { after };
    }
    Error::Server(Box::new(ServerError {
        endpoint: asked.what.endpoint(),
        status: Some(response.status),
        error: if is_plain_word(&error) { error } else { shown(error) },
        description,
        uri,
        members: redact_members(members, &secrets),
        advice,
        hint,
    }))
}

/// A word of the standards' own kind gives nothing away, although a short secret may be part of it.
fn is_plain_word(code: &str) -> bool {
    code.len() <= 64 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// `%x20-21 / %x23-5B / %x5D-7E` (RFC 6749 section 5.2).
pub(crate) fn is_error_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn unavailable(response: &HttpResponse) -> Error {
    Violation::ServerUnavailable { status: response.status, after: retry_after(response) }.into()
}

/// Retry-After (RFC 9110 section 10.2.3), five minutes at most. The form with a date is read by the server's clock, so
/// only where the response says what time it is.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    let after = match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => until(value, response.header("date")?),
    };
    after.map(|after| after.min(LONGEST_RETRY_AFTER))
}

fn date(response: &HttpResponse) -> Option<UnixMillis> {
    let date = httpdate::parse_http_date(response.header("date")?.trim()).ok()?;
    Some(UnixMillis(0).plus(date.duration_since(UNIX_EPOCH).ok()?))
}

fn until(date: &str, now: &str) -> Option<Duration> {
    let moment = |text: &str| httpdate::parse_http_date(text.trim()).ok();
    Some(moment(date)?.duration_since(moment(now)?).unwrap_or_default())
}

/// A server may repeat what it was sent, as it is or encoded; none of our secrets comes back through an error.
fn redact(text: &str, secrets: &[SecretText]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "[redacted]"))
}

fn redact_members(members: Map<String, Value>, secrets: &[SecretText]) -> Map<String, Value> {
    members.into_iter().map(|(name, item)| (redact(&name, secrets), redact_value(item, secrets))).collect()
}

fn redact_value(value: Value, secrets: &[SecretText]) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text, secrets)),
        Value::Array(list) => list.into_iter().map(|item| redact_value(item, secrets)).collect(),
        Value::Object(members) => Value::Object(redact_members(members, secrets)),
        other => other,
    }
}

/// The first `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}
