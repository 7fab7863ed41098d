//! Service integrations.

use std::sync::Arc;

use grantline::ServiceTokenRequest;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::application::{registration, with_setting};
use crate::arguments::ScopesArgument;
use crate::client::{Client, client_of};
use crate::ending::Lasting;
use crate::error::raised;
use crate::introspection::Introspection;
use crate::provider::Provider;
use crate::token::{AccessToken, TokenSource};
use crate::{asynchronous, blocking};

/// Whose data a service token is for. Leaving the tenant out is a choice too, so it is always made in words.
#[pyclass(frozen, eq, hash, module = "grantline")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TenantChoice(grantline::TenantChoice);

impl TenantChoice {
    pub(crate) fn new(choice: grantline::TenantChoice) -> Self {
        Self(choice)
    }
}

#[pymethods]
impl TenantChoice {
    /// This tenant, by its UUID. Raises `MisuseError` (`invalid_tenant_id`).
    #[staticmethod]
    fn tenant(id: &str) -> PyResult<Self> {
        grantline::TenantChoice::tenant(id).map(Self).map_err(raised)
    }

    /// The tenant that is configured at the provider as this application's default.
    #[staticmethod]
    fn default_tenant() -> Self {
        Self(grantline::TenantChoice::default_tenant())
    }

    /// No tenant: for APIs that are not tenant-based.
    #[staticmethod]
    fn no_tenant() -> Self {
        Self(grantline::TenantChoice::no_tenant())
    }

    fn __repr__(&self) -> String {
        format!("<grantline.TenantChoice {}>", self.0)
    }
}

/// An application that acts as itself, with the client credentials grant (RFC 6749 section 4.4): one token for each
/// tenant, scopes and resource, kept in memory and refreshed ahead.
///
/// `client_authentication`: `client_secret_basic`, `client_secret_basic_unencoded` (for servers that do not undo the form
/// encoding), `client_secret_post` or `none`, if not as the provider's profile or its metadata have it. Raises `MisuseError` (`client_id_missing`, `client_secret_missing`, `secret_method_without_secret`).
///
/// >>> import os
/// >>> from grantline import Provider, ServiceApp, TenantChoice
/// >>> provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])
/// >>> app = ServiceApp(provider, "isv_service", client_secret="service-secret")
/// >>> token = app.token(TenantChoice.tenant("11111111-1111-4111-8111-111111111111"), ["visma_api:read"])
/// >>> token.scopes
/// ['visma_api:read']
/// >>> headers = {"Authorization": f"Bearer {token.expose_secret()}"}
#[pyclass(frozen, module = "grantline")]
pub(crate) struct ServiceApp {
    app: grantline::ServiceApp,
    client: Arc<Lasting>,
    #[pyo3(get)]
    client_id: String,
}

#[pymethods]
impl ServiceApp {
    #[new]
    #[pyo3(signature = (provider, client_id, *, client_secret=None, client_authentication=None, client=None))]
    fn new(
        py: Python<'_>,
        provider: &Provider,
        client_id: String,
        client_secret: Option<&Bound<'_, PyString>>,
        client_authentication: Option<&Bound<'_, PyString>>,
        client: Option<&Bound<'_, Client>>,
    ) -> PyResult<Self> {
        let mut registration = registration(provider, client_id.clone(), Vec::new(), None)?;
        if let Some(secret) = client_secret {
            registration = with_setting(registration, "client_secret", secret.as_any())?;
        }
        if let Some(method) = client_authentication {
            registration = with_setting(registration, "client_authentication", method.as_any())?;
        }
        let client = client_of(py, client)?;
        let app = client.service_app(registration).map_err(raised)?;
        Ok(Self { app, client, client_id })
    }

    /// A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share one
    /// request.
    ///
    /// `scopes`: the scopes, or `Scopes.all_allowed()`. `resource`: the API that the token is for (RFC 8707).
    /// Raises `MisuseError` before anything is sent, `ServerRefused`, `ServerMisbehaved` and `TransportError`.
    #[pyo3(signature = (tenant, scopes, *, resource=None))]
    fn token(
        &self,
        py: Python<'_>,
        tenant: &TenantChoice,
        scopes: ScopesArgument,
        resource: Option<String>,
    ) -> PyResult<AccessToken> {
        let request = request(tenant, scopes, resource)?;
        blocking::outcome(py, self.app.token(request)).map(AccessToken::new)
    }

    /// As `token`, for asyncio. Cancelling the task leaves the request to the others who wait for it.
    #[pyo3(signature = (tenant, scopes, *, resource=None))]
    async fn token_async(
        &self,
        tenant: Py<TenantChoice>,
        scopes: ScopesArgument,
        resource: Option<String>,
    ) -> PyResult<AccessToken> {
        let request = request(tenant.get(), scopes, resource)?;
        asynchronous::outcome(self.app.token(request)).await.map(AccessToken::new)
    }

    /// A handle for asking again and again for the same token, which is quicker than `token`.
    #[pyo3(signature = (tenant, scopes, *, resource=None))]
    fn token_source(
        &self,
        tenant: &TenantChoice,
        scopes: ScopesArgument,
        resource: Option<String>,
    ) -> PyResult<TokenSource> {
        let source = self.app.token_source(request(tenant, scopes, resource)?);
        Ok(TokenSource::new(source, &self.client))
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself.
    ///
    /// Raises `UnsupportedError` (`endpoint_missing`); `ServerRefused`; `TransportError`.
    fn introspect(&self, py: Python<'_>, token: String) -> PyResult<Introspection> {
        blocking::outcome(py, self.app.introspect(token)).map(Introspection)
    }

    /// As `introspect`, for asyncio.
    async fn introspect_async(&self, token: String) -> PyResult<Introspection> {
        asynchronous::outcome(self.app.introspect(token)).await.map(Introspection)
    }

    fn __repr__(&self) -> String {
        format!("<grantline.ServiceApp client_id={:?}>", self.client_id)
    }
}

fn request(
    tenant: &TenantChoice,
    scopes: ScopesArgument,
    resource: Option<String>,
) -> PyResult<ServiceTokenRequest> {
    let request = ServiceTokenRequest::new(tenant.0, scopes.0);
    match resource {
        Some(resource) => request.resource(resource).map_err(raised),
        None => Ok(request),
    }
}
