//! Faults on demand: the form for a new one, and those that wait.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::controls::{PATH, SECTION};
use super::form::{Form, Wrong};
use super::form_page::{Field, FormPage};
use super::page;
use crate::app_state::{AppState, Shared};
use crate::faults::{Fault, FaultError, FaultKind, WaitingFault};

/// Those on the wire, and what they are called.
const ON_THE_WIRE: [(&str, &str); 8] = [
    ("latency", "latency: the answer is held back"),
    ("status", "status: refused with this status"),
    ("html", "html: a page in the place of JSON"),
    ("oversized-body", "oversized-body: JSON that goes on"),
    ("truncated-body", "truncated-body: half of the answer"),
    ("slow-body", "slow-body: byte by byte"),
    ("lost-request", "lost-request: the connection closes"),
    ("lost-reply", "lost-reply: tokens rotate, the connection closes"),
];

/// Those in what is issued.
const ISSUED: [(&str, &[&str]); 7] = [
    (
        "id-token",
        &[
            "missing",
            "wrong-issuer",
            "issuer-with-slash",
            "wrong-audience",
            "two-audiences",
            "wrong-authorized-party",
            "wrong-nonce",
            "no-nonce",
            "unknown-kid",
            "no-kid",
            "wrong-alg",
            "alg-none",
            "hs256-with-public-key",
            "hs256-with-client-secret",
            "broken-signature",
            "no-signature",
            "unknown-crit",
            "access-token-type",
            "expired",
            "no-expiry",
            "issued-in-future",
            "not-yet-valid",
            "other-subject",
            "no-subject",
            "wrong-at-hash",
            "no-at-hash",
            "old-auth-time",
            "no-auth-time",
            "wrong-acr",
            "no-acr",
        ],
    ),
    ("access-token", &["other-tenant", "no-tenant", "opaque"]),
    ("discovery", &["wrong-issuer", "issuer-with-slash", "insecure-token-endpoint", "no-jwks-uri"]),
    ("jwks", &["empty", "no-kids", "odd-keys"]),
    ("userinfo", &["other-subject", "no-subject"]),
    (
        "logout-token",
        &[
            "alg-none",
            "broken-signature",
            "wrong-issuer",
            "wrong-audience",
            "with-nonce",
            "no-events",
            "other-event",
            "no-subject-and-session",
            "expired",
            "no-jti",
            "id-token-type",
        ],
    ),
    ("webhook", &["wrong-signature", "no-signature", "altered-body"]),
];

/// The values of the choice, and what they are called.
fn kinds() -> impl Iterator<Item = (String, String)> {
    let on_the_wire = ON_THE_WIRE.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
    let issued = ISSUED.iter().flat_map(|(of, names)| {
        names.iter().map(move |name| (format!("{of}/{name}"), format!("{of}: {name}")))
    });
    on_the_wire.chain(issued)
}

pub(super) async fn begin() -> Response {
    let mut form = Form::default();
    form.set("times", "1");
    add_page(&form).show()
}

fn add_page(form: &Form) -> FormPage {
    let fields = vec![
        Field::choice(form, "fault", "What goes wrong", kinds()),
        Field::line(form, "client_id", "Only for this client ID").hint("For every client unless given."),
        Field::line(form, "path", "Only at this path")
            .hint("Such as /connect/token; for faults on the wire and of discovery."),
        Field::number(form, "times", "How often").hint("Until it is cleared unless given."),
        Field::heading("What some faults need"),
        Field::number(form, "ms", "latency: milliseconds"),
        Field::number(form, "code", "status: HTTP status").hint("400 to 599."),
        Field::line(form, "retry_after", "status: Retry-After").hint("Word for word; left out unless given."),
        Field::number(form, "bytes", "oversized-body: bytes"),
        Field::number(form, "byte_every_ms", "slow-body: milliseconds for each byte"),
    ];
    FormPage {
        intro: "It waits for the requests that it is for. A reply word for word is prepared by POST /admin/replies.",
        action: "/portal/controls/faults/new".to_owned(),
        verb: "Add the fault",
        back: PATH.to_owned(),
        ..FormPage::new(SECTION, "Add a fault", fields)
    }
}

pub(super) async fn add(State(app): State<Shared>, form: Form) -> Response {
    match read(&form).and_then(|fault| try_add(&app, fault)) {
        Ok(()) => page::done(PATH, "armed"),
        Err(wrong) => add_page(&form).refuse(&wrong),
    }
}

fn try_add(app: &AppState, fault: Fault) -> Result<(), Wrong> {
    app.faults.add(fault).map(drop).map_err(|error| {
        let key = match error {
            FaultError::Code(_) | FaultError::Status => "code",
            FaultError::Header(_) => "retry_after",
            FaultError::Times => "times",
            FaultError::Path | FaultError::NoPath => "path",
            FaultError::NoClient => "client_id",
            FaultError::TooMany => "fault",
        };
        Wrong::at(key, error.to_string())
    })
}

fn read(form: &Form) -> Result<Fault, Wrong> {
    Ok(Fault {
        fault: kind(form)?,
        client_id: form.optional("client_id"),
        path: form.optional("path"),
        times: form.number_if_any("times")?,
    })
}

fn kind(form: &Form) -> Result<FaultKind, Wrong> {
    match form.text("fault") {
        "latency" => Ok(FaultKind::Latency { ms: form.number("ms")? }),
        "status" => {
            Ok(FaultKind::Status { code: form.number("code")?, retry_after: form.optional("retry_after") })
        }
        "oversized-body" => Ok(FaultKind::OversizedBody { bytes: form.number("bytes")? }),
        "slow-body" => Ok(FaultKind::SlowBody { byte_every_ms: form.number("byte_every_ms")? }),
        named => by_name(named),
    }
}

fn by_name(named: &str) -> Result<FaultKind, Wrong> {
    let value = match named.split_once('/') {
        Some((of, name)) => json!({of: name}),
        None => Value::from(named),
    };
    serde_json::from_value(value).map_err(|error| Wrong::at("fault", error.to_string()))
}

/// One that waits.
pub(super) struct Line {
    pub(super) what: String,
    pub(super) whom: String,
    pub(super) times: String,
    /// By which it is cleared.
    pub(super) number: u64,
}

impl Line {
    pub(super) fn of(WaitingFault { number, fault }: &WaitingFault) -> Self {
        let client = fault.client_id.as_deref().unwrap_or("every client");
        let path = fault.path.as_deref().map(|path| format!(" at {path}")).unwrap_or_default();
        Self {
            what: what(&fault.fault),
            whom: format!("{client}{path}"),
            times: fault.times.map_or("until cleared".to_owned(), |times| times.to_string()),
            number: *number,
        }
    }
}

/// `id-token: wrong-nonce`, `status: code 503, retry_after 7`.
fn what(kind: &FaultKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(members)) => {
            let parts = members.iter().map(|(name, value)| format!("{name}: {}", inner(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

fn inner(value: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name} {}", plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => plain(other),
    }
}

/// All, or the one that the form names. One that has happened meanwhile is gone as well.
pub(super) async fn clear(State(app): State<Shared>, form: Form) -> Response {
    match form.number_if_any::<u64>("fault") {
        Ok(None) => app.faults.clear(|_| true),
        Ok(Some(number)) => app.faults.clear(|waiting| waiting.number == number),
        Err(wrong) => {
            let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            return page::problem(status, "Nothing was cleared", wrong.words());
        }
    }
    page::done(PATH, "cleared")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that serde knows: it lists them when it refuses another.
    fn names_there_are(of: Option<&str>) -> Vec<String> {
        let value = match of {
            Some(of) => json!({of: "?"}),
            None => json!("?"),
        };
        let refusal = serde_json::from_value::<FaultKind>(value).unwrap_err().to_string();
        refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_fault_but_a_reply_word_for_word_can_be_chosen() {
        let mut offered: Vec<&str> = ON_THE_WIRE.iter().map(|(name, _)| *name).collect();
        offered.push("reply");
        offered.extend(ISSUED.iter().map(|(of, _)| *of));
        assert_eq!(names_there_are(None), offered);
        for (of, names) in ISSUED {
            assert_eq!(names_there_are(Some(of)), names, "{of}");
        }
    }

    #[test]
    fn a_fault_that_waits_is_told_in_words() {
        let status = FaultKind::Status { code: 503, retry_after: Some("7".into()) };
        assert_eq!(what(&status), "status: code 503, retry_after 7");
        assert_eq!(what(&by_name("id-token/wrong-nonce").unwrap()), "id-token: wrong-nonce");
        assert_eq!(what(&FaultKind::Html), "html");
    }
}
