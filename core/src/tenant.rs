//! The choice of a tenant, in words: leaving it out is a choice too.

use std::fmt;

use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Misuse, Violation};
use crate::inspect::{Inspection, has_claims_in_json, inspect};
use crate::token_endpoint::cut;

/// Whose data a service token is for.
///
/// Visma Connect answers a request without `tenant_id` with a token for the application's *default
/// tenant*, if one is configured: another customer's data. So the choice is always made in words, and
/// every token is kept under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantChoice(Choice);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Choice {
    Id(Uuid),
    Default,
    None,
}

impl TenantChoice {
    /// This tenant, by its UUID.
    ///
    /// Errors: `invalid_tenant_id`.
    pub fn tenant(id: &str) -> Result<Self, Error> {
        // `parse_str` also takes braces, URNs and the form without hyphens; the portal shows only this one.
        match Uuid::parse_str(id) {
            Ok(uuid) if id.len() == 36 => Ok(Self(Choice::Id(uuid))),
            _ => Err(Misuse::InvalidTenantId { value: id.chars().take(80).collect() }.into()),
        }
    }

    /// The tenant that is configured at the provider as this application's default.
    pub fn default_tenant() -> Self {
        Self(Choice::Default)
    }

    /// No tenant: for APIs that are not tenant-based.
    pub fn no_tenant() -> Self {
        Self(Choice::None)
    }

    /// Refuses a token that is for another tenant, as far as it says so itself: another customer's data would be read with
    /// it. This is the one thing for which an access token is looked into.
    pub(crate) fn check(self, claim: Option<&str>, token: &str) -> Result<(), Violation> {
        let Some(name) = claim else { return Ok(()) };
        let Some(claimed) = claimed(name, token) else { return Ok(()) };
        let is_right = match self.0 {
            Choice::Id(uuid) => {
                claimed.as_str().is_some_and(|text| Uuid::parse_str(text).is_ok_and(|got| got == uuid))
            }
            Choice::Default => true,
            Choice::None => false,
        };
        let got = || claimed.as_str().map_or_else(|| claimed.to_string(), str::to_owned);
        match is_right {
            true => Ok(()),
            false => Err(Violation::TenantMismatch { expected: self.to_string(), got: cut(&got(), 80) }),
        }
    }

    /// The parameter's value, where one is sent.
    pub(crate) fn parameter(&self) -> Option<String> {
        match self.0 {
            Choice::Id(uuid) => Some(uuid.hyphenated().to_string()),
            Choice::Default | Choice::None => None,
        }
    }
}

/// What a token says of its tenant, in whatever form. One that readers would understand differently says something that
/// nobody asked for.
fn claimed(name: &str, token: &str) -> Option<Value> {
    match inspect(token) {
        Inspection::Jwt { mut claims, .. } => claims.remove(name).filter(|claim| !claim.is_null()),
        Inspection::Opaque if has_claims_in_json(token) => Some("not to be read without doubt".into()),
        Inspection::Opaque => None,
    }
}

impl fmt::Display for TenantChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Choice::Id(uuid) => write!(f, "tenant {}", uuid.hyphenated()),
            Choice::Default => f.write_str("default tenant"),
            Choice::None => f.write_str("no tenant"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_uuid() {
        for id in [
            "",
            "42",
            "{0b7c2f8e-6f0a-4a39-9a53-3d2f7d2b9f10}",
            "0b7c2f8e6f0a4a399a533d2f7d2b9f10",
            "0b7c2f8e-6f0a-4a39-9a53-3d2f7d2b9f1g",
        ] {
            assert_eq!(TenantChoice::tenant(id).unwrap_err().code(), "invalid_tenant_id", "{id:?}");
        }
    }

    #[test]
    fn one_tenant_in_two_cases_is_one_choice() {
        let lower = TenantChoice::tenant("0b7c2f8e-6f0a-4a39-9a53-3d2f7d2b9f10").unwrap();
        let upper = TenantChoice::tenant("0B7C2F8E-6F0A-4A39-9A53-3D2F7D2B9F10").unwrap();
        assert_eq!(lower, upper);
        assert_ne!(TenantChoice::default_tenant(), TenantChoice::no_tenant());
    }
}
