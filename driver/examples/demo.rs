//! The main job from start to end, against the emulator whose address is in `GRANTLINE_EMULATOR_URL`:
//! a service token for a tenant; a login through the consent page, the exchange, a call of the protected API, a
//! refresh; then a second process, which goes on with the session of the first and ends it. Run it by
//! `cargo xtask demo rust`.

#![allow(clippy::print_stdout, reason = "it is a transcript")]

use std::error::Error;
use std::path::Path;
use std::process::Command;

use grantline::{
    Binding, Callback, Client, ClientSecret, LoginRequest, Provider, Registration, ResponseMode, Revocation,
    Scopes, ServiceTokenRequest, Session, SessionId, Store, TenantChoice, WebApp, sealing_keys,
};
use grantline_scripted_browser::{Browser, Landing, User};
use tempfile::TempDir;

/// "Fjord Bakery AS" in the emulator's default configuration.
const TENANT: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRANTLINE_EMULATOR_URL").map_err(|_| "GRANTLINE_EMULATOR_URL is not set")?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => first_process(&url).await,
        [folder, session] => second_process(&url, Path::new(folder), session).await,
        _ => Err("the second process is told a folder and a session".into()),
    }
}

async fn first_process(url: &str) -> Result<(), Box<dyn Error>> {
    let folder = TempDir::new()?;
    sealing_keys::create_file(folder.path().join("sealing.key"))?;
    let client = open(folder.path())?;
    service_token(&client, url).await?;
    let session = login(&client, url).await?;
    refresh(&session).await?;
    client.shutdown().await?;
    println!("The process ends, and another one starts");
    let program = std::env::current_exe()?;
    match Command::new(program).arg(folder.path()).arg(session.id().as_str()).status()?.success() {
        true => Ok(()),
        false => Err("the second process failed".into()),
    }
}

/// What a restart finds: the sessions in an SQLite file, sealed with the key of another file.
async fn second_process(url: &str, folder: &Path, session: &str) -> Result<(), Box<dyn Error>> {
    let client = open(folder)?;
    let session = web_app(&client, url)?.session(SessionId::new(session)?);
    let token = session.fresh_token().await?;
    println!(
        "  it has rotation {} of the grant, and its token {}",
        token.generation().0,
        redacted(token.expose_secret())
    );
    println!("  the API answers {}", call_api(url, token.expose_secret()).await?);
    let token = session.refresh().await?;
    println!("  it refreshes: rotation {}, token {}", token.generation().0, redacted(token.expose_secret()));
    match session.end().await? {
        Revocation::Done => println!("  anna logs out: the session has ended, here and at the provider"),
        other => return Err(format!("the refresh token was not revoked: {other:?}").into()),
    }
    Ok(client.shutdown().await?)
}

/// A client whose sessions outlive it.
fn open(folder: &Path) -> Result<Client, Box<dyn Error>> {
    let keys = sealing_keys::from_file(folder.join("sealing.key"))?;
    let store = Store::sqlite(folder.join("sessions.sqlite"))?;
    Ok(Client::builder().store(store).sealing_keys(keys).build()?)
}

fn web_app(client: &Client, url: &str) -> Result<WebApp, Box<dyn Error>> {
    let registration = Registration::new(Provider::visma_connect_at(url)?, "isv_web")
        .client_secret(ClientSecret::new("web:secret+100%25&more"))
        .redirect_uri("https://app.example/callback");
    Ok(client.web_app(registration)?)
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
    let app = web_app(client, url)?;
    let scopes = Scopes::list(["openid", "offline_access", "visma_api:read"])?;
    let request = LoginRequest::new(scopes).response_mode(ResponseMode::FormPost).app_data("/invoices");
    let begun = app.begin_login(request).await?;
    let cookie = begun.binding.ok_or("a web login has a binding")?;
    println!("  the browser goes to {}...", begun.url.split('?').next().unwrap_or_default());

    let Landing::FormPost(form) = Browser::new()?.go_through(&begun.url, User::Anna).await? else {
        return Err("the login did not come back by form_post".into());
    };
    println!("  anna logs in, gives access, and is posted back to {}", form.action);

    let binding = Binding::cookie_value(cookie.expose_value());
    let done = app.complete_login(begun.pending, Callback::form_post(form.body()), binding).await?;
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
