//! The cases as they stand in `tests/vectors/performer.json`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Outcome, Request};
use crate::FaultServer;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vectors {
    schema: u32,
    request: Posted,
    pub(super) cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    url: String,
    #[serde(default = "post")]
    method: String,
    timeout_ms: u64,
    #[serde(default = "once")]
    pub(super) performs: u32,
    #[serde(default)]
    trust_root: bool,
    pub(super) cancel: Option<Cancel>,
    #[serde(default)]
    pub(super) expect: Vec<Expected>,
    pub(super) arrivals: Option<Vec<u64>>,
    pub(super) written_at_most: Option<u64>,
    pub(super) untouched: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cancel {
    AfterArrival,
}

/// An outcome that is right: of what it names, all must be so.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expected {
    Failure(Failure),
    Response(Response),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    failure: String,
    sent: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Response {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_bytes: Option<usize>,
    body_bytes_at_most: Option<usize>,
    json: Option<Map<String, Value>>,
}

fn post() -> String {
    "POST".to_owned()
}

fn once() -> u32 {
    1
}

impl Vectors {
    pub(super) fn read() -> Result<Self, String> {
        let text = include_str!("../../../vectors/performer.json");
        let vectors: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match vectors.schema {
            1 => Ok(vectors),
            other => Err(format!("schema {other} is not known")),
        }
    }

    pub(super) fn request_of(&self, case: &Case, server: &FaultServer) -> Request {
        let posts = case.method == "POST";
        let headers = self.request.headers.iter().filter(|_| posts);
        Request {
            method: case.method.clone(),
            url: server.fill(&case.url),
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: posts.then(|| self.request.body.clone().into_bytes()),
            timeout: Duration::from_millis(case.timeout_ms),
            trusted_root: case.trust_root.then(|| server.root_certificate().to_owned()),
        }
    }
}

impl Case {
    /// The name under which the server counts it.
    pub(super) fn path_name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }
}

impl Expected {
    pub(super) fn fits(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Failure(expected), Outcome::Failure { kind, sent }) => {
                expected.failure == *kind && expected.sent == *sent
            }
            (Self::Response(expected), Outcome::Response { status, headers, body }) => {
                expected.status == *status && expected.fits_headers(headers) && expected.fits_body(body)
            }
            _ => false,
        }
    }
}

impl Response {
    fn fits_headers(&self, got: &[(String, String)]) -> bool {
        self.headers.iter().all(|(name, value)| {
            got.iter().any(|(got_name, got_value)| got_name.eq_ignore_ascii_case(name) && got_value == value)
        })
    }

    fn fits_body(&self, got: &[u8]) -> bool {
        self.body.as_ref().is_none_or(|body| body.as_bytes() == got)
            && self.body_bytes.is_none_or(|length| got.len() == length)
            && self.body_bytes_at_most.is_none_or(|most| got.len() <= most)
            && self.json.as_ref().is_none_or(|members| has_members(got, members))
    }
}

fn has_members(got: &[u8], members: &Map<String, Value>) -> bool {
    let Ok(Value::Object(got)) = serde_json::from_slice(got) else { return false };
    members.iter().all(|(name, value)| got.get(name) == Some(value))
}
