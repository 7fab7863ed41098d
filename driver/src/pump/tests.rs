//! What these tests ask an engine for.

use grantline_core::{
    ClientSecret, Operation, Provider, Registration, Scopes, ServiceApp, ServiceTokenRequest, TenantChoice,
};

pub(crate) fn service_token() -> Operation {
    let registration = Registration::new(Provider::visma_connect(), "isv_service")
        .client_secret(ClientSecret::new("secret"));
    let scopes = Scopes::list(["visma_api:read"]).unwrap();
    let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes);
    Operation::ServiceToken { app: ServiceApp::new(registration).unwrap(), request, newer_than: None }
}
