//! What the tests of the driver share: the emulator in both modes, its applications, a scripted browser.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub mod browser;

use grantline::{Client, ClientAuthenticationMethod, ClientSecret, Provider, Registration};
use grantline_emulator::{Config, Emulator, Mode};

pub const BAKERY: &str = "11111111-1111-4111-8111-111111111111";
pub const SHIPPING: &str = "22222222-2222-4222-8222-222222222222";
pub const STRANGER: &str = "99999999-9999-4999-8999-999999999999";
pub const WEB_CALLBACK: &str = "https://app.example/callback";

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
    let application = emulator.config().application(client_id).unwrap();
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
