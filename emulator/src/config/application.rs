//! A registered client.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Secret;
use crate::keys::SigningAlgorithm;
use crate::suggestion;

/// The application types of the Developer Portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// No user: `client_credentials`.
    Service,
    /// A server-side web application.
    Web,
    /// An installed application.
    Native,
    /// JavaScript in a browser.
    Spa,
}

impl fmt::Display for ApplicationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Web => "web",
            Self::Native => "native",
            Self::Spa => "spa",
        })
    }
}

/// Whether the consent page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Once for each set of scopes.
    #[default]
    Ask,
    /// Only when the request says `prompt=consent`.
    Skip,
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshPolicy {
    /// Each use gives a new one.
    #[default]
    OneTime,
    /// It stays the same.
    ReUse,
}

/// A registered client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its `client_id`.
    pub client_id: String,
    /// What the consent page shows.
    pub name: String,
    /// Its type, which decides its grants.
    #[serde(rename = "type")]
    pub kind: ApplicationType,
    /// Its client secret; a client without one is public.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// The scopes it may ask for.
    pub scopes: Vec<String>,
    /// Services: ids of the tenants that approved it.
    #[serde(default)]
    pub approved_tenants: Vec<String>,
    /// Services: ids of the tenants that had approved it and withdrew.
    #[serde(default)]
    pub withdrawn_tenants: Vec<String>,
    /// Services: the tenant taken when a request names none.
    #[serde(default)]
    pub default_tenant: Option<String>,
    /// Its redirect URIs: https, http on loopback, and for type native a scheme such as `com.example.app`.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Whether its `http://127.0.0.1` redirect URIs match on any port.
    #[serde(default)]
    pub allow_loopback_any_port: bool,
    /// Where its users may go after a logout, compared exactly; of the same kinds as its redirect URIs.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Single-page applications: the origins whose pages may read the answers of the endpoints.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Where it is told that a session ended: http on loopback.
    #[serde(default)]
    pub backchannel_logout_uri: Option<String>,
    /// Services: where it is told that a tenant approved it: http on loopback.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// What its webhooks are signed with.
    #[serde(default)]
    pub webhook_secret: Option<Secret>,
    /// How its ID tokens are signed; Visma Connect has RS256 only.
    #[serde(default)]
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// Whether its users see a consent page.
    #[serde(default)]
    pub consent: Consent,
    /// What a refresh does to the refresh token.
    #[serde(default)]
    pub refresh: RefreshPolicy,
    /// One-time refresh tokens: seconds in which a used one may be exchanged again.
    #[serde(default)]
    pub grace_s: u64,
    /// One-time refresh tokens: a replay outside the grace window ends the whole family.
    #[serde(default)]
    pub revoke_family_on_reuse: bool,
    /// Lifetime of an access token in seconds.
    #[serde(default = "hour")]
    pub access_token_s: u64,
    /// Lifetime of an ID token in seconds.
    #[serde(default = "five_minutes")]
    pub id_token_s: u64,
    /// Lifetime of an authorization code in seconds.
    #[serde(default = "five_minutes")]
    pub code_s: u64,
    /// Lifetime of a refresh token in seconds, counted anew from each refresh.
    #[serde(default = "fifteen_days")]
    pub refresh_token_s: u64,
    /// Lifetime of all refresh tokens of a login together, in seconds from that login's first token.
    #[serde(default = "year")]
    pub refresh_token_absolute_s: u64,
}

fn five_minutes() -> u64 {
    300
}

fn hour() -> u64 {
    3600
}

fn fifteen_days() -> u64 {
    15 * 86_400
}

fn year() -> u64 {
    365 * 86_400
}

impl Application {
    /// One that has what the configuration file must say, and the defaults of all that it may leave out.
    pub(crate) fn new(client_id: &str, name: &str, kind: ApplicationType) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: name.to_owned(),
            kind,
            secret: None,
            scopes: Vec::new(),
            approved_tenants: Vec::new(),
            withdrawn_tenants: Vec::new(),
            default_tenant: None,
            redirect_uris: Vec::new(),
            allow_loopback_any_port: false,
            post_logout_redirect_uris: Vec::new(),
            allowed_origins: Vec::new(),
            backchannel_logout_uri: None,
            webhook_url: None,
            webhook_secret: None,
            id_token_signed_response_alg: SigningAlgorithm::default(),
            consent: Consent::default(),
            refresh: RefreshPolicy::default(),
            grace_s: 0,
            revoke_family_on_reuse: false,
            access_token_s: hour(),
            id_token_s: five_minutes(),
            code_s: five_minutes(),
            refresh_token_s: fifteen_days(),
            refresh_token_absolute_s: year(),
        }
    }

    /// Whether it has no secret to keep.
    pub fn is_public(&self) -> bool {
        self.secret.is_none()
    }

    /// Why it does not get this scope, and which it may ask for.
    pub(crate) fn refusal_of_scope(&self, scope: &str) -> String {
        let near = suggestion::in_words(self.scopes.iter().map(String::as_str), scope);
        let commas = if scope.contains(',') { "; scopes are separated by spaces, not by commas" } else { "" };
        format!(
            "scope \"{scope}\" is not allowed for {}{near}{commas}; allowed: {}",
            self.client_id,
            self.scopes.join(" ")
        )
    }

    /// Whether this tenant approved it.
    pub(crate) fn is_approved_by(&self, tenant_id: &str) -> bool {
        self.approved_tenants.iter().any(|id| id == tenant_id)
    }

    /// Whether this tenant had approved it and withdrew.
    pub(crate) fn is_withdrawn_by(&self, tenant_id: &str) -> bool {
        self.withdrawn_tenants.iter().any(|id| id == tenant_id)
    }

    /// Whether it may use refresh tokens.
    pub(crate) fn may_refresh(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "offline_access")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_application_has_the_defaults_of_the_configuration_file() {
        let read: Application =
            toml::from_str("client_id = \"a\"\nname = \"A\"\ntype = \"native\"\nscopes = []").unwrap();
        let new = Application::new("a", "A", ApplicationType::Native);
        assert_eq!(format!("{new:?}"), format!("{read:?}"));
    }
}
