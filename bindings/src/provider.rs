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
    /// Parameters of the form.
    ClientSecretPost,
    /// `none`: only the client id. The name keeps clear of Swift's `Optional.none`.
    NoAuthentication,
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
}

impl From<ClientAuthenticationMethod> for grantline::ClientAuthenticationMethod {
    fn from(method: ClientAuthenticationMethod) -> Self {
        match method {
            ClientAuthenticationMethod::ClientSecretBasic => Self::ClientSecretBasic,
            ClientAuthenticationMethod::ClientSecretPost => Self::ClientSecretPost,
            ClientAuthenticationMethod::NoAuthentication => Self::None,
        }
    }
}
