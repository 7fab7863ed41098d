//! The client credentials grant (RFC 6749, section 4.4) with Visma Connect's `tenant_id`.

use super::response::TokenResponse;
use crate::config::{Application, ApplicationType, IDENTITY_SCOPES, normal_uuid};
use crate::limits;
use crate::params::{Params, scope_list};
use crate::refusal::Refusal;
use crate::suggestion;
use crate::visit::Visit;

const TENANT: &str = "tenant";

pub(super) fn grant(
    visit: &Visit,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, Refusal> {
    if application.kind != ApplicationType::Service {
        let description = "client_credentials is for applications of type service";
        return Err(Refusal::new("grant_type", "unauthorized_client", description).because(format!(
            "client_credentials is for applications of type service, and {} is of type {}",
            application.client_id, application.kind
        )));
    }
    let scopes = granted_scopes(application, params.get("scope"))?;
    visit.passed("scope", scopes.join(" "));
    let tenant_id = tenant(visit, application, params.get("tenant_id"), &scopes)?;
    TokenResponse::for_service(visit, application, &scopes, tenant_id.as_deref())
}

fn granted_scopes(application: &Application, requested: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(requested) = requested else {
        return Ok(application.scopes.clone());
    };
    if requested.len() > limits::SCOPE {
        return Err(Refusal::invalid_scope("scope is longer than 300 characters"));
    }
    let scopes = scope_list(requested);
    if let Some(identity) = scopes.iter().find(|scope| IDENTITY_SCOPES.contains(&scope.as_str())) {
        return Err(Refusal::invalid_scope(format!("\"{identity}\" needs a user")));
    }
    match scopes.iter().find(|scope| !application.scopes.contains(scope)) {
        Some(refused) => Err(Refusal::invalid_scope(format!("\"{refused}\" is not allowed for this client"))
            .because(application.refusal_of_scope(refused))),
        None if scopes.is_empty() => Err(Refusal::invalid_scope("scope holds no scope")),
        None => Ok(scopes),
    }
}

fn tenant(
    visit: &Visit,
    application: &Application,
    requested: Option<&str>,
    scopes: &[String],
) -> Result<Option<String>, Refusal> {
    if let Some(requested) = requested {
        let id = normal_uuid(requested).ok_or_else(|| {
            Refusal::invalid_request(TENANT, "tenant_id is not a UUID")
                .because(format!("tenant_id \"{requested}\" is not a UUID"))
        })?;
        return approved(visit, application, id, "").map(Some);
    }
    let of_tenants =
        scopes.iter().find(|scope| visit.config.api_of_scope(scope).is_some_and(|api| api.tenant_based));
    match (&application.default_tenant, of_tenants) {
        (Some(default), _) => approved(visit, application, default.clone(), "the default tenant ").map(Some),
        (None, Some(scope)) => {
            Err(Refusal::new(TENANT, "invalid_tenant", "tenant_id is missing, and a scope needs it").because(
                format!(
                    "tenant_id is missing, the scope \"{scope}\" needs it, and there is no default tenant"
                ),
            ))
        }
        (None, None) => {
            visit.passed(TENANT, "none, and no scope needs one");
            Ok(None)
        }
    }
}

/// `which` is put before the tenant in words.
fn approved(visit: &Visit, application: &Application, id: String, which: &str) -> Result<String, Refusal> {
    let name = visit.config.tenant_name(&id);
    if application.is_approved_by(&id) {
        visit.passed(TENANT, format!("{which}{} ({id})", name.unwrap_or_default()));
        return Ok(id);
    }
    let client_id = &application.client_id;
    let words = match name {
        None => {
            let known = visit.config.tenants.iter().map(|tenant| tenant.id.as_str());
            format!("no tenant has the id {id}{}", suggestion::in_words(known, &id))
        }
        Some(name) if application.is_withdrawn_by(&id) => {
            format!("{which}{name} withdrew its approval of {client_id}")
        }
        Some(name) => format!("{which}{name} is known, but has not approved {client_id}"),
    };
    Err(Refusal::new(TENANT, "invalid_tenant", "the tenant has not approved this application").because(words))
}
