//! The client credentials grant (RFC 6749, section 4.4) with Visma Connect's `tenant_id`.

use super::error::TokenError;
use super::response::TokenResponse;
use crate::app_state::AppState;
use crate::approvals;
use crate::config::{Application, ApplicationType, IDENTITY_SCOPES, normal_uuid};
use crate::limits;
use crate::params::{Params, scope_list};

pub(super) fn grant(
    app: &AppState,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, TokenError> {
    if application.kind != ApplicationType::Service {
        return Err(TokenError::new(
            "unauthorized_client",
            "client_credentials is for applications of type service",
        ));
    }
    let scopes = granted_scopes(application, params.get("scope"))?;
    let tenant_id = tenant(app, application, params.get("tenant_id"), &scopes)?;
    TokenResponse::for_service(app, application, &scopes, tenant_id.as_deref())
}

fn granted_scopes(application: &Application, requested: Option<&str>) -> Result<Vec<String>, TokenError> {
    let Some(requested) = requested else {
        return Ok(application.scopes.clone());
    };
    if requested.len() > limits::SCOPE {
        return Err(TokenError::invalid_scope("scope is longer than 300 characters"));
    }
    let scopes = scope_list(requested);
    if let Some(identity) = scopes.iter().find(|scope| IDENTITY_SCOPES.contains(&scope.as_str())) {
        return Err(TokenError::invalid_scope(format!("\"{identity}\" needs a user")));
    }
    match scopes.iter().find(|scope| !application.scopes.contains(scope)) {
        Some(refused) => {
            Err(TokenError::invalid_scope(format!("\"{refused}\" is not allowed for this client")))
        }
        None if scopes.is_empty() => Err(TokenError::invalid_scope("scope holds no scope")),
        None => Ok(scopes),
    }
}

fn tenant(
    app: &AppState,
    application: &Application,
    requested: Option<&str>,
    scopes: &[String],
) -> Result<Option<String>, TokenError> {
    if let Some(requested) = requested {
        let id = normal_uuid(requested).ok_or(TokenError::invalid_request("tenant_id is not a UUID"))?;
        if !approvals::is_approved(app, application, &id) {
            return Err(TokenError::new("invalid_tenant", "the tenant has not approved this application"));
        }
        return Ok(Some(id));
    }
    let tenant_based =
        scopes.iter().any(|scope| app.config.api_of_scope(scope).is_some_and(|api| api.tenant_based));
    match &application.default_tenant {
        Some(default) => Ok(Some(default.clone())),
        None if tenant_based => {
            Err(TokenError::new("invalid_tenant", "tenant_id is missing, and a scope needs it"))
        }
        None => Ok(None),
    }
}
