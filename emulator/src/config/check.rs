//! Contradictions a TOML parser cannot see.

use std::collections::HashSet;

use url::Url;
use uuid::Uuid;

use super::uris;
use super::{Application, ApplicationType, Config, ConfigError, IDENTITY_SCOPES, Mode, Secret};
use crate::keys::SigningAlgorithm;

impl Config {
    /// Checks what `from_toml` checks, for a configuration that was put together or changed in code.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Contradiction`] for the first contradiction found.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_issuer()?;
        self.check_tenants()?;
        self.check_users()?;
        let mut seen = HashSet::new();
        for application in &self.applications {
            let item = format!("application \"{}\"", application.client_id);
            if !seen.insert(&application.client_id) {
                return contradiction(item, "client_id occurs twice: give each application its own");
            }
            check_application(self, application)
                .map_err(|problem| ConfigError::Contradiction { item, problem })?;
        }
        self.check_faults()
    }

    fn check_faults(&self) -> Result<(), ConfigError> {
        for (index, fault) in self.faults.iter().enumerate() {
            let item = format!("fault number {}", index + 1);
            if let Err(error) = fault.check() {
                return contradiction(item, error.to_string());
            }
            if let Some(client_id) = fault.client_id.as_ref().filter(|id| self.application(id).is_none()) {
                return contradiction(item, format!("no application has the client_id \"{client_id}\""));
            }
        }
        Ok(())
    }

    fn check_issuer(&self) -> Result<(), ConfigError> {
        let Some(issuer) = &self.issuer else { return Ok(()) };
        let plain = Url::parse(issuer).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none()
        });
        if plain && !issuer.ends_with('/') {
            return Ok(());
        }
        contradiction(
            format!("issuer \"{issuer}\""),
            "give an http or https URL without query, fragment or trailing slash",
        )
    }

    fn check_tenants(&self) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for tenant in &self.tenants {
            if !seen.insert(&tenant.id) {
                let item = format!("tenant \"{}\"", tenant.id);
                return contradiction(item, "its id occurs twice: give each tenant its own");
            }
            if normal_uuid(&tenant.id).as_deref() != Some(&tenant.id) {
                let item = format!("tenant \"{}\"", tenant.id);
                return contradiction(item, "write the id as a lower-case UUID");
            }
        }
        Ok(())
    }

    fn check_users(&self) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for user in &self.users {
            let item = format!("user \"{}\"", user.username);
            if !seen.insert(&user.username) || !seen.insert(&user.sub) {
                return contradiction(item, "its username or sub occurs twice: give each user its own");
            }
            if user.username.is_empty() || user.sub.is_empty() {
                return contradiction(item, "its username is empty, or its sub is: give both");
            }
            if user.password.expose_secret().is_empty() {
                return contradiction(item, "its password is empty: give one");
            }
            if let Some(tenant) = user.tenants.iter().find(|id| self.tenant_name(id).is_none()) {
                let problem = format!("tenant \"{tenant}\" is not defined: add a [[tenant]] table");
                return contradiction(item, problem);
            }
        }
        Ok(())
    }
}

fn contradiction(item: String, problem: impl Into<String>) -> Result<(), ConfigError> {
    Err(ConfigError::Contradiction { item, problem: problem.into() })
}

/// The lower-case form of a UUID written with hyphens; `None` for braces, URNs and everything else.
pub(crate) fn normal_uuid(text: &str) -> Option<String> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(|uuid| uuid.to_string())
}

fn check_application(config: &Config, application: &Application) -> Result<(), String> {
    if application.client_id.is_empty() || application.client_id.contains(char::is_whitespace) {
        return Err("client_id must not be empty or hold spaces".into());
    }
    check_secret(application)?;
    check_scopes(config, application)?;
    check_approvals(config, application)?;
    uris::check(application)?;
    let algorithm = application.id_token_signed_response_alg;
    if config.mode == Mode::VismaConnect && algorithm != SigningAlgorithm::Rs256 {
        return Err(format!(
            "id_token_signed_response_alg is {algorithm}: Visma Connect signs with RS256 only, so remove the key or set \
             mode = \"standard\""
        ));
    }
    match application.grace_s {
        0 | 5..=60 => Ok(()),
        other => Err(format!("grace_s is {other}: give 0 for none, or 5 to 60 seconds")),
    }
}

fn check_secret(application: &Application) -> Result<(), String> {
    match (application.kind, application.secret.as_ref().map(Secret::expose_secret)) {
        (_, Some("")) => Err("secret is empty: give one, or leave the key out".into()),
        (ApplicationType::Service, None) => Err("a service needs a secret: add `secret`".into()),
        (ApplicationType::Native | ApplicationType::Spa, Some(_)) => {
            Err("an application of this type cannot keep a secret: remove `secret`".into())
        }
        _ => Ok(()),
    }
}

fn check_scopes(config: &Config, application: &Application) -> Result<(), String> {
    if application.scopes.is_empty() {
        return Err("scopes is empty: list at least one scope".into());
    }
    for scope in &application.scopes {
        let identity = IDENTITY_SCOPES.contains(&scope.as_str());
        if identity && application.kind == ApplicationType::Service {
            return Err(format!("scope \"{scope}\" needs a user: remove it from this service"));
        }
        if !identity && config.api_of_scope(scope).is_none() {
            return Err(format!("scope \"{scope}\" belongs to no API: add it to an [[api]] table"));
        }
    }
    Ok(())
}

fn check_approvals(config: &Config, application: &Application) -> Result<(), String> {
    let approved = &application.approved_tenants;
    if let Some(id) = approved.iter().find(|id| config.tenant_name(id).is_none()) {
        return Err(format!("approved tenant \"{id}\" is not defined: add a [[tenant]] table"));
    }
    let withdrawn = &application.withdrawn_tenants;
    if let Some(id) = withdrawn.iter().find(|id| config.tenant_name(id).is_none() || approved.contains(id)) {
        return Err(format!("withdrawn tenant \"{id}\" is not defined, or among approved_tenants as well"));
    }
    match &application.default_tenant {
        Some(id) if !approved.contains(id) && !withdrawn.contains(id) => {
            Err(format!("default tenant \"{id}\" has not approved it: add it to approved_tenants"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Application)) -> String {
        let mut config = Config::default();
        change(config.application_mut("isv_native").unwrap());
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn refuses_a_secret_for_a_native_application() {
        assert!(refused(|app| app.secret = Some(Secret::new("x"))).contains("remove `secret`"));
    }

    #[test]
    fn refuses_a_scope_that_no_api_owns() {
        assert!(refused(|app| app.scopes.push("other:read".into())).contains("other:read"));
    }

    #[test]
    fn refuses_a_default_tenant_that_has_not_approved() {
        let tenant = Some("99999999-9999-4999-8999-999999999999".into());
        assert!(refused(|app| app.default_tenant = tenant).contains("approved_tenants"));
    }

    #[test]
    fn refuses_a_grace_window_that_the_portal_does_not_offer() {
        assert!(refused(|app| app.grace_s = 61).contains("61"));
    }

    #[test]
    fn normal_uuid_takes_upper_case_but_no_other_notation() {
        let plain = "11111111-1111-4111-8111-11111111abcd";
        assert_eq!(normal_uuid(&plain.to_uppercase()).as_deref(), Some(plain));
        assert_eq!(normal_uuid(&plain.replace('-', "")), None);
        assert_eq!(normal_uuid("not-a-uuid"), None);
    }
}
