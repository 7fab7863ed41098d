//! Service integrations.

use std::sync::Arc;

use grantline_core::{AccessToken, Operation, ServiceTokenRequest};

use crate::call::Call;
use crate::pump::Pump;
use crate::token_source::TokenSource;

/// An application that acts as itself: one token for each tenant, scopes and resource, kept in memory and
/// refreshed ahead.
#[derive(Clone)]
pub struct ServiceApp {
    pump: Arc<Pump>,
    app: grantline_core::ServiceApp,
}

impl ServiceApp {
    pub(crate) fn new(pump: &Arc<Pump>, app: grantline_core::ServiceApp) -> Self {
        Self { pump: Arc::clone(pump), app }
    }

    /// A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share
    /// one request.
    ///
    /// Errors: as [`grantline_core::ServiceApp::request_token`].
    pub fn token(&self, request: ServiceTokenRequest) -> Call<Arc<AccessToken>> {
        self.token_source(request).fresh_token()
    }

    /// A handle for asking again and again for the same token.
    pub fn token_source(&self, request: ServiceTokenRequest) -> TokenSource {
        let slot = self.pump.engine.service_slot(&self.app, &request);
        let app = self.app.clone();
        TokenSource::new(&self.pump, slot, move |newer_than| Operation::ServiceToken {
            app: app.clone(),
            request: request.clone(),
            newer_than,
        })
    }
}

impl std::fmt::Debug for ServiceApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceApp")
            .field("client_id", &self.app.registration().client_id())
            .finish_non_exhaustive()
    }
}
