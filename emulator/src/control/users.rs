//! Users: added, changed, removed.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{ControlError, unknown};
use crate::app_state::AppState;
use crate::config::{Secret, User};
use crate::random;

/// A user as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserDetails {
    /// What is typed into the login form; also the `email` claim.
    pub username: String,
    /// What is typed into the login form. Unless given, that of a known user stays, and a new one gets a random one.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The `sub` claim. Unless given, that of a known user stays, and a new one gets a random UUID.
    #[serde(default)]
    pub sub: Option<String>,
    /// The `name` claim.
    pub name: String,
    /// Ids of the tenants whose data this user can grant access to.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// Whether a request for multi-factor authentication can be met.
    #[serde(default)]
    pub mfa: bool,
}

/// A user who was added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Who it is.
    pub user: User,
    /// The password, if one was made; it is told this once.
    pub password: Option<Secret>,
}

pub(crate) fn add(app: &AppState, details: UserDetails) -> Result<NewUser, ControlError> {
    let password = details.password.is_none().then(Secret::generate);
    let user = User {
        username: details.username,
        password: details.password.or_else(|| password.clone()).unwrap_or_else(Secret::generate),
        sub: details.sub.unwrap_or_else(random::uuid),
        name: details.name,
        tenants: details.tenants,
        mfa: details.mfa,
    };
    app.registry.change(|config| {
        config.users.push(user.clone());
        Ok(NewUser { user, password })
    })
}

/// The user of this name becomes what is given.
pub(crate) fn change(app: &AppState, username: &str, details: UserDetails) -> Result<User, ControlError> {
    app.registry.change(|config| {
        let mut users = config.users.iter_mut();
        let user = users.find(|user| user.username == username).ok_or_else(|| unknown("user", username))?;
        *user = User {
            username: details.username,
            password: details.password.unwrap_or_else(|| user.password.clone()),
            sub: details.sub.unwrap_or_else(|| user.sub.clone()),
            name: details.name,
            tenants: details.tenants,
            mfa: details.mfa,
        };
        Ok(user.clone())
    })
}

/// What the user granted ends with it.
pub(crate) fn remove(app: &AppState, username: &str) -> Result<(), ControlError> {
    let sub = app.registry.change(|config| {
        let sub = config.user(username).map(|user| user.sub.clone());
        config.users.retain(|user| user.username != username);
        sub.ok_or_else(|| unknown("user", username))
    })?;
    app.state().forget_user(&sub, app.clock.now());
    Ok(())
}
