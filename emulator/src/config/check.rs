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
                return contradiction(
                    item,
                    "client_id",
                    "client_id occurs twice: give each application its own",
                );
            }
            check_application(self, application).map_err(|wrong| ConfigError::Contradiction {
                item,
                key: wrong.key,
                problem: wrong.words,
            })?;
        }
        self.check_faults()
    }

    fn check_faults(&self) -> Result<(), ConfigError> {
        for (index, fault) in self.faults.iter().enumerate() {
            let item = format!("fault number {}", index + 1);
            if let Err(error) = fault.check() {
                return contradiction(item, "fault", error.to_string());
            }
            if let Some(client_id) = fault.client_id.as_ref().filter(|id| self.application(id).is_none()) {
                return contradiction(
                    item,
                    "client_id",
                    format!("no application has the client_id \"{client_id}\""),
                );
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
            "issuer",
            "give an http or https URL without query, fragment or trailing slash",
        )
    }

    fn check_tenants(&self) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for tenant in &self.tenants {
            if !seen.insert(&tenant.id) {
                let item = format!("tenant \"{}\"", tenant.id);
                return contradiction(item, "id", "its id occurs twice: give each tenant its own");
            }
            if normal_uuid(&tenant.id).as_deref() != Some(&tenant.id) {
                let item = format!("tenant \"{}\"", tenant.id);
                return contradiction(item, "id", "write the id as a lower-case UUID");
            }
        }
        Ok(())
    }

    fn check_users(&self) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for user in &self.users {
            let item = format!("user \"{}\"", user.username);
            for (key, value) in [("username", &user.username), ("sub", &user.sub)] {
                if value.is_empty() {
                    return contradiction(item, key, format!("its {key} is empty: give one"));
                }
                if !seen.insert(value) {
                    return contradiction(
                        item,
                        key,
                        format!("its {key} occurs twice: give each user its own"),
                    );
                }
            }
            if user.password.expose_secret().is_empty() {
                return contradiction(item, "password", "its password is empty: give one");
            }
            if let Some(tenant) = user.tenants.iter().find(|id| self.tenant_name(id).is_none()) {
                let problem = format!("tenant \"{tenant}\" is not defined: add a [[tenant]] table");
                return contradiction(item, "tenants", problem);
            }
        }
        Ok(())
    }
}

fn contradiction(item: String, key: &'static str, problem: impl Into<String>) -> Result<(), ConfigError> {
    Err(ConfigError::Contradiction { item, key, problem: problem.into() })
}

/// What is wrong with an application.
pub(super) struct Wrong {
    key: &'static str,
    words: String,
}

/// `words`: what is wrong with the key, and what to change.
pub(super) fn wrong(key: &'static str, words: impl Into<String>) -> Result<(), Wrong> {
    Err(Wrong { key, words: words.into() })
}

/// The lower-case form of a UUID written with hyphens; `None` for braces, URNs and everything else.
pub(crate) fn normal_uuid(text: &str) -> Option<String> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(|uuid| uuid.to_string())
}

fn check_application(config: &Config, application: &Application) -> Result<(), Wrong> {
    if application.client_id.is_empty() || application.client_id.contains(char::is_whitespace) {
        return wrong("client_id", "client_id must not be empty or hold spaces");
    }
    check_secret(application)?;
    check_scopes(config, application)?;
    check_approvals(config, application)?;
    uris::check(application)?;
    let algorithm = application.id_token_signed_response_alg;
    if config.mode == Mode::VismaConnect && algorithm != SigningAlgorithm::Rs256 {
        return wrong(
            "id_token_signed_response_alg",
            format!(
                "id_token_signed_response_alg is {algorithm}: Visma Connect signs with RS256 only, so remove the key or set \
             mode = \"standard\""
            ),
        );
    }
    match application.grace_s {
        0 | 5..=60 => Ok(()),
        other => wrong("grace_s", format!("grace_s is {other}: give 0 for none, or 5 to 60 seconds")),
    }
}

fn check_secret(application: &Application) -> Result<(), Wrong> {
    match (application.kind, application.secret.as_ref().map(Secret::expose_secret)) {
        (_, Some("")) => wrong("secret", "secret is empty: give one, or leave the key out"),
        (ApplicationType::Service, None) => wrong("secret", "a service needs a secret: add `secret`"),
        (ApplicationType::Native | ApplicationType::Spa, Some(_)) => {
            wrong("secret", "an application of this type cannot keep a secret: remove `secret`")
        }
        _ => Ok(()),
    }
}

fn check_scopes(config: &Config, application: &Application) -> Result<(), Wrong> {
    if application.scopes.is_empty() {
        return wrong("scopes", "scopes is empty: list at least one scope");
    }
    for scope in &application.scopes {
        let identity = IDENTITY_SCOPES.contains(&scope.as_str());
        if identity && application.kind == ApplicationType::Service {
            return wrong("scopes", format!("scope \"{scope}\" needs a user: remove it from this service"));
        }
        if !identity && config.api_of_scope(scope).is_none() {
            return wrong(
                "scopes",
                format!("scope \"{scope}\" belongs to no API: add it to an [[api]] table"),
            );
        }
    }
    Ok(())
}

fn check_approvals(config: &Config, application: &Application) -> Result<(), Wrong> {
    let approved = &application.approved_tenants;
    if let Some(id) = approved.iter().find(|id| config.tenant_name(id).is_none()) {
        return wrong(
            "approved_tenants",
            format!("approved tenant \"{id}\" is not defined: add a [[tenant]] table"),
        );
    }
    let withdrawn = &application.withdrawn_tenants;
    if let Some(id) = withdrawn.iter().find(|id| config.tenant_name(id).is_none() || approved.contains(id)) {
        return wrong(
            "withdrawn_tenants",
            format!("withdrawn tenant \"{id}\" is not defined, or among approved_tenants as well"),
        );
    }
    match &application.default_tenant {
        Some(id) if !approved.contains(id) && !withdrawn.contains(id) => wrong(
            "default_tenant",
            format!("default tenant \"{id}\" has not approved it: add it to approved_tenants"),
        ),
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
