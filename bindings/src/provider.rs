//! Providers and registrations.

use std::sync::Arc;
use std::time::Duration;

use grantline::ClientSecret;

use crate::error::NativeError;

/// An authorization server.
#[derive(Debug, uniffi::Object)]
pub struct Provider(grantline::Provider);

#[uniffi::export]
impl Provider {
    /// Visma Connect, production.
    #[uniffi::constructor]
    pub fn visma_connect() -> Self {
        Self(grantline::Provider::visma_connect())
    }

    /// Visma Connect, the staging environment.
    #[uniffi::constructor]
    pub fn visma_connect_staging() -> Self {
        Self(grantline::Provider::visma_connect_staging())
    }

    /// A server that behaves like Visma Connect at another address.
    #[uniffi::constructor]
    pub fn visma_connect_at(issuer: &str) -> Result<Self, NativeError> {
        Ok(Self(grantline::Provider::visma_connect_at(issuer)?))
    }

    /// Any standards-based provider, by its issuer alone.
    #[uniffi::constructor]
    pub fn discover(issuer: &str) -> Result<Self, NativeError> {
        Ok(Self(grantline::Provider::discover(issuer)?))
    }

    /// Any standards-based provider, by its metadata document.
    #[uniffi::constructor]
    pub fn from_metadata(issuer: &str, document: &str) -> Result<Self, NativeError> {
        Ok(Self(grantline::Provider::from_metadata(issuer, document)?))
    }

    /// The same provider with a parameter that names the tenant in a service token's request.
    #[must_use]
    pub fn with_tenant_parameter(&self, name: String) -> Self {
        Self(self.0.clone().with_tenant_parameter(name))
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> String {
        self.0.issuer().to_owned()
    }
}

/// How a confidential client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ClientAuthenticationMethod {
    /// An Authorization header.
    ClientSecretBasic,
    /// The same without form encoding (RFC 6749 section 2.3.1), for servers that do not undo it.
    ClientSecretBasicUnencoded,
    /// Parameters of the form.
    ClientSecretPost,
    /// `none`: only the client id. The name keeps clear of Swift's `Optional.none`.
    NoAuthentication,
}

/// An algorithm by which a provider signs ID tokens (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[allow(missing_docs, reason = "each is named as the standard names it")]
pub enum SigningAlgorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

/// What the provider knows of the application.
#[derive(Debug, uniffi::Object)]
pub struct Registration(pub(crate) grantline::Registration);

#[uniffi::export]
impl Registration {
    /// A registration; what its application type may not have is refused by that type.
    #[uniffi::constructor(default(refresh_grace_ms = None, ask_for_login_after_lost_answer = false))]
    pub fn new(
        provider: &Provider,
        client_id: String,
        client_secret: Option<String>,
        redirect_uris: Vec<String>,
        client_authentication: Option<ClientAuthenticationMethod>,
        refresh_grace_ms: Option<u64>,
        ask_for_login_after_lost_answer: bool,
    ) -> Arc<Self> {
        let mut registration = grantline::Registration::new(provider.0.clone(), client_id);
        if let Some(secret) = client_secret {
            registration = registration.client_secret(ClientSecret::new(secret));
        }
        if let Some(method) = client_authentication {
            registration = registration.client_authentication(method.into());
        }
        if let Some(grace) = refresh_grace_ms {
            registration = registration.refresh_grace(Duration::from_millis(grace));
        }
        if ask_for_login_after_lost_answer {
            registration = registration.ask_for_login_after_lost_answer();
        }
        Arc::new(Self(redirect_uris.into_iter().fold(registration, grantline::Registration::redirect_uri)))
    }

    /// The same registration with what is said of ID tokens.
    #[must_use]
    pub fn with_id_tokens(
        &self,
        algorithm: Option<SigningAlgorithm>,
        trusted_audiences: Vec<String>,
        clock_tolerance_ms: Option<u64>,
    ) -> Self {
        let mut registration = self.0.clone();
        if let Some(algorithm) = algorithm {
            registration = registration.id_token_algorithm(algorithm.into());
        }
        if let Some(tolerance) = clock_tolerance_ms {
            registration = registration.clock_tolerance(Duration::from_millis(tolerance));
        }
        Self(trusted_audiences.into_iter().fold(registration, grantline::Registration::trust_audience))
    }
}

impl From<SigningAlgorithm> for grantline::SigningAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Rs256 => Self::Rs256,
            SigningAlgorithm::Rs384 => Self::Rs384,
            SigningAlgorithm::Rs512 => Self::Rs512,
            SigningAlgorithm::Ps256 => Self::Ps256,
            SigningAlgorithm::Ps384 => Self::Ps384,
            SigningAlgorithm::Ps512 => Self::Ps512,
            SigningAlgorithm::Es256 => Self::Es256,
            SigningAlgorithm::Es384 => Self::Es384,
            SigningAlgorithm::EdDsa => Self::EdDsa,
        }
    }
}

impl From<ClientAuthenticationMethod> for grantline::ClientAuthenticationMethod {
    fn from(method: ClientAuthenticationMethod) -> Self {
        match method {
            ClientAuthenticationMethod::ClientSecretBasic => Self::ClientSecretBasic,
            ClientAuthenticationMethod::ClientSecretBasicUnencoded => Self::ClientSecretBasicUnencoded,
            ClientAuthenticationMethod::ClientSecretPost => Self::ClientSecretPost,
            ClientAuthenticationMethod::NoAuthentication => Self::None,
        }
    }
}
