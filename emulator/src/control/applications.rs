//! Applications: registered, changed, given a new secret, removed.

use super::{ControlError, unknown};
use crate::app_state::AppState;
use crate::config::{Application, ApplicationType, Config, Secret};

/// Whether a client can keep a secret (RFC 6749, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientType {
    /// It authenticates with a secret.
    Confidential,
    /// It has none.
    Public,
}

impl ClientType {
    /// What the Developer Portal makes of an application of this type.
    pub fn usual_for(kind: ApplicationType) -> Self {
        match kind {
            ApplicationType::Service | ApplicationType::Web => Self::Confidential,
            ApplicationType::Native | ApplicationType::Spa => Self::Public,
        }
    }
}

/// Secrets that were made for an application; they are told this once.
#[derive(Debug, Clone, Default)]
pub struct NewSecrets {
    /// Its client secret, if one was made.
    pub client_secret: Option<Secret>,
    /// What its webhooks are signed with, if that was made.
    pub webhook_secret: Option<Secret>,
}

/// Secrets that are needed and not given are made.
pub(crate) fn register(
    app: &AppState,
    mut application: Application,
    client_type: ClientType,
) -> Result<NewSecrets, ControlError> {
    let made = complete(&mut application, None, client_type);
    app.registry.change(|config| {
        config.applications.push(application);
        Ok(made)
    })
}

/// The application of this `client_id` becomes what is given. Secrets that are not given stay as they are, and are made
/// where there are none yet.
pub(crate) fn change(
    app: &AppState,
    mut application: Application,
    client_type: ClientType,
) -> Result<NewSecrets, ControlError> {
    app.registry.change(|config| {
        let known = known(config, &application.client_id)?;
        let made = complete(&mut application, Some(known), client_type);
        *known = application;
        Ok(made)
    })
}

/// Its grants end with it.
pub(crate) fn remove(app: &AppState, client_id: &str) -> Result<(), ControlError> {
    app.registry.change(|config| {
        known(config, client_id)?;
        config.applications.retain(|application| application.client_id != client_id);
        Ok::<_, ControlError>(())
    })?;
    app.state().forget_application(client_id, app.clock.now());
    Ok(())
}

/// A new client secret in the place of the old one, which is worth nothing from now on.
pub(crate) fn new_secret(app: &AppState, client_id: &str) -> Result<Secret, ControlError> {
    app.registry.change(|config| {
        let application = known(config, client_id)?;
        if application.is_public() {
            return Err(ControlError::NoSecret(client_id.to_owned()));
        }
        Ok(application.secret.insert(Secret::generate()).clone())
    })
}

/// From now on its access tokens live for so many seconds.
pub(crate) fn set_access_token_lifetime(
    app: &AppState,
    client_id: &str,
    seconds: u64,
) -> Result<(), ControlError> {
    app.registry.change(|config| {
        known(config, client_id)?.access_token_s = seconds;
        Ok(())
    })
}

fn known<'a>(config: &'a mut Config, client_id: &str) -> Result<&'a mut Application, ControlError> {
    config.application_mut(client_id).ok_or_else(|| unknown("application", client_id))
}

fn complete(
    application: &mut Application,
    known: Option<&mut Application>,
    client_type: ClientType,
) -> NewSecrets {
    let mut made = NewSecrets::default();
    let (secret, webhook_secret) =
        known.map(|known| (known.secret.clone(), known.webhook_secret.clone())).unwrap_or_default();
    if client_type == ClientType::Confidential && application.secret.is_none() {
        application.secret = secret.or_else(|| make(&mut made.client_secret));
    }
    if application.webhook_url.is_some() && application.webhook_secret.is_none() {
        application.webhook_secret = webhook_secret.or_else(|| make(&mut made.webhook_secret));
    }
    made
}

fn make(told: &mut Option<Secret>) -> Option<Secret> {
    *told = Some(Secret::generate());
    told.clone()
}
