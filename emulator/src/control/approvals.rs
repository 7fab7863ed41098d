//! Tenants that approve services, and withdraw.

use crate::app_state::AppState;
use crate::config::{Application, ApplicationType, Config, ConfigError};
use crate::notices::{Notice, webhook};

/// Why a tenant did not approve or withdraw.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// No such service.
    #[error("no application \"{0}\" of type service: name one of the configuration")]
    Application(String),
    /// No such tenant.
    #[error("no tenant has the id \"{0}\": name one of the configuration")]
    Tenant(String),
    /// There is nothing to withdraw.
    #[error("tenant \"{tenant_id}\" has not approved \"{client_id}\": there is nothing to withdraw")]
    NotApproved {
        /// The service.
        client_id: String,
        /// The tenant.
        tenant_id: String,
    },
    /// The configuration would contradict itself.
    #[error(transparent)]
    Rule(#[from] ConfigError),
}

/// From now on the service gets tokens for the tenant: the webhook that tells it so, if it has one.
pub(crate) fn approve(
    app: &AppState,
    client_id: &str,
    tenant_id: &str,
) -> Result<Option<Notice>, ApprovalError> {
    let approved = app.registry.change(|config| {
        let service = service(config, client_id, tenant_id)?;
        service.withdrawn_tenants.retain(|id| id != tenant_id);
        if !service.is_approved_by(tenant_id) {
            service.approved_tenants.push(tenant_id.to_owned());
        }
        Ok::<_, ApprovalError>(service.clone())
    })?;
    Ok(webhook::of_approval(app, &approved, tenant_id))
}

/// From now on the service gets no token for the tenant; those it has live on until they expire.
pub(crate) fn withdraw(app: &AppState, client_id: &str, tenant_id: &str) -> Result<(), ApprovalError> {
    app.registry.change(|config| {
        let service = service(config, client_id, tenant_id)?;
        if !service.is_approved_by(tenant_id) {
            let (client_id, tenant_id) = (client_id.to_owned(), tenant_id.to_owned());
            return Err(ApprovalError::NotApproved { client_id, tenant_id });
        }
        service.approved_tenants.retain(|id| id != tenant_id);
        service.withdrawn_tenants.push(tenant_id.to_owned());
        Ok(())
    })
}

fn service<'a>(
    config: &'a mut Config,
    client_id: &str,
    tenant_id: &str,
) -> Result<&'a mut Application, ApprovalError> {
    let has_tenant = config.tenant_name(tenant_id).is_some();
    let application = config.application_mut(client_id);
    let service = application
        .filter(|known| known.kind == ApplicationType::Service)
        .ok_or_else(|| ApprovalError::Application(client_id.to_owned()))?;
    has_tenant.then_some(service).ok_or_else(|| ApprovalError::Tenant(tenant_id.to_owned()))
}
