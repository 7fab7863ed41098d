//! A provider: its endpoints, and what is peculiar to it, as data.

mod metadata;
mod profile;

use std::borrow::Cow;
use std::sync::Arc;

use url::Url;

pub(crate) use metadata::Metadata;
pub use profile::ClientAuthenticationMethod;
pub(crate) use profile::{Asking, Profile};

use crate::error::{Error, Misuse};
use crate::uri;

/// An authorization server: issuer, endpoints and profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider(Arc<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    issuer: String,
    source: Source,
    profile: Profile,
}

/// Where a provider's metadata come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// From here. A document of the server's that was fetched together with its keys is preferred.
    BuiltIn(Arc<Metadata>),
    /// From the application.
    Given(Arc<Metadata>),
    /// From the server, when they are first needed.
    Discovered,
}

impl Provider {
    /// Visma Connect, production. Its endpoints are known from here, so that nothing has to be fetched before the first
    /// token; the server's own document is preferred once it was fetched, together with its keys.
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
        if let Some(instead) = issuer.strip_suffix('/') {
            let (issuer, instead) = (issuer.to_owned(), instead.trim_end_matches('/').to_owned());
            return Err(Misuse::InvalidIssuer { issuer, instead }.into());
        }
        Ok(Self::visma(issuer, true))
    }

    fn visma(issuer: &str, promises_issuer: bool) -> Self {
        let endpoint = |path: &str| Url::parse(&format!("{issuer}{path}")).ok();
        let metadata = Metadata {
            authorization_endpoint: endpoint("/connect/authorize"),
            token_endpoint: endpoint("/connect/token"),
            revocation_endpoint: endpoint("/connect/revocation"),
            introspection_endpoint: endpoint("/connect/introspect"),
            userinfo_endpoint: endpoint("/connect/userinfo"),
            end_session_endpoint: endpoint("/connect/endsession"),
            jwks_uri: endpoint("/.well-known/openid-configuration/jwks"),
            promises_issuer,
            takes_secrets_by_post_only: false,
        };
        Self::new(issuer, Source::BuiltIn(Arc::new(metadata)), Profile::visma_connect())
    }

    /// Any standards-based provider, by its issuer alone. Its metadata document (OpenID Connect Discovery section 4, RFC
    /// 8414 section 3) is fetched when it is first needed, and again after a day; a server that is down when the
    /// application starts does no harm.
    ///
    /// `issuer`: an https URL, or http on loopback, character by character as the server calls itself.
    /// Errors: `invalid_issuer`.
    pub fn discover(issuer: &str) -> Result<Self, Error> {
        uri::issuer(issuer)?;
        Ok(Self::new(issuer, Source::Discovered, Profile::standard()))
    }

    /// Any standards-based provider, by the metadata document (RFC 8414, OpenID Connect Discovery) that the
    /// application fetched from it. It is not fetched again.
    ///
    /// `issuer`: as the application knows it, to be compared with the document's, character by character.
    /// `document`: the JSON text. Members that are not used may be of any shape.
    /// Errors: `invalid_issuer`, `metadata_issuer_mismatch`, `metadata_malformed`, `insecure_endpoint`,
    /// `invalid_endpoint`.
    pub fn from_metadata(issuer: &str, document: &str) -> Result<Self, Error> {
        uri::issuer(issuer)?;
        let metadata = Metadata::read(issuer, document.as_bytes())?;
        Ok(Self::new(issuer, Source::Given(Arc::new(metadata)), Profile::standard()))
    }

    fn new(issuer: &str, source: Source, profile: Profile) -> Self {
        Self(Arc::new(Inner { issuer: issuer.to_owned(), source, profile }))
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

    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    /// As far as can be told without asking the server.
    pub(crate) fn is_known_to_promise_issuer(&self) -> bool {
        match &self.0.source {
            Source::BuiltIn(metadata) | Source::Given(metadata) => metadata.promises_issuer,
            Source::Discovered => false,
        }
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.0.profile
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
}
