//! What the emulator knows: applications, tenants, users, APIs and lifetimes.

mod application;
mod check;
mod redirects;
mod uris;

pub use application::{Application, ApplicationType, Consent, RefreshPolicy};
pub(crate) use check::normal_uuid;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::faults::Fault;
use crate::keys::SigningAlgorithm;
use crate::random;

/// Scopes that belong to the user's identity, not to an API.
pub(crate) const IDENTITY_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The built-in configuration: every key, with its meaning in comments.
pub const DEFAULT_TOML: &str = include_str!("../default.toml");

/// How the emulator behaves where Visma Connect and the RFCs differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As Visma Connect does.
    #[default]
    VismaConnect,
    /// As the RFCs say.
    Standard,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::VismaConnect => "visma-connect",
            Self::Standard => "standard",
        })
    }
}

/// The whole configuration of one emulator; `Config::default()` is `default.toml`. Serialized, as the state file has it,
/// it shows its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Visma Connect's behaviour or the RFCs'.
    #[serde(default)]
    pub mode: Mode,
    /// The public base URL, without a trailing slash, when something stands in front of the
    /// emulator; otherwise the address it listens on is taken.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Seconds that its clock is ahead of the system's at the start, or behind if negative.
    #[serde(default)]
    pub clock_offset_s: i64,
    /// What goes wrong from the start.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// The APIs and their scopes.
    #[serde(default, rename = "api")]
    pub apis: Vec<Api>,
    /// The customers whose data the APIs hold.
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    /// The people who can log in.
    #[serde(default, rename = "user")]
    pub users: Vec<User>,
    /// The registered clients.
    #[serde(default, rename = "application")]
    pub applications: Vec<Application>,
}

/// An API: the owner of scopes, named in `aud` of the tokens that hold them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The `aud` claim of its access tokens.
    pub audience: String,
    /// Whether a service token for it needs a tenant.
    #[serde(default)]
    pub tenant_based: bool,
    /// Its scopes.
    pub scopes: Vec<String>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// A UUID.
    pub id: String,
    /// What the consent page shows.
    pub name: String,
}

/// A person who can log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What is typed into the login form; also the `email` claim.
    pub username: String,
    /// What is typed into the login form.
    pub password: Secret,
    /// The `sub` claim, a UUID.
    pub sub: String,
    /// The `name` claim.
    pub name: String,
    /// Ids of the tenants whose data this user can grant access to.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// Whether a request for multi-factor authentication can be met.
    #[serde(default)]
    pub mfa: bool,
}

/// A client secret or password: its `Debug` shows nothing of it. Serialized, as the state file has it, it is in clear.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct Secret(String);

impl Secret {
    /// Wraps `value`.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// A random one of 43 characters.
    pub fn generate() -> Self {
        Self(random::identifier())
    }

    /// The secret itself, for a test that has to send it.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Why a configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key, a missing key or a value of the wrong type.
    #[error("line {line}: {problem}; `grantline emulator --print-config` shows every key and its meaning")]
    Syntax {
        /// The line of the file, from 1.
        line: usize,
        /// What the TOML parser says, on one line.
        problem: String,
    },
    /// Well-formed, but the parts contradict each other.
    #[error("{item}: {problem}")]
    Contradiction {
        /// The table meant, such as `application "isv_web"`.
        item: String,
        /// The key of it that is wrong, such as `redirect_uris`.
        key: &'static str,
        /// What is wrong and what to change.
        problem: String,
    },
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the line or the item, and what to change.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| syntax_error(text, &error))?;
        config.check()?;
        Ok(config)
    }

    pub(crate) fn is_visma(&self) -> bool {
        self.mode == Mode::VismaConnect
    }

    /// The algorithms that ID tokens may be signed with: Visma Connect has one.
    pub(crate) fn signing_algorithms(&self) -> &'static [SigningAlgorithm] {
        if self.is_visma() { &[SigningAlgorithm::Rs256] } else { &SigningAlgorithm::ALL }
    }

    /// The application with this `client_id`.
    pub fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.client_id == client_id)
    }

    /// The same, to change it before the start.
    pub fn application_mut(&mut self, client_id: &str) -> Option<&mut Application> {
        self.applications.iter_mut().find(|application| application.client_id == client_id)
    }

    /// The user with this `username`.
    pub fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    pub(crate) fn user_by_sub(&self, sub: &str) -> Option<&User> {
        self.users.iter().find(|user| user.sub == sub)
    }

    pub(crate) fn api_of_scope(&self, scope: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.scopes.iter().any(|owned| owned == scope))
    }

    pub(crate) fn tenant_name(&self, id: &str) -> Option<&str> {
        self.tenants.iter().find(|tenant| tenant.id == id).map(|tenant| tenant.name.as_str())
    }
}

impl Default for Config {
    /// The configuration in `default.toml`.
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "compiled in, and parsed by a test of this module")]
        Self::from_toml(DEFAULT_TOML).expect("default.toml is valid")
    }
}

fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    ConfigError::Syntax {
        line: before.matches('\n').count() + 1,
        problem: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_configuration_is_valid() {
        assert!(Config::default().application("isv_service").is_some());
    }

    #[test]
    fn refuses_an_unknown_key_and_names_its_line() {
        let error = Config::from_toml("mode = \"standard\"\n\ncolour = \"blue\"\n").unwrap_err();
        assert!(matches!(&error, ConfigError::Syntax { line: 3, .. }), "{error}");
        assert!(error.to_string().contains("colour"), "{error}");
    }

    #[test]
    fn refuses_an_unknown_algorithm_with_line_and_names() {
        let text =
            DEFAULT_TOML.replacen("consent = \"ask\"\n", "id_token_signed_response_alg = \"none\"\n", 1);
        let line = text.lines().position(|line| line.starts_with("id_token_signed")).unwrap() + 1;
        let error = Config::from_toml(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("line {line}:")) && error.contains("EdDSA"), "{error}");
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let mut config = Config::default();
        config.application_mut("isv_service").unwrap().webhook_secret = Some(Secret::new("of-webhooks"));
        let shown = format!("{config:?}");
        assert!(!shown.contains("of-webhooks"));
        assert!(!shown.contains("service-secret") && !shown.contains("correct horse"), "{shown}");
    }
}
