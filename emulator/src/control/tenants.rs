//! Tenants: added, renamed, removed.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{ControlError, unknown};
use crate::app_state::AppState;
use crate::config::Tenant;
use crate::random;

/// A tenant as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantDetails {
    /// A lower-case UUID; a random one unless given.
    #[serde(default)]
    pub id: Option<String>,
    /// What the consent page shows.
    pub name: String,
}

/// The new tenant, with its id.
pub(crate) fn add(app: &AppState, details: TenantDetails) -> Result<Tenant, ControlError> {
    let tenant = Tenant { id: details.id.unwrap_or_else(random::uuid), name: details.name };
    app.registry.change(|config| {
        config.tenants.push(tenant.clone());
        Ok(tenant)
    })
}

/// Gives it another name; the id stays.
pub(crate) fn rename(app: &AppState, id: &str, name: String) -> Result<Tenant, ControlError> {
    app.registry.change(|config| {
        let mut tenants = config.tenants.iter_mut();
        let tenant = tenants.find(|tenant| tenant.id == id).ok_or_else(|| unknown("tenant", id))?;
        tenant.name = name;
        Ok(tenant.clone())
    })
}

/// Its approvals and its users' access to it go with it. The default tenant of an application has to be changed there
/// first.
pub(crate) fn remove(app: &AppState, id: &str) -> Result<(), ControlError> {
    app.registry.change(|config| {
        config.tenant_name(id).ok_or_else(|| unknown("tenant", id))?;
        config.tenants.retain(|tenant| tenant.id != id);
        for application in &mut config.applications {
            application.approved_tenants.retain(|tenant| tenant != id);
            application.withdrawn_tenants.retain(|tenant| tenant != id);
        }
        config.users.iter_mut().for_each(|user| user.tenants.retain(|tenant| tenant != id));
        Ok(())
    })
}
