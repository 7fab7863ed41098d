//! An answer, as the journal shows it.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::journal::{Parameter, RecordedAnswer, Shortener};
use crate::limits;
use crate::visit::Visit;

/// The same response, and what is told of it.
pub(super) async fn describe(visit: &Visit, response: Response) -> (Response, RecordedAnswer) {
    let (response, json) = json_of(response).await;
    let shortener = Shortener::new(&visit.config);
    let headers = response.headers();
    let noted = visit.take_answered();
    let redirected = params_of(header(headers, LOCATION).unwrap_or(""));
    let pairs = if noted.is_empty() { redirected } else { noted };
    let of_pair = |(name, value): &(String, String)| shortener.parameter(name, value);
    let of_json = json.iter().map(|(name, value)| shortener.member(name, value));
    let members: Vec<Parameter> = pairs.iter().map(of_pair).chain(of_json).collect();
    let named = members.iter().find(|member| member.name == "error").map(|member| member.value.clone());
    let error = named.or_else(|| challenged(header(headers, WWW_AUTHENTICATE)?));
    let status = response.status().as_u16();
    (response, RecordedAnswer { status, error, members })
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The members of a JSON object of our own, which is whole in memory; what a fault streams is left alone.
async fn json_of(response: Response) -> (Response, Map<String, Value>) {
    let length = response.body().size_hint().exact();
    let is_json = header(response.headers(), CONTENT_TYPE) == Some("application/json");
    if !is_json || length.is_none_or(|length| length > limits::BODY as u64) {
        return (response, Map::new());
    }
    let (parts, body) = response.into_parts();
    let bytes: Bytes = axum::body::to_bytes(body, limits::BODY).await.unwrap_or_default();
    let members = serde_json::from_slice(&bytes).unwrap_or_default();
    (Response::from_parts(parts, Body::from(bytes)), members)
}

/// The parameters in the query or the fragment of a redirect.
fn params_of(location: &str) -> Vec<(String, String)> {
    let encoded = location.split_once(['?', '#']).map_or("", |(_, rest)| rest);
    let encoded = encoded.strip_suffix("#_").unwrap_or(encoded);
    form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

/// The error code of a challenge (RFC 6750, section 3).
fn challenged(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("error=\"")?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_its_error() {
        assert_eq!(challenged(r#"Bearer realm="x", error="invalid_token""#), Some("invalid_token".into()));
        assert_eq!(challenged(r#"Bearer realm="x""#), None);
    }
}
