//! The applications that the tests are about, what they ask for, and what a server answers.

use std::collections::BTreeMap;

use grantline_core::{
    ClientSecret, HttpRequest, LoginApp, LoginRequest, Operation, Provider, Registration, Scopes,
    SecretBytes, ServiceApp, ServiceTokenRequest, SessionId, SessionKey, TenantChoice, WebApp,
};
use serde_json::{Value, json};

use crate::scenario::START;
use crate::server;

pub const REDIRECT_URI: &str = "https://app.example/callback";
pub const TENANT: &str = "11111111-1111-4111-8111-111111111111";

pub fn scopes(list: &[&str]) -> Scopes {
    Scopes::list(list.iter().copied()).unwrap()
}

pub fn registration(provider: Provider, client_id: &str) -> Registration {
    Registration::new(provider, client_id)
        .client_secret(ClientSecret::new("client-secret"))
        .id_token_algorithm(server::ALGORITHM)
        .redirect_uri(REDIRECT_URI)
}

pub fn service(client_id: &str) -> ServiceApp {
    ServiceApp::new(registration(Provider::visma_connect(), client_id)).unwrap()
}

/// A service token for a tenant.
pub fn service_token() -> Operation {
    service_token_for(TenantChoice::tenant(TENANT).unwrap(), &["api:read"])
}

pub fn service_token_for(tenant: TenantChoice, list: &[&str]) -> Operation {
    let request = ServiceTokenRequest::new(tenant, scopes(list));
    Operation::ServiceToken { app: service("isv_service"), request, newer_than: None }
}

pub fn web() -> LoginApp {
    WebApp::new(registration(Provider::visma_connect(), "isv_web")).unwrap().into()
}

pub fn standard_web() -> LoginApp {
    let metadata = json!({
        "issuer": "https://id.example",
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
    });
    let provider = Provider::from_metadata("https://id.example", &metadata.to_string()).unwrap();
    WebApp::new(registration(provider, "isv_web")).unwrap().into()
}

pub fn session(name: &str) -> SessionId {
    SessionId::new(name).unwrap()
}

pub fn key(app: &LoginApp) -> SessionKey {
    app.session_key(session("anna"))
}

/// A login into the session `anna`, which identifies nobody.
pub fn login_request() -> LoginRequest {
    LoginRequest::new(scopes(&["offline_access", "api:read"])).session(session("anna"))
}

/// The token of the session `anna`.
pub fn session_token(app: &LoginApp) -> Operation {
    Operation::SessionToken { app: app.clone(), session: session("anna"), newer_than: None }
}

/// A token response for a service, by the name of its token.
pub fn token(name: &str) -> Value {
    json!({"access_token": name, "token_type": "Bearer", "expires_in": 3600})
}

/// A token response for a user: access and refresh token by one name.
pub fn user_tokens(name: &str) -> Value {
    json!({
        "access_token": format!("{name}-access"),
        "refresh_token": format!("{name}-refresh"),
        "token_type": "Bearer",
        "expires_in": 3600,
    })
}

pub fn error(code: &str) -> Value {
    json!({"error": code})
}

/// A session record of version 1, as it is stored.
pub fn record(members: &Value) -> SecretBytes {
    let mut record = json!({
        "v": 1,
        "access_token": "stored-access",
        "scope": "openid offline_access api:read",
        "obtained_ms": START.wall.0,
        "lifetime_s": 3600,
        "refresh_token": "stored-refresh",
    });
    for (name, value) in members.as_object().unwrap() {
        record[name] = value.clone();
    }
    SecretBytes::new(record.to_string().into_bytes())
}

/// The parameters of a token request.
pub fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    let body = request.body.as_ref().unwrap().expose_secret();
    url::form_urlencoded::parse(body).into_owned().collect()
}
