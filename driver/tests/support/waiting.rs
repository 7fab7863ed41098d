//! A login in the system's browser that waits for its user, and raw requests to its port.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};

use grantline::{BrowserLogin, BrowserLoginOptions, Client, LoggedIn, LoginRequest, Scopes};
use grantline_emulator::{Emulator, Mode};
use grantline_scripted_browser::{Browser, Landing, User};

use super::{LIMIT, client, emulator, native_app};

pub fn request() -> LoginRequest {
    LoginRequest::new(Scopes::list(["openid", "offline_access", "visma_api:read"]).unwrap())
}

pub fn by_hand() -> BrowserLoginOptions {
    BrowserLoginOptions::default().without_browser()
}

/// A port that no system gives to a connection by itself.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 200).unwrap() * 50;
    loop {
        let port = 20_000 + own + NEXT.fetch_add(1, Ordering::Relaxed);
        if is_free(port) {
            return port;
        }
    }
}

pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A login that waits for its user, at a provider.
pub struct Waiting {
    pub emulator: Emulator,
    pub client: Client,
    pub login: BrowserLogin,
    pub port: u16,
}

impl Waiting {
    pub async fn with(mode: Mode, options: BrowserLoginOptions) -> Self {
        let (emulator, client, port) = (emulator(mode), client(), free_port());
        let app = native_app(&client, &emulator).await;
        let login = app.begin_browser_login(request(), options.port(port)).await.unwrap();
        Self { emulator, client, login, port }
    }

    pub async fn new() -> Self {
        Self::with(Mode::VismaConnect, by_hand()).await
    }

    /// The URL with which the browser comes back.
    pub async fn callback(&self, user: User) -> String {
        match Browser::new().unwrap().go_through(self.login.url(), user).await.unwrap() {
            Landing::Url(url) => url,
            other => panic!("{other:?}"),
        }
    }

    /// What the user's browser ends at: its address and the page.
    pub async fn come_back(&self, user: User) -> (String, String) {
        let page = open(&self.callback(user).await).await;
        assert_eq!(page.status(), 200);
        (page.url().to_string(), page.text().await.unwrap())
    }

    /// The true answer still counts, and the port is free after it.
    pub async fn still_works(self) -> LoggedIn {
        let (address, _) = self.come_back(User::Anna).await;
        assert_eq!(address, format!("http://127.0.0.1:{}/callback/done", self.port));
        let done = self.login.outcome().await.unwrap();
        assert!(is_free(self.port));
        done
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends these bytes and reads until the connection ends.
    pub fn say(&self, bytes: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        rest(&mut stream)
    }

    pub fn ask(&self, method: &str, target: &str) -> String {
        let port = self.port;
        self.say(&format!(
            "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"
        ))
    }
}

/// What is still to be read; a connection that is reset has ended too.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8(answer).unwrap(),
    }
}

pub fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_else(|| panic!("no HTTP: {answer:?}"))
}

pub async fn open(url: &str) -> reqwest::Response {
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    browser.get(url).send().await.unwrap()
}
