//! What the provider says to a service: its secret, its scopes, its tenant. The tokens are kept nowhere.

use grantline::{
    AccessToken, Advice, Client, Error, Inspection, Scopes, ServiceApp, ServiceTokenRequest, TenantChoice,
    inspect,
};
use serde_json::Value;

use super::finding::Finding;
use crate::failure::Failure;
use crate::profile::{Authentication, Profile};
use crate::progress::wait;

const DOING: &str = "asking for a service token";

/// The check of a tenant that nobody named.
const DEFAULT: &str = "default_tenant";

const NO_DEFAULT: &str = "remove the default tenant in the Developer Portal, or name the tenant: tenant_id = \"default\" says that it is meant";

pub(super) fn ask(
    client: &Client,
    profile: Profile<'_>,
    service: &ServiceApp,
    findings: &mut Vec<Finding>,
) -> Result<(), Failure> {
    let request = match profile.service_request(None, &[]) {
        Ok(request) => request,
        Err(failure) => {
            findings.push(Finding::failed("tenant", &failure));
            return Ok(());
        }
    };
    match wait(service.token(request), DOING) {
        Ok(token) => {
            findings.push(Finding::ok("token", format!("the provider gives one for {}", token.scopes())));
            findings.push(tenant(profile, &token));
            findings.extend(unasked(profile, service));
        }
        Err(error) if error.code() == "invalid_client" => {
            findings.push(refused_client(client, profile, &error)?);
        }
        Err(error) => findings.push(refused(profile, error)),
    }
    Ok(())
}

/// Whose data the token is for, by its own word.
fn tenant(profile: Profile<'_>, token: &AccessToken) -> Finding {
    let asked = profile.entry.tenant_id.as_deref().unwrap_or_default();
    match (asked, claimed(token)) {
        ("none", Some(tenant)) => unwanted(&tenant),
        ("none", None) => Finding::ok("tenant", "none was asked for, and the token names none"),
        ("default", Some(tenant)) => Finding::ok("tenant", format!("the default one is {tenant}")),
        (asked, Some(tenant)) if tenant.eq_ignore_ascii_case(asked) => {
            Finding::ok("tenant", format!("{tenant} has approved the application"))
        }
        (asked, Some(tenant)) => {
            let advice = "add tenant_parameter, if this provider has one that names the tenant";
            Finding::error("tenant", format!("{asked} was asked for, and the token is for {tenant}"), advice)
        }
        (asked, None) => {
            Finding::not_checked("tenant", format!("{asked} was asked for, and the token names none"))
        }
    }
}

fn claimed(token: &AccessToken) -> Option<String> {
    match inspect(token.expose_secret()) {
        Inspection::Jwt { claims, .. } => claims.get("tenant_id").and_then(Value::as_str).map(str::to_owned),
        Inspection::Opaque => None,
    }
}

fn unwanted(tenant: &str) -> Finding {
    let words =
        format!("none was asked for, and the default tenant {tenant} answers: its data would be read");
    Finding::error(DEFAULT, words, NO_DEFAULT)
}

/// What a program gets that forgets to name the tenant.
fn unasked(profile: Profile<'_>, service: &ServiceApp) -> Option<Finding> {
    let named = profile.entry.tenant_id.as_deref().filter(|id| !matches!(*id, "default" | "none"))?;
    let scopes = profile.scopes(&[]).unwrap_or_else(|_| Scopes::all_allowed());
    let request = ServiceTokenRequest::new(TenantChoice::default_tenant(), scopes);
    let token = match wait(service.token(request), DOING) {
        Ok(token) => token,
        Err(Error::Server(_)) => {
            return Some(Finding::ok(DEFAULT, "a request that names no tenant is refused"));
        }
        Err(error) => return Some(Finding::not_checked(DEFAULT, error.to_string())),
    };
    Some(match claimed(&token) {
        None => Finding::ok(DEFAULT, "a request that names no tenant gets a token that names none"),
        Some(tenant) => answers_unasked(&tenant, tenant.eq_ignore_ascii_case(named)),
    })
}

fn answers_unasked(tenant: &str, is_this: bool) -> Finding {
    let whose = if is_this { "the profile's own" } else { "another one than the profile's" };
    let words = format!(
        "a request that names no tenant is answered for {tenant}, {whose}: a program that forgets to name one reads that customer's data"
    );
    let advice = "remove the default tenant in the Developer Portal, unless something depends on it";
    Finding::warning(DEFAULT, words, advice)
}

/// The id, the secret, or the way in which it is shown: the other way is tried once.
fn refused_client(client: &Client, profile: Profile<'_>, error: &Error) -> Result<Finding, Failure> {
    let tried = profile.entry.client_authentication;
    for other in
        [Authentication::Post, Authentication::Basic].into_iter().filter(|other| Some(*other) != tried)
    {
        let registration = profile.registration()?.client_authentication(other.of_library());
        let Ok(service) = client.service_app(registration) else { continue };
        if wait(service.token(profile.service_request(None, &[])?), DOING).is_ok() {
            let words = format!("the provider takes this client's secret by {} alone", other.method());
            let advice = format!("write client_authentication = {:?} in the profile", other.name());
            return Ok(Finding::error("authentication", words, advice));
        }
    }
    let advice = "compare client_id and secret with the registration at this provider; sandbox and production have each their own";
    Ok(Finding::error("secret", error.to_string(), advice))
}

fn refused(profile: Profile<'_>, error: Error) -> Finding {
    let asked = profile.entry.tenant_id.as_deref().unwrap_or_default();
    match (&error, error.code().as_ref()) {
        (_, "tenant_mismatch") if asked == "none" => Finding::error(DEFAULT, error.to_string(), NO_DEFAULT),
        (_, "tenant_mismatch") => Finding::error("tenant", error.to_string(), "report it to the provider"),
        (_, "invalid_scope" | "scope_forbidden") => Finding::error(
            "scopes",
            error.to_string(),
            "compare scopes with those of the registration; in the Developer Portal, My Applications > Access to APIs",
        ),
        (Error::Server(refusal), _) if refusal.advice == Advice::AskAdministrator => {
            let words = format!("{asked}: {error}");
            let advice = "let the customer's administrator approve the application, then wait 1-2 minutes; check that the UUID is the customer's, of this environment";
            Finding::error("tenant", words, advice)
        }
        _ => Finding::failed("token", &Failure::from(error)),
    }
}
