//! What a test changes while its emulator runs.

use super::Emulator;
use crate::config::{Application, Secret, Tenant, User};
use crate::control::{
    ClientType, ControlError, NewSecrets, NewUser, TenantDetails, UserDetails, applications, tenants, users,
};

impl Emulator {
    /// Registers an application. Secrets that it needs and does not have are made and answered.
    ///
    /// # Errors
    ///
    /// [`ControlError::Rule`] names the rule that it breaks.
    pub fn register_application(
        &self,
        application: Application,
        client_type: ClientType,
    ) -> Result<NewSecrets, ControlError> {
        applications::register(&self.shared, application, client_type)
    }

    /// Puts `application` in the place of the one with its `client_id`. Secrets that it does not have stay as they are.
    ///
    /// # Errors
    ///
    /// [`ControlError`]: there is none, or it breaks a rule; then nothing changed.
    pub fn change_application(
        &self,
        application: Application,
        client_type: ClientType,
    ) -> Result<NewSecrets, ControlError> {
        applications::change(&self.shared, application, client_type)
    }

    /// Removes an application; its grants end.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`]: there is none of this `client_id`.
    pub fn remove_application(&self, client_id: &str) -> Result<(), ControlError> {
        applications::remove(&self.shared, client_id)
    }

    /// A new client secret; the old one is worth nothing from now on.
    ///
    /// # Errors
    ///
    /// [`ControlError`]: there is no such application, or it is public.
    pub fn new_secret(&self, client_id: &str) -> Result<Secret, ControlError> {
        applications::new_secret(&self.shared, client_id)
    }

    /// Adds a tenant.
    ///
    /// # Errors
    ///
    /// [`ControlError::Rule`] names the rule that it breaks.
    pub fn add_tenant(&self, details: TenantDetails) -> Result<Tenant, ControlError> {
        tenants::add(&self.shared, details)
    }

    /// Gives a tenant another name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`]: there is none of this id.
    pub fn rename_tenant(&self, id: &str, name: &str) -> Result<Tenant, ControlError> {
        tenants::rename(&self.shared, id, name.to_owned())
    }

    /// Removes a tenant, with its approvals and its users' access to it.
    ///
    /// # Errors
    ///
    /// [`ControlError`]: there is none of this id, or it is an application's default tenant.
    pub fn remove_tenant(&self, id: &str) -> Result<(), ControlError> {
        tenants::remove(&self.shared, id)
    }

    /// Adds a user. A password or `sub` that is not given is made.
    ///
    /// # Errors
    ///
    /// [`ControlError::Rule`] names the rule that it breaks.
    pub fn add_user(&self, details: UserDetails) -> Result<NewUser, ControlError> {
        users::add(&self.shared, details)
    }

    /// Changes the user of this name. A password or `sub` that is not given stays as it is.
    ///
    /// # Errors
    ///
    /// [`ControlError`]: there is none, or it breaks a rule; then nothing changed.
    pub fn change_user(&self, username: &str, details: UserDetails) -> Result<User, ControlError> {
        users::change(&self.shared, username, details)
    }

    /// Removes a user; what the user granted ends.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`]: there is none of this name.
    pub fn remove_user(&self, username: &str) -> Result<(), ControlError> {
        users::remove(&self.shared, username)
    }
}
