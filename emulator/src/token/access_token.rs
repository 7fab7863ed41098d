//! Access tokens (RFC 9068).

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use crate::config::Application;
use crate::faults::{AccessTokenFault, FaultKind};
use crate::keys::SigningAlgorithm;
use crate::random;
use crate::state::{Grant, IDP};
use crate::visit::Visit;
use crate::wrong::remove;

/// The JWT type of access tokens (RFC 9068, section 2.1).
pub(crate) const TYP: &str = "at+jwt";

/// The signed token, always with RS256.
pub(super) fn issue(visit: &Visit, client_id: &str, mut claims: Value) -> Result<String, Unspecified> {
    let fault = visit.take_fault("access-token", None, Some(client_id), |kind| match kind {
        FaultKind::AccessToken(fault) => Some(*fault),
        _ => None,
    });
    match fault {
        None => {}
        Some(AccessTokenFault::OtherTenant) => claims["tenant_id"] = other_tenant(visit, &claims).into(),
        Some(AccessTokenFault::NoTenant) => remove(&mut claims, "tenant_id"),
        Some(AccessTokenFault::Opaque) => return Ok(random::identifier()),
    }
    visit.keys.sign(SigningAlgorithm::Rs256, TYP, claims)
}

fn other_tenant(visit: &Visit, claims: &Value) -> String {
    let other = visit.config.tenants.iter().find(|tenant| claims["tenant_id"] != tenant.id.as_str());
    other.map_or_else(random::uuid, |tenant| tenant.id.clone())
}

pub(super) fn service_claims(
    visit: &Visit,
    application: &Application,
    scopes: &[String],
    tenant_id: Option<&str>,
) -> Value {
    let now = visit.clock.now_s();
    let mut claims = json!({
        "iss": visit.issuer,
        "aud": audience(visit, scopes),
        "nbf": now,
        "iat": now,
        "exp": now.saturating_add(application.access_token_s),
        "jti": random::uuid(),
        "client_id": application.client_id,
        // RFC 9068 has one string (section 2.2.3); Visma Connect an array.
        "scope": if visit.is_visma() { json!(scopes) } else { json!(scopes.join(" ")) },
    });
    if let Some(tenant_id) = tenant_id {
        claims["tenant_id"] = tenant_id.into();
    }
    claims
}

pub(super) fn user_claims(visit: &Visit, application: &Application, grant: &Grant) -> Value {
    let mut claims = service_claims(visit, application, &grant.scopes, grant.tenant_id.as_deref());
    claims["sub"] = grant.sub.as_str().into();
    claims["sid"] = grant.authentication.sid.as_str().into();
    claims["idp"] = IDP.into();
    claims["acr"] = grant.authentication.acr().into();
    claims["amr"] = grant.authentication.amr().into();
    claims["auth_time"] = grant.authentication.auth_time_s.into();
    claims
}

/// The APIs that own the scopes; a token for no API is for the server's own resources.
fn audience(visit: &Visit, scopes: &[String]) -> Value {
    let mut audiences: Vec<&str> = Vec::new();
    for api in scopes.iter().filter_map(|scope| visit.config.api_of_scope(scope)) {
        if !audiences.contains(&api.audience.as_str()) {
            audiences.push(&api.audience);
        }
    }
    match audiences.as_slice() {
        [] => format!("{}/resources", visit.issuer).into(),
        [one] => (*one).into(),
        several => json!(several),
    }
}

/// The scopes in the claims of an access token, in either mode's form.
pub(crate) fn scopes(claims: &Value) -> Vec<&str> {
    match &claims["scope"] {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(list) => list.split(' ').collect(),
        _ => Vec::new(),
    }
}
