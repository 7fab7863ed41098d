//! What the tests of the driver share: the emulator in both modes, and its applications.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub mod receiver;
pub mod waiting;
pub mod web;

use std::time::Duration;

use grantline::{
    Callback, Client, ClientAuthenticationMethod, ClientSecret, LoginRequest, NativeApp, Provider,
    Registration, Scopes, ServiceTokenRequest, Session, TenantChoice,
};
use grantline_emulator::{CannedReply, Config, Emulator, Mode, RequestFilter};

pub const BAKERY: &str = "11111111-1111-4111-8111-111111111111";
pub const SHIPPING: &str = "22222222-2222-4222-8222-222222222222";
pub const STRANGER: &str = "99999999-9999-4999-8999-999999999999";
pub const NATIVE: &str = "isv_native";
pub const SERVICE: &str = "isv_service";
pub const WEB_CALLBACK: &str = "https://app.example/callback";

/// Nothing that a test waits for takes so long.
pub const LIMIT: Duration = Duration::from_secs(20);

pub const MODES: [Mode; 2] = [Mode::VismaConnect, Mode::Standard];

pub fn emulator(mode: Mode) -> Emulator {
    Emulator::start(Config { mode, ..Config::default() }).unwrap()
}

/// The provider as an application of that kind of server would describe it.
pub async fn provider(emulator: &Emulator) -> Provider {
    match emulator.config().mode {
        Mode::VismaConnect => Provider::visma_connect_at(emulator.issuer()).unwrap(),
        Mode::Standard => {
            let url = format!("{}/.well-known/openid-configuration", emulator.url());
            let document = reqwest::get(url).await.unwrap().text().await.unwrap();
            Provider::from_metadata(emulator.issuer(), &document).unwrap().with_tenant_parameter("tenant_id")
        }
    }
}

pub async fn registration(emulator: &Emulator, client_id: &str) -> Registration {
    let config = emulator.config();
    let application = config.application(client_id).unwrap();
    let registration = Registration::new(provider(emulator).await, client_id);
    match &application.secret {
        Some(secret) => registration
            .client_secret(ClientSecret::new(secret.expose_secret()))
            .client_authentication(ClientAuthenticationMethod::ClientSecretBasic),
        None => registration,
    }
}

pub fn client() -> Client {
    Client::new().unwrap()
}

/// The session of a user who logged in to the native application with this client.
pub async fn session(client: &Client, emulator: &Emulator) -> Session {
    let app = native_app(client, emulator).await;
    let scopes = Scopes::list(["openid", "offline_access", "visma_api:read"]).unwrap();
    let begun = app.begin_login(LoginRequest::new(scopes)).await.unwrap();
    let landing = emulator.log_in(&begun.url, "anna@example.com").unwrap();
    let callback = Callback::url(format!("{}?{}", landing.redirect_uri, landing.response));
    app.complete_login(begun.pending, callback).await.unwrap().session
}

pub async fn native_app(client: &Client, emulator: &Emulator) -> NativeApp {
    let registration = registration(emulator, NATIVE).await.redirect_uri("http://127.0.0.1/callback");
    client.native_app(registration).unwrap()
}

pub fn service_request(tenant: &str) -> ServiceTokenRequest {
    let scopes = Scopes::list(["visma_api:read"]).unwrap();
    ServiceTokenRequest::new(TenantChoice::tenant(tenant).unwrap(), scopes)
}

/// Holds the answer to this application's next token request back until `clear_replies`.
pub fn hold_next_answer(emulator: &Emulator, client_id: &str) {
    emulator.reply_next(CannedReply::delay("/connect/token", LIMIT).for_client(client_id)).unwrap();
}

/// Waits until so many token requests of this application have arrived in all.
pub fn wait_for_arrivals(emulator: &Emulator, client_id: &str, count: usize) {
    let path = Some("/connect/token".to_owned());
    let filter = RequestFilter { client_id: Some(client_id.to_owned()), path, ..RequestFilter::default() };
    assert_eq!(emulator.wait_for_requests(&filter, count, LIMIT).len(), count);
}

pub fn refreshes(emulator: &Emulator, client_id: &str) -> usize {
    let requests = emulator.requests(client_id);
    requests.iter().filter(|request| request.grant_type.as_deref() == Some("refresh_token")).count()
}
