//! An emulator, and processes of the example behind one address.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use grantline_emulator::{Config, Emulator};
use grantline_scripted_browser::{Browser, Form, Landing, Page, User};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

const CLIENT_ID: &str = "isv_web";
const SEALING_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub struct World {
    pub emulator: Emulator,
    /// Where browsers reach the application. Another site than the emulator's, which is at 127.0.0.1.
    pub base_url: String,
    front: Front,
    servers: Vec<Server>,
    data: TempDir,
}

impl World {
    /// So many processes of the example, the first of which serves.
    pub async fn with_servers(count: usize) -> Self {
        let front = Front::open().await;
        let base_url = format!("http://localhost:{}", front.address.port());
        let emulator = Emulator::start(config(&base_url)).unwrap();
        let data = TempDir::new().unwrap();
        let servers: Vec<Server> =
            (0..count).map(|_| Server::start(&settings(&emulator, &base_url, &data))).collect();
        front.lead_to(servers[0].address);
        Self { emulator, base_url, front, servers, data }
    }

    /// From now on that one serves.
    pub fn serve_by(&self, index: usize) {
        self.front.lead_to(self.servers[index].address);
    }

    /// Ten hours go by.
    pub fn all_sessions_are_over(&self) {
        self.table("portal.db").execute("UPDATE sessions SET ends_at = 0", []).unwrap();
    }

    /// How many sessions the application has.
    pub fn sessions(&self) -> u32 {
        self.table("portal.db").query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap()
    }

    /// What the store has of the first login's grant cannot be read any more.
    pub fn damage_the_first_grant(&self) {
        let query = "SELECT grant_id FROM sessions ORDER BY rowid LIMIT 1";
        let grant: String = self.table("portal.db").query_row(query, [], |row| row.get(0)).unwrap();
        let damage = "UPDATE record SET bytes = x'00' WHERE name = ?";
        assert_eq!(self.table("grantline.db").execute(damage, [grant]).unwrap(), 1);
    }

    fn table(&self, file: &str) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data.path().join(file)).unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// Logs in, from this URL of the application to the form that the provider has the browser post to it.
pub async fn log_in_up_to_the_callback(browser: &mut Browser, url: &str, user: User) -> Form {
    let landing = browser.go_through(url, user).await.unwrap();
    let Landing::Url(provider) = landing else { panic!("{landing:?}") };
    let landing = browser.go_through(&provider, user).await.unwrap();
    let Landing::FormPost(callback) = landing else { panic!("{landing:?}") };
    callback
}

/// Logs in: the page of the application where that ends.
pub async fn log_in(browser: &mut Browser, url: &str, user: User) -> Page {
    let callback = log_in_up_to_the_callback(browser, url, user).await;
    browser.submit(&callback).await.unwrap()
}

fn config(base_url: &str) -> Config {
    let mut config = Config::default();
    let application = config.application_mut(CLIENT_ID).unwrap();
    application.redirect_uris = vec![format!("{base_url}/callback")];
    application.post_logout_redirect_uris = vec![format!("{base_url}/signed-out")];
    application.backchannel_logout_uri = Some(format!("{base_url}/backchannel-logout"));
    config
}

fn settings(emulator: &Emulator, base_url: &str, data: &TempDir) -> Vec<(&'static str, String)> {
    let secret = emulator.config().application(CLIENT_ID).unwrap().secret.clone().unwrap();
    vec![
        ("BASE_URL", base_url.to_owned()),
        ("CLIENT_ID", CLIENT_ID.to_owned()),
        ("CLIENT_SECRET", secret.expose_secret().to_owned()),
        ("ISSUER", emulator.issuer().to_owned()),
        ("API_URL", emulator.url()),
        ("DATA", data.path().display().to_string()),
        ("SEALING_KEY", SEALING_KEY.to_owned()),
        ("LISTEN", "127.0.0.1:0".to_owned()),
    ]
}

/// The application's address, which leads to one process or another as a load balancer does.
struct Front {
    address: SocketAddr,
    server: Arc<Mutex<Option<SocketAddr>>>,
}

impl Front {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Self { address: listener.local_addr().unwrap(), server: Arc::default() };
        let server = Arc::clone(&front.server);
        tokio::spawn(async move {
            while let Ok((mut browser, _)) = listener.accept().await {
                let Some(address) = *server.lock().unwrap() else { continue };
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(address).await?;
                    tokio::io::copy_bidirectional(&mut browser, &mut server).await
                });
            }
        });
        front
    }

    fn lead_to(&self, address: SocketAddr) {
        *self.server.lock().unwrap() = Some(address);
    }
}

/// A process of the example; it ends when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// It answers when this returns.
    fn start(settings: &[(&str, String)]) -> Self {
        let program = env!("CARGO_BIN_EXE_grantline-example-axum");
        let mut child = Command::new(program)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
