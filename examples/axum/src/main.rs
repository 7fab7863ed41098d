//! A web application whose users log in with Visma Connect.
//!
//! Any number of these processes may stand behind one address: what they have to know of each other is in two files of
//! the folder `DATA`. `login` and `logout` are the way in and the way out, `portal` is what is protected.
//!
//! ```text
//! BASE_URL       where browsers reach it: https, or http://localhost while it is being written
//! CLIENT_ID, CLIENT_SECRET
//!                the application's, from the Developer Portal, where these are registered: the redirect URI
//!                BASE_URL/callback, the post-logout redirect URI BASE_URL/signed-out, and the back-channel logout
//!                URI BASE_URL/backchannel-logout
//! ISSUER         https://connect.visma.com, or that of `grantline emulator`
//! API_URL        the origin of the API that has the invoices
//! DATA           a folder for its files, on a local disk
//! SEALING_KEY    32 random bytes in base64, which seal what is in the store
//! LISTEN         an address and port; a port of 0 takes a free one
//! ```

mod cookies;
mod failure;
mod login;
mod logout;
mod pages;
mod portal;
mod sessions;

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post};
use grantline::{ApiOrigins, Client, ClientSecret, Provider, Registration, Store, WebApp, sealing_keys};
use tokio::net::TcpListener;

use sessions::WebSessions;

/// More than the longest callback and logout token.
const LONGEST_BODY: usize = 128 * 1024;

/// What all handlers share.
struct Site {
    app: WebApp,
    sessions: WebSessions,
    http: reqwest::Client,
    api_url: String,
    api_origins: ApiOrigins,
    base_url: String,
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it says where it listens")]
async fn main() -> Result<(), Box<dyn Error>> {
    let data = PathBuf::from(setting("DATA")?);
    let client = Client::builder()
        .store(Store::sqlite(data.join("grantline.db"))?)
        .sealing_keys(sealing_keys::from_environment("SEALING_KEY")?)
        .build()?;
    let site = Site::open(&client, WebSessions::open(&data.join("portal.db"))?)?;
    let listener = TcpListener::bind(setting("LISTEN")?).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes(site)).with_graceful_shutdown(interrupted()).await?;
    // What was sent to the provider is answered and saved before the process ends.
    Ok(client.shutdown().await?)
}

impl Site {
    fn open(client: &Client, sessions: WebSessions) -> Result<Self, Box<dyn Error>> {
        let base_url = setting("BASE_URL")?;
        let provider = Provider::visma_connect_at(&setting("ISSUER")?)?;
        let registration = Registration::new(provider, setting("CLIENT_ID")?)
            .client_secret(ClientSecret::new(setting("CLIENT_SECRET")?))
            .redirect_uri(format!("{base_url}/callback"));
        let api_url = setting("API_URL")?;
        Ok(Self {
            app: client.web_app(registration)?,
            sessions,
            http: reqwest::Client::new(),
            api_origins: ApiOrigins::new([&api_url])?,
            api_url,
            base_url,
        })
    }
}

fn routes(site: Site) -> Router {
    Router::new()
        .route("/", get(portal::home))
        .route("/invoices", get(portal::invoices))
        .route("/login", get(login::begin))
        .route("/callback", get(login::complete).post(login::complete))
        .route("/logout", post(logout::begin))
        .route("/signed-out", get(logout::signed_out))
        .route("/backchannel-logout", post(logout::told_by_the_provider))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(map_response(pages::locked_down))
        .with_state(Arc::new(site))
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

async fn interrupted() {
    // Without a handler the system ends the process by itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
