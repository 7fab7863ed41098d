//! Service integrations.

use std::sync::Arc;

use grantline_core::{AccessToken, Introspection, ServiceTokenRequest};

use super::login::introspect;
use crate::call::Call;
use crate::client::ClientState;
use crate::token_source::{Grant, TokenSource};

/// An application that acts as itself: one token for each tenant, scopes and resource, kept in memory and
/// refreshed ahead.
#[derive(Clone)]
pub struct ServiceApp {
    client: Arc<ClientState>,
    app: grantline_core::ServiceApp,
}

impl ServiceApp {
    pub(crate) fn new(client: &Arc<ClientState>, app: grantline_core::ServiceApp) -> Self {
        Self { client: Arc::clone(client), app }
    }

    /// A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share
    /// one request.
    ///
    /// Errors: as [`grantline_core::ServiceApp::request_token`].
    pub fn token(&self, request: ServiceTokenRequest) -> Call<Arc<AccessToken>> {
        match self.client.pump() {
            Ok(pump) => {
                let grant = self.grant(request);
                grant.fresh_token(&self.client, &grant.slot(&pump.engine))
            }
            Err(error) => Call::known(Err(error)),
        }
    }

    /// A handle for asking again and again for the same token.
    pub fn token_source(&self, request: ServiceTokenRequest) -> TokenSource {
        TokenSource::new(&self.client, self.grant(request))
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself.
    ///
    /// Errors: `endpoint_missing`; the provider's refusal; a transport failure.
    pub fn introspect(&self, token: impl Into<String>) -> Call<Introspection> {
        introspect(&self.client, self.app.registration(), token)
    }

    fn grant(&self, request: ServiceTokenRequest) -> Grant {
        Grant::Service { app: self.app.clone(), request }
    }
}

impl std::fmt::Debug for ServiceApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceApp")
            .field("client_id", &self.app.registration().client_id())
            .finish_non_exhaustive()
    }
}
