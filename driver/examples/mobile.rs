//! The login of a phone, without one, against the emulator whose address is the argument.
//!
//! On a phone the system opens the URL in a tab of its browser (Custom Tabs, `ASWebAuthenticationSession`), and hands the
//! redirect to the application's own scheme over as text. Here a scripted browser is the tab. All else is what the
//! application does, by methods that have the same names in Kotlin and Swift. Run it by
//! `cargo run -p grantline --example mobile http://127.0.0.1:4455`.

#![allow(clippy::print_stdout, reason = "it is a transcript")]

use std::error::Error;

use grantline::{
    ApiOrigins, Callback, Client, LoginRequest, NativeApp, Provider, Registration, Scopes, Session,
};
use grantline_scripted_browser::{Browser, Landing, User};

const REDIRECT_URI: &str = "com.example.app:/callback";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("say where the emulator is, such as http://127.0.0.1:4455")?;
    let client = Client::new()?;
    let registration =
        Registration::new(Provider::visma_connect_at(&url)?, "isv_native").redirect_uri(REDIRECT_URI);
    let app = client.native_app(registration)?;
    let session = log_in(&app).await?;
    println!("the API answers {}", call_api(&session, &url).await?);
    Ok(client.shutdown().await?)
}

async fn log_in(app: &NativeApp) -> Result<Session, Box<dyn Error>> {
    let scopes = Scopes::list(["openid", "offline_access", "visma_api:read"])?;
    let begun = app.begin_login(LoginRequest::new(scopes)).await?;
    println!("the system's tab opens {}", begun.url.split('?').next().unwrap_or_default());

    let Landing::Url(redirect) = Browser::new()?.go_through(&begun.url, User::Anna).await? else {
        return Err("the login did not come back to the application's scheme".into());
    };
    println!("anna logs in, and the system hands over {}", redirect.split('?').next().unwrap_or_default());

    let done = app.complete_login(begun.pending, Callback::url(redirect)).await?;
    Ok(done.session)
}

async fn call_api(session: &Session, url: &str) -> Result<String, Box<dyn Error>> {
    let api = session.api(ApiOrigins::new([url])?);
    let http = reqwest::Client::new();
    let answer = api.send(&http, http.get(format!("{url}/api/invoices")).build()?).await?;
    Ok(format!("{}: {}", answer.response.status(), answer.response.text().await?))
}
