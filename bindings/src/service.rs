//! Service integrations.

use std::sync::Arc;

use crate::cancel::{Cancellation, wait};
use crate::error::NativeError;
use crate::introspection::Introspection;
use crate::token::{AccessToken, Scopes};

/// An application that acts as itself.
#[derive(Debug, uniffi::Object)]
pub struct ServiceApp(pub(crate) grantline::ServiceApp);

/// Whose data a service token is for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TenantChoice {
    /// This tenant.
    Tenant {
        /// Its UUID.
        id: String,
    },
    /// The application's default tenant at the provider.
    DefaultTenant,
    /// No tenant.
    NoTenant,
}

#[uniffi::export]
impl ServiceApp {
    /// A handle on the token for this tenant choice, these scopes and this resource. Nothing is sent.
    pub fn token_source(
        &self,
        tenant: TenantChoice,
        scopes: Scopes,
        resource: Option<String>,
    ) -> Result<TokenSource, NativeError> {
        let request = grantline::ServiceTokenRequest::new(tenant.try_into()?, scopes.try_into()?);
        let request = match resource {
            Some(resource) => request.resource(resource)?,
            None => request,
        };
        Ok(TokenSource(self.0.token_source(request)))
    }

    /// What the provider knows of a token.
    pub async fn introspect(
        &self,
        token: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Introspection, NativeError> {
        Ok(Introspection(wait(self.0.introspect(token), cancellation).await?))
    }
}

/// A handle on one service token.
#[derive(Debug, uniffi::Object)]
pub struct TokenSource(grantline::TokenSource);

#[uniffi::export]
impl TokenSource {
    /// A token that is good now.
    pub async fn fresh_token(
        &self,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<AccessToken, NativeError> {
        Ok(AccessToken::new(wait(self.0.fresh_token(), cancellation).await?))
    }

    /// A token later than the one in hand, although that is still fresh.
    pub async fn refresh(&self, cancellation: Option<Arc<Cancellation>>) -> Result<AccessToken, NativeError> {
        Ok(AccessToken::new(wait(self.0.refresh(), cancellation).await?))
    }

    /// An API refused this token although it is not past its time.
    pub fn invalidate(&self, refused: &AccessToken) {
        self.0.invalidate(&refused.0);
    }
}

impl TryFrom<TenantChoice> for grantline::TenantChoice {
    type Error = NativeError;

    fn try_from(choice: TenantChoice) -> Result<Self, NativeError> {
        match choice {
            TenantChoice::Tenant { id } => Ok(Self::tenant(&id)?),
            TenantChoice::DefaultTenant => Ok(Self::default_tenant()),
            TenantChoice::NoTenant => Ok(Self::no_tenant()),
        }
    }
}

impl From<grantline::TenantChoice> for TenantChoice {
    fn from(choice: grantline::TenantChoice) -> Self {
        if choice == grantline::TenantChoice::default_tenant() {
            Self::DefaultTenant
        } else if choice == grantline::TenantChoice::no_tenant() {
            Self::NoTenant
        } else {
            // `tenant 11111111-...`
            let words = choice.to_string();
            Self::Tenant { id: words.trim_start_matches("tenant ").to_owned() }
        }
    }
}
