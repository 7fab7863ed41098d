//! `logout_tokens.json` and `webhooks.json`: what comes from the provider by itself, taken or refused.

use grantline_core::{
    Error, KeySet, LogoutNotice, Registration, RustCryptoVerifier, SecretText, SigningAlgorithm, UnixMillis,
    WebhookEvent,
};
use serde::Deserialize;

use crate::expectation::ExpectedError;
use crate::provider::ProviderChoice;
use crate::table::{run, same};

const LOGOUT_TOKENS: &str = include_str!("../../../tests/vectors/logout_tokens.json");
const WEBHOOKS: &str = include_str!("../../../tests/vectors/webhooks.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logouts {
    schema: u32,
    #[serde(rename = "about")]
    _about: String,
    registration: RegistrationData,
    key_set: String,
    cases: Vec<Logout>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationData {
    provider: ProviderChoice,
    client_id: String,
    id_token_algorithm: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logout {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    token: String,
    now_ms: u64,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Notice(Notice),
    Event(Event),
    Error(ExpectedError),
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Notice {
    issued_at_ms: u64,
    subject: Option<String>,
    session_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhooks {
    schema: u32,
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Webhook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    name: String,
    #[serde(rename = "source")]
    _source: String,
    secret: String,
    body: String,
    signature: String,
    expect: Expect,
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Event {
    name: Option<String>,
    tenant_id: Option<String>,
}

impl From<LogoutNotice> for Notice {
    fn from(LogoutNotice { subject, session_id, issued_at, .. }: LogoutNotice) -> Self {
        Self { issued_at_ms: issued_at.0, subject, session_id }
    }
}

impl From<WebhookEvent> for Event {
    fn from(event: WebhookEvent) -> Self {
        match event {
            WebhookEvent::TenantApplicationAdded { tenant_id, .. } => {
                Self { name: Some("tenant_application_added".to_owned()), tenant_id: Some(tenant_id) }
            }
            WebhookEvent::Other { name, .. } => Self { name, tenant_id: None },
            other => panic!("an event that no case knows: {other:?}"),
        }
    }
}

fn registration(data: &RegistrationData) -> Result<Registration, Error> {
    let algorithm = SigningAlgorithm::ALL.into_iter().find(|known| known.name() == data.id_token_algorithm);
    let registration = Registration::new(data.provider.make()?, data.client_id.as_str());
    Ok(registration.id_token_algorithm(algorithm.unwrap()))
}

/// The codes of the refusals.
pub fn codes() -> Vec<String> {
    let code = |expect| match expect {
        Expect::Error(error) => Some(error.code),
        _ => None,
    };
    let logouts = serde_json::from_str::<Logouts>(LOGOUT_TOKENS).unwrap().cases.into_iter();
    let webhooks = serde_json::from_str::<Webhooks>(WEBHOOKS).unwrap().cases.into_iter();
    logouts.map(|case| case.expect).chain(webhooks.map(|case| case.expect)).filter_map(code).collect()
}

#[test]
fn every_logout_token_is_taken_or_refused_as_written() {
    let table: Logouts = serde_json::from_str(LOGOUT_TOKENS).unwrap();
    assert_eq!(table.schema, 1);
    let (registration, keys) =
        (registration(&table.registration).unwrap(), KeySet::from_json(&table.key_set).unwrap());
    let judge = |case: &Logout| {
        let (token, now) = (SecretText::new(case.token.as_str()), UnixMillis(case.now_ms));
        registration.check_logout_token(&token, &keys, &RustCryptoVerifier, now)
    };
    run(
        &table.cases,
        |case| &case.name,
        |case| match (judge(case), &case.expect) {
            (Ok(got), Expect::Notice(expected)) => same("notice", &Notice::from(got), expected),
            (Err(error), Expect::Error(expected)) => expected.check(&error),
            (Ok(_), _) => Err("it was taken".to_owned()),
            (Err(error), _) => Err(format!("refused: {error}")),
        },
    );
}

#[test]
fn every_webhook_is_read_or_refused_as_written() {
    let table: Webhooks = serde_json::from_str(WEBHOOKS).unwrap();
    assert_eq!(table.schema, 1);
    let judge = |case: &Webhook| {
        WebhookEvent::verify(&SecretText::new(case.secret.as_str()), case.body.as_bytes(), &case.signature)
    };
    run(
        &table.cases,
        |case| &case.name,
        |case| match (judge(case), &case.expect) {
            (Ok(got), Expect::Event(expected)) => same("event", &Event::from(got), expected),
            (Err(error), Expect::Error(expected)) => expected.check(&error),
            (Ok(_), _) => Err("it was taken".to_owned()),
            (Err(error), _) => Err(format!("refused: {error}")),
        },
    );
}
