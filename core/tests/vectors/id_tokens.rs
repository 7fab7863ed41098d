//! `id_tokens.json`: ID tokens, believed or refused. Any verifier of signatures comes to the same.

use std::collections::BTreeMap;
use std::time::Duration;

use grantline_core::{
    BearerToken, Error, IdTokenClaims, IdTokenExpectations, KeySet, RawIdToken, Registration,
    SignatureVerifier, SigningAlgorithm, UnixMillis,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::expectation::ExpectedError;
use crate::provider::ProviderChoice;
use crate::table::{Padding, run, same};

const FILE: &str = include_str!("../../../tests/vectors/id_tokens.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    schema: u32,
    #[serde(rename = "about")]
    _about: String,
    registrations: BTreeMap<String, RegistrationData>,
    key_sets: BTreeMap<String, String>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationData {
    provider: ProviderChoice,
    client_id: String,
    id_token_algorithm: Option<String>,
    #[serde(default)]
    trusted_audiences: Vec<String>,
    clock_tolerance_s: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(rename = "source")]
    _source: String,
    registration: String,
    key_set: String,
    token: String,
    #[serde(default)]
    padding: Padding,
    expectations: Expectations,
    now_ms: u64,
    pub expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectations {
    nonce: Option<String>,
    max_age_s: Option<u64>,
    acr_values: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    Claims(Map<String, Value>),
    Error(ExpectedError),
}

pub fn table() -> Table {
    let table: Table = serde_json::from_str(FILE).expect("the file has the form of its README");
    assert_eq!(table.schema, 1, "this runner knows schema 1");
    table
}

impl RegistrationData {
    fn make(&self) -> Result<Registration, Error> {
        let mut registration = Registration::new(self.provider.make()?, &self.client_id);
        if let Some(name) = &self.id_token_algorithm {
            registration = registration.id_token_algorithm(algorithm(name));
        }
        if let Some(seconds) = self.clock_tolerance_s {
            registration = registration.clock_tolerance(Duration::from_secs(seconds));
        }
        Ok(self.trusted_audiences.iter().fold(registration, Registration::trust_audience))
    }
}

pub fn algorithm(name: &str) -> SigningAlgorithm {
    let found = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
    found.expect("an algorithm by its name in a header")
}

impl Expectations {
    fn make(&self) -> IdTokenExpectations {
        let mut expected = match &self.nonce {
            Some(nonce) => IdTokenExpectations::nonce(nonce),
            None => IdTokenExpectations::expect_no_nonce(),
        };
        if let Some(seconds) = self.max_age_s {
            expected = expected.max_age(Duration::from_secs(seconds));
        }
        if let Some(values) = &self.acr_values {
            expected = expected.acr_values(values);
        }
        if let Some(token) = &self.access_token {
            expected = expected.access_token(BearerToken::new(token));
        }
        expected
    }
}

impl Case {
    fn judge(&self, table: &Table, verifier: &dyn SignatureVerifier) -> Result<IdTokenClaims, Error> {
        let token = RawIdToken::new(self.padding.fill(&self.token));
        let keys = KeySet::from_json(&table.key_sets[&self.key_set])?;
        let registration = table.registrations[&self.registration].make()?;
        let now = UnixMillis(self.now_ms);
        registration.check_id_token(&token, &keys, &self.expectations.make(), verifier, now)
    }

    fn check(&self, table: &Table, verifier: &dyn SignatureVerifier) -> Result<(), String> {
        match (self.judge(table, verifier), &self.expect) {
            (Ok(claims), Expect::Claims(expected)) => {
                expected.iter().try_for_each(|(name, value)| compare(&claims, name, value))
            }
            (Err(error), Expect::Error(expected)) => expected.check(&error),
            (Ok(_), Expect::Error(error)) => Err(format!("expected {}, and it was believed", error.code)),
            (Err(error), Expect::Claims(_)) => Err(format!("refused: {error}")),
        }
    }
}

fn compare(claims: &IdTokenClaims, name: &str, expected: &Value) -> Result<(), String> {
    let got = match name {
        "issuer" => json!(claims.issuer()),
        "subject" => json!(claims.subject()),
        "audience" => json!(claims.audience()),
        "expires_at_ms" => json!(claims.expires_at().0),
        "issued_at_ms" => json!(claims.issued_at().0),
        "auth_time_ms" => json!(claims.auth_time().map(|moment| moment.0)),
        "acr" => json!(claims.acr()),
        "amr" => json!(claims.amr()),
        "session_id" => json!(claims.session_id()),
        "identity_provider" => json!(claims.identity_provider()),
        "last_login_time" => json!(claims.last_login_time()),
        "tenant_id" => json!(claims.tenant_id()),
        "further" => {
            let further = expected.as_object().expect("further claims are an object");
            return further
                .iter()
                .try_for_each(|(name, value)| same(name, &json!(claims.claim(name)), value));
        }
        other => panic!("no such claim: {other}"),
    };
    same(name, &got, expected)
}

/// Runs all cases with this verifier.
pub fn check_with(verifier: &dyn SignatureVerifier) {
    let table = table();
    run(&table.cases, |case| &case.name, |case| case.check(&table, verifier));
}
