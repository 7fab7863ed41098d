//! Client authentication at the token endpoint (RFC 6749, section 2.3).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::secret_words;
use crate::basic::{self, BasicCredentials};
use crate::config::{Application, Secret};
use crate::limits;
use crate::params::Params;
use crate::refusal::Refusal;
use crate::suggestion;
use crate::visit::Visit;

const CLIENT: &str = "client";
const AUTHENTICATION: &str = "client_authentication";

/// What the client says of itself.
pub(super) struct Presented {
    client_id: String,
    /// Empty when there is none.
    pub(super) secret: String,
    /// In Basic authentication, the secret before it was form-decoded.
    pub(super) as_sent: Option<String>,
}

pub(super) fn authenticate<'a>(
    visit: &'a Visit,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a Application, Refusal> {
    let presented = Presented::of(headers, params)?;
    check_lengths(&presented)?;
    let application =
        visit.config.application(&presented.client_id).ok_or_else(|| unknown(visit, &presented.client_id))?;
    visit.passed(CLIENT, format!("{}, of type {}", application.client_id, application.kind));
    check_secret(visit, application, &presented)?;
    visit.passed(AUTHENTICATION, presented.method());
    Ok(application)
}

fn check_lengths(presented: &Presented) -> Result<(), Refusal> {
    let (id, secret) = (presented.client_id.len(), presented.secret.len());
    if id <= limits::CLIENT_ID && secret <= limits::CLIENT_SECRET {
        return Ok(());
    }
    let check = if id > limits::CLIENT_ID { CLIENT } else { AUTHENTICATION };
    Err(Refusal::invalid_client(check, "the client id or secret is longer than 100 characters")
        .because(format!("the client id has {id} characters, the secret {secret}: 100 are allowed for each")))
}

fn unknown(visit: &Visit, client_id: &str) -> Refusal {
    let known = visit.config.applications.iter().map(|application| application.client_id.as_str());
    let near = suggestion::in_words(known, client_id);
    Refusal::invalid_client(CLIENT, "no such client_id")
        .because(format!("no application has the client_id \"{client_id}\"{near}"))
}

fn check_secret(visit: &Visit, application: &Application, presented: &Presented) -> Result<(), Refusal> {
    let refused = |description| Refusal::invalid_client(AUTHENTICATION, description);
    match &application.secret {
        // A public client may send an empty secret, as in Basic authentication it must.
        None if presented.secret.is_empty() => Ok(()),
        None => Err(refused("a secret was sent for a public client, which has none")),
        Some(expected) if presented.secret.is_empty() => {
            Err(refused("the client secret is missing").because(secret_words::missing(application, expected)))
        }
        Some(expected) if same(expected, &presented.secret) => Ok(()),
        Some(expected) => {
            Err(refused("wrong client secret; in Basic authentication id and secret are form-encoded first")
                .because(secret_words::differs(&visit.config, application, expected, presented)))
        }
    }
}

impl Presented {
    /// Client id and secret from the header or the body.
    fn of(headers: &HeaderMap, params: &Params) -> Result<Self, Refusal> {
        let in_body = params.get("client_id");
        let body_secret = params.get("client_secret");
        let Some(header) = headers.get(AUTHORIZATION) else {
            let missing = "client_id is missing";
            let client_id = in_body.ok_or_else(|| {
                Refusal::invalid_client(CLIENT, missing)
                    .because("client_id is neither in the form nor in an Authorization header field")
            })?;
            let secret = body_secret.unwrap_or("").to_owned();
            return Ok(Self { client_id: client_id.to_owned(), secret, as_sent: None });
        };
        let malformed = "the Authorization header is not well-formed Basic authentication";
        let BasicCredentials { client_id, secret, as_sent } = header
            .to_str()
            .ok()
            .and_then(basic::credentials)
            .ok_or(Refusal::invalid_client(AUTHENTICATION, malformed))?;
        // RFC 6749, section 2.3: one method in each request.
        if body_secret.is_some() || in_body.is_some_and(|other| other != client_id) {
            return Err(both_ways(&client_id, in_body, body_secret.is_some()));
        }
        Ok(Self { client_id, secret, as_sent: Some(as_sent) })
    }

    fn method(&self) -> &'static str {
        match (&self.as_sent, self.secret.is_empty()) {
            (_, true) => "none, as a public client",
            (Some(_), false) => "the right secret, by Basic authentication",
            (None, false) => "the right secret, in the form",
        }
    }
}

fn both_ways(in_header: &str, in_body: Option<&str>, with_secret: bool) -> Refusal {
    let words = match in_body {
        Some(other) if other != in_header => {
            format!(
                "the Authorization header field is of \"{in_header}\", and client_id in the form is \"{other}\""
            )
        }
        _ if with_secret => {
            "the secret came twice: in the Authorization header field and in the form".to_owned()
        }
        _ => "client credentials both in the header and in the body".to_owned(),
    };
    Refusal::invalid_request(AUTHENTICATION, "client credentials both in the header and in the body")
        .because(words)
}

fn same(expected: &Secret, given: &str) -> bool {
    verify_slices_are_equal(expected.expose_secret().as_bytes(), given.as_bytes()).is_ok()
}
