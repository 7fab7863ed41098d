//! Access tokens (RFC 9068).

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::config::Application;
use crate::faults::{AccessTokenFault, FaultKind};
use crate::keys::SigningAlgorithm;
use crate::random;
use crate::state::{Grant, IDP};
use crate::wrong::remove;

/// The JWT type of access tokens (RFC 9068, section 2.1).
pub(crate) const TYP: &str = "at+jwt";

/// The signed token, always with RS256.
pub(super) fn issue(app: &AppState, client_id: &str, mut claims: Value) -> Result<String, Unspecified> {
    let fault = app.faults.take(None, Some(client_id), |kind| match kind {
        FaultKind::AccessToken(fault) => Some(*fault),
        _ => None,
    });
    match fault {
        None => {}
        Some(AccessTokenFault::OtherTenant) => claims["tenant_id"] = other_tenant(app, &claims).into(),
        Some(AccessTokenFault::NoTenant) => remove(&mut claims, "tenant_id"),
        Some(AccessTokenFault::Opaque) => return Ok(random::identifier()),
    }
    app.keys.sign(SigningAlgorithm::Rs256, TYP, claims)
}

fn other_tenant(app: &AppState, claims: &Value) -> String {
    let other = app.config.tenants.iter().find(|tenant| claims["tenant_id"] != tenant.id.as_str());
    other.map_or_else(random::uuid, |tenant| tenant.id.clone())
}

pub(super) fn service_claims(
    app: &AppState,
    application: &Application,
    scopes: &[String],
    tenant_id: Option<&str>,
) -> Value {
    let now = app.clock.now_s();
    let mut claims = json!({
        "iss": app.issuer,
        "aud": audience(app, scopes),
        "nbf": now,
        "iat": now,
        "exp": now.saturating_add(app.lifetimes.access_token_s(application)),
        "jti": random::uuid(),
        "client_id": application.client_id,
        // RFC 9068 has one string (section 2.2.3); Visma Connect an array.
        "scope": if app.is_visma() { json!(scopes) } else { json!(scopes.join(" ")) },
    });
    if let Some(tenant_id) = tenant_id {
        claims["tenant_id"] = tenant_id.into();
    }
    claims
}

pub(super) fn user_claims(app: &AppState, application: &Application, grant: &Grant) -> Value {
    let mut claims = service_claims(app, application, &grant.scopes, grant.tenant_id.as_deref());
    claims["sub"] = grant.sub.as_str().into();
    claims["sid"] = grant.authentication.sid.as_str().into();
    claims["idp"] = IDP.into();
    claims["acr"] = grant.authentication.acr().into();
    claims["amr"] = grant.authentication.amr().into();
    claims["auth_time"] = grant.authentication.auth_time_s.into();
    claims
}

/// The APIs that own the scopes; a token for no API is for the server's own resources.
fn audience(app: &AppState, scopes: &[String]) -> Value {
    let mut audiences: Vec<&str> = Vec::new();
    for api in scopes.iter().filter_map(|scope| app.config.api_of_scope(scope)) {
        if !audiences.contains(&api.audience.as_str()) {
            audiences.push(&api.audience);
        }
    }
    match audiences.as_slice() {
        [] => format!("{}/resources", app.issuer).into(),
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
