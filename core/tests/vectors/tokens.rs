//! `service_token_requests.json` and `token_responses.json`: one service token each.

use std::collections::{BTreeMap, BTreeSet};

use grantline_core::{
    AccessToken, Effect, Error, HttpRequest, HttpResponse, Method, Reply, SecretBytes, Seed,
    ServiceTokenRequest, Step, TenantChoice,
};
use serde::Deserialize;

use crate::application::{Application, ScopesData};
use crate::expectation::ExpectedError;
use crate::{NOW, Padding, cases, run, same};

pub const REQUESTS: &str = include_str!("../../../tests/vectors/service_token_requests.json");
pub const RESPONSES: &str = include_str!("../../../tests/vectors/token_responses.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(rename = "source")]
    _source: Option<String>,
    application: Application,
    request: Request,
    reply: Option<ReplyData>,
    #[serde(default)]
    padding: Padding,
    pub expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    tenant: Tenant,
    scopes: ScopesData,
    resource: Option<String>,
}

#[derive(Deserialize)]
enum Tenant {
    #[serde(rename = "tenant")]
    Id(String),
    #[serde(rename = "default_tenant")]
    Default,
    #[serde(rename = "no_tenant")]
    Absent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyData {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    sent: Option<Sent>,
    token: Option<Granted>,
    pub error: Option<ExpectedError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    url: String,
    form: String,
    authorization: Option<String>,
    /// What the emulator's list of requests shows; here the form itself is compared.
    #[serde(rename = "journal")]
    _journal: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
    scopes: Vec<String>,
}

impl Request {
    fn make(&self) -> Result<ServiceTokenRequest, Error> {
        let tenant = match &self.tenant {
            Tenant::Id(id) => TenantChoice::tenant(id)?,
            Tenant::Default => TenantChoice::default_tenant(),
            Tenant::Absent => TenantChoice::no_tenant(),
        };
        let request = ServiceTokenRequest::new(tenant, self.scopes.make()?);
        match &self.resource {
            Some(resource) => request.resource(resource),
            None => Ok(request),
        }
    }
}

impl Sent {
    fn check(&self, request: &HttpRequest) -> Result<(), String> {
        let header = |name| {
            let found = request.headers.iter().find(|(header, _)| *header == name);
            found.map(|(_, value)| value.expose_secret())
        };
        let body = request.body.as_ref().map_or(&[][..], SecretBytes::expose_secret);
        same("method", &request.method, &Method::Post)?;
        same("url", &request.url, &self.url)?;
        same("content type", &header("content-type"), &Some("application/x-www-form-urlencoded"))?;
        same("authorization", &header("authorization"), &self.authorization.as_deref())?;
        same("form", &String::from_utf8_lossy(body).as_ref(), &self.form.as_str())
    }
}

impl Granted {
    fn check(&self, token: &AccessToken) -> Result<(), String> {
        same("access_token", &token.expose_secret(), &self.access_token.as_str())?;
        let lifetime = token.expires_at().map(|end| end.since(NOW.wall).as_secs());
        same("expires_in", &lifetime, &self.expires_in)?;
        let granted: BTreeSet<&str> = token.scopes().iter().collect();
        same("scopes", &granted, &self.scopes.iter().map(String::as_str).collect())
    }
}

impl Case {
    /// The token or the error, with the request if one was to be sent.
    fn ask(&self) -> (Result<AccessToken, Error>, Option<HttpRequest>) {
        let flow = self.application.service().and_then(|app| Ok((app, self.request.make()?)));
        let (app, request) = match flow {
            Ok(ready) => ready,
            Err(refused) => return (Err(refused), None),
        };
        let mut flow = app.request_token(request, Seed::new([7; 32]));
        match flow.step(Reply::Start, NOW) {
            Step::Done(outcome) => (outcome, None),
            Step::Do(Effect::Http(sent)) => match flow.step(Reply::Http(Ok(self.canned())), NOW) {
                Step::Done(outcome) => (outcome, Some(sent)),
                other => panic!("{}: one answer is enough, and it came to {other:?}", self.name),
            },
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn canned(&self) -> HttpResponse {
        let reply = self.reply.as_ref().expect("a case that sends something has a reply");
        HttpResponse {
            status: reply.status,
            headers: reply.headers.clone().into_iter().collect(),
            body: SecretBytes::new(self.padding.fill(&reply.body).into_bytes()),
        }
    }

    fn check(&self) -> Result<(), String> {
        let (outcome, request) = self.ask();
        same("whether something was sent", &request.is_some(), &self.reply.is_some())?;
        if let (Some(expected), Some(request)) = (&self.expect.sent, &request) {
            expected.check(request)?;
        }
        match (outcome, &self.expect) {
            (Ok(token), Expect { token: Some(expected), .. }) => expected.check(&token),
            (Err(error), Expect { error: Some(expected), .. }) => expected.check(&error),
            (outcome, _) => Err(format!("came to {outcome:?}")),
        }
    }
}

#[test]
fn every_service_token_request_is_sent_as_written() {
    run(&cases::<Case>(REQUESTS).cases, |case| &case.name, Case::check);
}

#[test]
fn every_token_response_is_read_as_written() {
    run(&cases::<Case>(RESPONSES).cases, |case| &case.name, Case::check);
}
