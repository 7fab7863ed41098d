//! The main job from start to end, against the emulator whose address is in `GRANTLINE_EMULATOR_URL`:
//! a service token for a tenant; a login through the consent page, the exchange, a call of the protected API, a
//! refresh. Run it by `cargo xtask demo rust`.

#![allow(clippy::print_stdout, reason = "it is a transcript")]

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/support/browser.rs"]
mod browser;

use std::error::Error;

use browser::{Browser, Landing, User};
use grantline::{
    Binding, Callback, Client, ClientSecret, LoginRequest, Provider, Registration, ResponseMode, Scopes,
    ServiceTokenRequest, Session, TenantChoice,
};

/// "Fjord Bakery AS" in the emulator's default configuration.
const TENANT: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRANTLINE_EMULATOR_URL").map_err(|_| "GRANTLINE_EMULATOR_URL is not set")?;
    let client = Client::new()?;
    service_token(&client, &url).await?;
    let session = login(&client, &url).await?;
    refresh(&session).await
}

async fn service_token(client: &Client, url: &str) -> Result<(), Box<dyn Error>> {
    println!("A service integration asks for a token of one customer");
    let registration = Registration::new(Provider::visma_connect_at(url)?, "isv_service")
        .client_secret(ClientSecret::new("service-secret"));
    let app = client.service_app(registration)?;
    let scopes = Scopes::list(["visma_api:read"])?;
    let token = app.token(ServiceTokenRequest::new(TenantChoice::tenant(TENANT)?, scopes)).await?;
    println!("  token {} with scope {}", redacted(token.expose_secret()), token.scopes());
    println!("  the API answers {}", call_api(url, token.expose_secret()).await?);
    Ok(())
}

async fn login(client: &Client, url: &str) -> Result<Session, Box<dyn Error>> {
    println!("A user logs in to a web application");
    let registration = Registration::new(Provider::visma_connect_at(url)?, "isv_web")
        .client_secret(ClientSecret::new("web:secret+100%25&more"))
        .redirect_uri("https://app.example/callback");
    let app = client.web_app(registration)?;
    let scopes = Scopes::list(["openid", "offline_access", "visma_api:read"])?;
    let request = LoginRequest::new(scopes).response_mode(ResponseMode::FormPost).app_data("/invoices");
    let begun = app.begin_login(request).await?;
    let cookie = begun.binding.ok_or("a web login has a binding")?;
    println!("  the browser goes to {}...", begun.url.split('?').next().unwrap_or_default());

    let Landing::FormPost { action, body } = Browser::new()?.log_in(&begun.url, User::Accepts).await? else {
        return Err("the login did not come back by form_post".into());
    };
    println!("  anna logs in, gives access, and is posted back to {action}");

    let binding = Binding::cookie_value(cookie.expose_value());
    let done = app.complete_login(begun.pending, Callback::form_post(body), binding).await?;
    println!("  the code is exchanged; the session {} is kept", redacted(done.session.id().as_str()));
    println!("  the application goes on at {}", done.app_data.unwrap_or_default());
    let token = done.session.fresh_token().await?;
    println!("  the API answers {}", call_api(url, token.expose_secret()).await?);
    Ok(done.session)
}

async fn refresh(session: &Session) -> Result<(), Box<dyn Error>> {
    println!("The session's token is refreshed: 16 callers at once, 15 of them give up");
    let before = session.fresh_token().await?;
    let mut callers: Vec<_> = (0..16).map(|_| session.refresh()).collect();
    let last = callers.pop().ok_or("there are 16 callers")?;
    drop(callers);
    let token = last.await?;
    println!("  token {} replaces {}", redacted(token.expose_secret()), redacted(before.expose_secret()));
    println!("  rotation {} of this grant", token.generation().0);
    Ok(())
}

async fn call_api(url: &str, token: &str) -> Result<String, Box<dyn Error>> {
    let request = reqwest::Client::new().get(format!("{url}/api/invoices"));
    let response = request.header("authorization", format!("Bearer {token}")).send().await?;
    match response.status().as_u16() {
        200 => {
            let answer: serde_json::Value = serde_json::from_str(&response.text().await?)?;
            let count = answer["invoices"].as_array().map_or(0, Vec::len);
            Ok(format!(
                "200, with {count} invoices of {}",
                answer["tenant_name"].as_str().unwrap_or_default()
            ))
        }
        status => Err(format!("the API answered {status}").into()),
    }
}

/// Enough of a secret to tell it from another.
fn redacted(secret: &str) -> String {
    format!("...{}", &secret[secret.len().saturating_sub(6)..])
}
