//! A request on its arrival, as the journal shows it.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::basic;
use crate::bearer;
use crate::journal::{AuthMethod, Parameter, RecordedRequest, Shortener};
use crate::params::{Params, is_form, values};
use crate::visit::Visit;

/// The most parameters that are shown.
const PARAMETERS: usize = 50;

pub(super) fn describe(visit: &Visit, parts: &Parts, body: &[u8]) -> RecordedRequest {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let encoded =
        if is_form(header(CONTENT_TYPE)) { body } else { parts.uri.query().unwrap_or("").as_bytes() };
    let params = Params::parse(encoded).unwrap_or_default();
    let authorization = header(AUTHORIZATION);
    let client_id = authorization
        .and_then(|value| basic::credentials(value).map(|credentials| credentials.client_id))
        .or_else(|| params.get("client_id").map(str::to_owned))
        .or_else(|| bearer::client_of(&visit.keys, authorization));
    let shortener = Shortener::new(&visit.config);
    let shown = |value: &str| shortener.text(value);
    RecordedRequest {
        number: 0,
        time_ms: visit.clock.now(),
        method: parts.method.to_string(),
        path: shortener.path(parts.uri.path()),
        grant_type: params.get("grant_type").map(shown),
        client_id: client_id.as_deref().map(|id| shortener.client_id(id)),
        auth_method: auth_method(parts.uri.path(), authorization, &params),
        tenant_id: params.get("tenant_id").map(shown),
        scope: params.get("scope").map(shown),
        resource: values(encoded, "resource").take(10).map(|resource| shown(&resource)).collect(),
        parameters: parameters(&shortener, encoded, authorization),
        checks: Vec::new(),
        status: None,
        answer: None,
        took_us: None,
        error_id: None,
        reason: None,
    }
}

fn parameters(shortener: &Shortener<'_>, encoded: &[u8], authorization: Option<&str>) -> Vec<Parameter> {
    let sent = form_urlencoded::parse(encoded).map(|(name, value)| shortener.parameter(&name, &value));
    sent.take(PARAMETERS).chain(authorization.map(|value| shortener.authorization(value))).collect()
}

fn auth_method(path: &str, authorization: Option<&str>, params: &Params) -> Option<AuthMethod> {
    let scheme = authorization.and_then(|value| value.split(' ').next()).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(AuthMethod::ClientSecretBasic);
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(AuthMethod::Bearer);
    }
    if params.get("client_secret").is_some() {
        return Some(AuthMethod::ClientSecretPost);
    }
    let of_clients = matches!(path, "/connect/token" | "/connect/revocation" | "/connect/introspect");
    (of_clients && params.get("client_id").is_some()).then_some(AuthMethod::None)
}
