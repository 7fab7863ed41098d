//! A provider: its endpoints, and what is peculiar to it, as data.

mod profile;

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

pub use profile::ClientAuthenticationMethod;
pub(crate) use profile::{Asking, Profile};

use crate::error::{Error, Misuse, Unsupported, Violation};
use crate::uri;

/// An authorization server, ready to be asked: issuer, endpoints and profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider(Arc<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    issuer: String,
    authorization_endpoint: Option<Url>,
    token_endpoint: Option<Url>,
    revocation_endpoint: Option<Url>,
    /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
    promises_issuer: bool,
    profile: Profile,
}

impl Provider {
    /// Visma Connect, production.
    pub fn visma_connect() -> Self {
        Self::visma("https://connect.visma.com", true)
    }

    /// Visma Connect, the staging environment that the Developer Portal calls sandbox. Registrations, secrets and
    /// tenants are separate from production's.
    pub fn visma_connect_staging() -> Self {
        // Its metadata has not been seen, so nothing is taken as promised.
        Self::visma("https://connect.identity.stagaws.visma.com", false)
    }

    /// A server that behaves like Visma Connect at another address: the emulator.
    ///
    /// `issuer`: its base URL, without a trailing slash. Errors: `invalid_issuer`.
    pub fn visma_connect_at(issuer: &str) -> Result<Self, Error> {
        uri::issuer(issuer)?;
        // With one, every endpoint below it would have two, and no `iss` would ever compare equal.
        if issuer.ends_with('/') {
            return Err(Misuse::InvalidIssuer { issuer: issuer.to_owned() }.into());
        }
        Ok(Self::visma(issuer, true))
    }

    fn visma(issuer: &str, promises_issuer: bool) -> Self {
        let endpoint = |path: &str| Url::parse(&format!("{issuer}{path}")).ok();
        Self(Arc::new(Inner {
            issuer: issuer.to_owned(),
            authorization_endpoint: endpoint("/connect/authorize"),
            token_endpoint: endpoint("/connect/token"),
            revocation_endpoint: endpoint("/connect/revocation"),
            promises_issuer,
            profile: Profile::visma_connect(),
        }))
    }

    /// Any standards-based provider, by the metadata document (RFC 8414, OpenID Connect Discovery) that the
    /// application fetched from it.
    ///
    /// `issuer`: as the application knows it, to be compared with the document's, character by character.
    /// `document`: the JSON text. Members that are not used may be of any shape.
    /// Errors: `invalid_issuer`, `metadata_issuer_mismatch`, `metadata_malformed`, `insecure_endpoint`,
    /// `invalid_endpoint`.
    pub fn from_metadata(issuer: &str, document: &str) -> Result<Self, Error> {
        uri::issuer(issuer)?;
        let document: Metadata =
            serde_json::from_str(document).map_err(|_| Violation::MetadataMalformed { name: "document" })?;
        let named = document.issuer.as_ref().and_then(Value::as_str);
        let named = named.ok_or(Violation::MetadataMalformed { name: "issuer" })?;
        if named != issuer {
            let (expected, got) = (issuer.to_owned(), named.to_owned());
            return Err(Violation::MetadataIssuerMismatch { expected, got }.into());
        }
        Ok(Self(Arc::new(Inner {
            issuer: issuer.to_owned(),
            authorization_endpoint: endpoint(document.authorization_endpoint, "authorization_endpoint")?,
            token_endpoint: endpoint(document.token_endpoint, "token_endpoint")?,
            revocation_endpoint: endpoint(document.revocation_endpoint, "revocation_endpoint")?,
            promises_issuer: flag(
                document.authorization_response_iss_parameter_supported.as_ref(),
                "authorization_response_iss_parameter_supported",
            )?,
            profile: Profile::standard(),
        })))
    }

    /// The same provider with a parameter that names the tenant in a service token's request.
    #[must_use]
    pub fn with_tenant_parameter(self, name: impl Into<Cow<'static, str>>) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.profile.tenant_parameter = Some(name.into());
        Self(Arc::new(inner))
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn authorization_endpoint(&self) -> Result<&Url, Error> {
        let missing = Unsupported::EndpointMissing { name: "authorization_endpoint" };
        self.0.authorization_endpoint.as_ref().ok_or(missing.into())
    }

    pub(crate) fn token_endpoint(&self) -> Result<&Url, Error> {
        let missing = Unsupported::EndpointMissing { name: "token_endpoint" };
        self.0.token_endpoint.as_ref().ok_or(missing.into())
    }

    pub(crate) fn revocation_endpoint(&self) -> Result<&Url, Error> {
        let missing = Unsupported::EndpointMissing { name: "revocation_endpoint" };
        self.0.revocation_endpoint.as_ref().ok_or(missing.into())
    }

    pub(crate) fn promises_issuer(&self) -> bool {
        self.0.promises_issuer
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.0.profile
    }
}

/// The members that are used. One that occurs twice makes the document unusable; of the others nothing matters.
#[derive(Deserialize)]
struct Metadata {
    issuer: Option<Value>,
    authorization_endpoint: Option<Value>,
    token_endpoint: Option<Value>,
    revocation_endpoint: Option<Value>,
    authorization_response_iss_parameter_supported: Option<Value>,
}

fn endpoint(member: Option<Value>, name: &'static str) -> Result<Option<Url>, Error> {
    match member {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => uri::endpoint(&text).map(Some),
        Some(_) => Err(Violation::MetadataMalformed { name }.into()),
    }
}

fn flag(member: Option<&Value>, name: &'static str) -> Result<bool, Error> {
    match member {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Violation::MetadataMalformed { name }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: &str) -> String {
        Provider::from_metadata("https://a.example", document).unwrap_err().code().into_owned()
    }

    #[test]
    fn metadata_of_another_issuer_is_not_used() {
        for issuer in
            ["https://a.example/", "https://A.example", "https://b.example", "https://a.example:443"]
        {
            assert_eq!(refused(&format!(r#"{{"issuer":"{issuer}"}}"#)), "metadata_issuer_mismatch");
        }
    }

    #[test]
    fn metadata_with_endpoints_in_clear_is_not_used() {
        let document = r#"{"issuer":"https://a.example","token_endpoint":"http://a.example/token"}"#;
        assert_eq!(refused(document), "insecure_endpoint");
    }

    #[test]
    fn a_wrong_type_matters_only_in_members_that_are_used() {
        let unused = r#"{"issuer":"https://a.example","scopes_supported":7}"#;
        assert!(Provider::from_metadata("https://a.example", unused).is_ok());
        assert_eq!(refused(r#"{"issuer":"https://a.example","token_endpoint":7}"#), "metadata_malformed");
    }

    #[test]
    fn a_missing_endpoint_is_named_when_it_is_needed() {
        let provider =
            Provider::from_metadata("https://a.example", r#"{"issuer":"https://a.example"}"#).unwrap();
        assert_eq!(provider.token_endpoint().unwrap_err().code(), "endpoint_missing");
    }
}
