//! Service integrations: the client credentials grant (RFC 6749 section 4.4), per tenant.

mod shared;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::directory;
use crate::error::{Error, Misuse, Unsupported};
use crate::event::Subject;
use crate::flow::{Flow, Io};
use crate::provider::Asking;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::ClientSecret;
use crate::seed::Seed;
use crate::store::{Collection, RecordKey, RecordKind};
use crate::tenant::TenantChoice;
use crate::token::{AccessToken, Generation};
use crate::token_endpoint::{self, TokenRequest};
use crate::uri;

pub(crate) use shared::token;

/// Scopes that only make sense with a user.
const USER_SCOPES: [&str; 2] = ["openid", "offline_access"];

/// An application that acts as itself, without a user: a confidential client with the client credentials grant.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceApp(Arc<Inner>);

#[derive(Debug, PartialEq)]
struct Inner {
    registration: Registration,
    tokens: Collection,
}

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

    /// SHA-256 of the request in its one form, in base64url: whatever the order of the scopes.
    ///
    /// `also`: what else makes it another one.
    fn digest(&self, also: &str) -> String {
        let scopes = self.scopes.canonical().parameter();
        let form = json!({"tenant": self.tenant.to_string(), "scope": scopes, "resource": self.resource});
        URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(form.to_string()).chain_update(also).finalize())
    }
}

impl ServiceApp {
    /// A service application.
    ///
    /// Errors: `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`.
    pub fn new(registration: Registration) -> Result<Self, Error> {
        registration.check_confidential("service application")?;
        let issuer = registration.provider.issuer();
        let tokens = Collection::new(RecordKind::ServiceToken, issuer, &registration.client_id);
        Ok(Self(Arc::new(Inner { registration, tokens })))
    }

    /// Its registration.
    pub fn registration(&self) -> &Registration {
        &self.0.registration
    }

    /// The name of this token's record in a store. A digest, since scopes may be long.
    pub(crate) fn record_key(&self, request: &ServiceTokenRequest) -> RecordKey {
        RecordKey { collection: self.0.tokens.clone(), name: request.digest("") }
    }

    /// The name of this token's place in memory: an application with another secret proves itself, and gets no token that
    /// one with the right secret fetched. A store is opened by who may have all that is in it.
    pub(crate) fn memory_key(&self, request: &ServiceTokenRequest) -> RecordKey {
        let secret = self.registration().client_secret.as_ref().map_or("", ClientSecret::expose_secret);
        RecordKey { collection: self.0.tokens.clone(), name: request.digest(secret) }
    }

    pub(crate) fn subject(&self, request: &ServiceTokenRequest) -> Subject {
        let registration = self.registration();
        Subject::Service {
            issuer: registration.provider.issuer().to_owned(),
            client_id: registration.client_id.clone(),
            tenant: request.tenant,
        }
    }

    /// Asks for a service token. It is not kept: an [`Engine`](crate::Engine) does that.
    ///
    /// Errors: `scope_forbidden`, `tenant_not_supported`, `endpoint_missing` before anything is sent; the server's
    /// refusal, a violation or a transport failure after. A refresh token in the answer is ignored
    /// (RFC 6749 section 4.4.3).
    pub fn request_token(&self, request: ServiceTokenRequest, seed: Seed) -> Flow<AccessToken> {
        let app = self.clone();
        Flow::new(seed, async move |io| {
            request_token(&io, app.registration(), &request, Generation::FIRST).await
        })
    }
}

/// The flow itself.
async fn request_token(
    io: &Io,
    registration: &Registration,
    request: &ServiceTokenRequest,
    generation: Generation,
) -> Result<AccessToken, Error> {
    refuse_user_scopes(&request.scopes)?;
    let mut form = TokenRequest::new("client_credentials")
        .optional("scope", request.scopes.parameter().as_deref())
        .optional("resource", request.resource.as_deref());
    let mut asking = Asking::ServiceToken;
    if let Some(tenant) = request.tenant.parameter() {
        let name = registration.provider.profile().tenant_parameter.clone();
        form = form.parameter(name.ok_or(Unsupported::TenantChoice)?, &tenant);
        asking = Asking::TenantToken;
    }
    let server = directory::metadata(io, &registration.provider).await?;
    token_endpoint::admit(io, registration)?;
    let response = token_endpoint::ask(io, registration, &server, form, asking).await?;
    request
        .tenant
        .check(registration.provider.profile().tenant_claim, response.access_token.expose_secret())?;
    Ok(response.access_token(&request.scopes, generation))
}

fn refuse_user_scopes(scopes: &Scopes) -> Result<(), Error> {
    match USER_SCOPES.iter().find(|scope| scopes.contains(scope)) {
        Some(scope) => Err(Misuse::ScopeForbidden { scope: (*scope).to_owned() }.into()),
        None => Ok(()),
    }
}
