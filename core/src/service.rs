//! Service integrations: the client credentials grant (RFC 6749 section 4.4), per tenant.

use std::sync::Arc;

use crate::error::{Error, Misuse, Unsupported};
use crate::flow::{Flow, Io};
use crate::provider::Asking;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::seed::Seed;
use crate::tenant::TenantChoice;
use crate::token::{AccessToken, Generation};
use crate::token_endpoint::{self, TokenRequest};
use crate::uri;

/// Scopes that only make sense with a user.
const USER_SCOPES: [&str; 2] = ["openid", "offline_access"];

/// An application that acts as itself, without a user: a confidential client with the client credentials grant.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceApp(Arc<Registration>);

/// Which service token is wanted. Every difference in it is another token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceTokenRequest {
    pub(crate) tenant: TenantChoice,
    pub(crate) scopes: Scopes,
    pub(crate) resource: Option<String>,
}

impl ServiceTokenRequest {
    /// A token for this tenant choice with these scopes.
    pub fn new(tenant: TenantChoice, scopes: Scopes) -> Self {
        Self { tenant, scopes, resource: None }
    }

    /// The API that the token is for (RFC 8707): an absolute URI without fragment.
    ///
    /// Errors: `invalid_resource`.
    pub fn resource(mut self, resource: impl Into<String>) -> Result<Self, Error> {
        let resource = resource.into();
        uri::resource(&resource)?;
        self.resource = Some(resource);
        Ok(self)
    }

    /// The same request in the one form that keys a cache.
    pub(crate) fn canonical(&self) -> Self {
        Self { scopes: self.scopes.canonical(), ..self.clone() }
    }
}

impl ServiceApp {
    /// A service application.
    ///
    /// Errors: `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`.
    pub fn new(registration: Registration) -> Result<Self, Error> {
        registration.check_confidential("service application")?;
        Ok(Self(Arc::new(registration)))
    }

    /// Its registration.
    pub fn registration(&self) -> &Registration {
        &self.0
    }

    /// Asks for a service token. It is not kept: an [`Engine`](crate::Engine) does that.
    ///
    /// Errors: `scope_forbidden`, `tenant_not_supported`, `endpoint_missing` before anything is sent; the server's
    /// refusal, a violation or a transport failure after. A refresh token in the answer is ignored
    /// (RFC 6749 section 4.4.3).
    pub fn request_token(&self, request: ServiceTokenRequest, seed: Seed) -> Flow<AccessToken> {
        let registration = Arc::clone(&self.0);
        Flow::new(seed, async move |io| request_token(&io, &registration, &request, Generation::FIRST).await)
    }
}

/// The flow itself.
pub(crate) async fn request_token(
    io: &Io,
    registration: &Registration,
    request: &ServiceTokenRequest,
    generation: Generation,
) -> Result<AccessToken, Error> {
    refuse_user_scopes(&request.scopes)?;
    let mut form = TokenRequest::new("client_credentials")
        .optional("scope", request.scopes.parameter().as_deref())
        .optional("resource", request.resource.as_deref());
    if let Some(tenant) = request.tenant.parameter() {
        let name = registration.provider.profile().tenant_parameter.as_deref();
        form = form.parameter(name.ok_or(Unsupported::TenantChoice)?, &tenant);
    }
    let response = token_endpoint::ask(io, registration, form, Asking::ServiceToken).await?;
    Ok(response.access_token(&request.scopes, generation))
}

fn refuse_user_scopes(scopes: &Scopes) -> Result<(), Error> {
    match USER_SCOPES.iter().find(|scope| scopes.contains(scope)) {
        Some(scope) => Err(Misuse::ScopeForbidden { scope: (*scope).to_owned() }.into()),
        None => Ok(()),
    }
}
