//! A login in the system's browser: the listener on loopback, and who else may come to it. Faults F030 to F040.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use grantline::{
    BrowserLogin, BrowserLoginOptions, Client, LoggedIn, LoginPage, LoginRequest, NativeApp, Registration,
    ResponseMode, Scopes,
};
use grantline_emulator::{Config, Emulator, Mode};
use support::browser::{Browser, Landing, User};
use support::{LIMIT, MODES, NATIVE, client, emulator, hold_next_answer, registration, wait_for_arrivals};

fn request() -> LoginRequest {
    LoginRequest::new(Scopes::list(["openid", "offline_access", "visma_api:read"]).unwrap())
}

fn by_hand() -> BrowserLoginOptions {
    BrowserLoginOptions::default().without_browser()
}

/// A port that no system gives to a connection by itself.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 200).unwrap() * 50;
    loop {
        let port = 20_000 + own + NEXT.fetch_add(1, Ordering::Relaxed);
        if is_free(port) {
            return port;
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

async fn native_app(client: &Client, emulator: &Emulator) -> NativeApp {
    support::native_app(client, emulator).await
}

/// A login that waits for its user, at a provider.
struct Waiting {
    emulator: Emulator,
    client: Client,
    login: BrowserLogin,
    port: u16,
}

impl Waiting {
    async fn with(mode: Mode, options: BrowserLoginOptions) -> Self {
        let (emulator, client, port) = (emulator(mode), client(), free_port());
        let app = native_app(&client, &emulator).await;
        let login = app.begin_browser_login(request(), options.port(port)).await.unwrap();
        Self { emulator, client, login, port }
    }

    async fn new() -> Self {
        Self::with(Mode::VismaConnect, by_hand()).await
    }

    /// The URL with which the browser comes back.
    async fn callback(&self, user: User) -> String {
        match Browser::new().unwrap().log_in(self.login.url(), user).await.unwrap() {
            Landing::Url(url) => url,
            other => panic!("{other:?}"),
        }
    }

    /// What the user's browser ends at: its address and the page.
    async fn come_back(&self, user: User) -> (String, String) {
        let page = open(&self.callback(user).await).await;
        assert_eq!(page.status(), 200);
        (page.url().to_string(), page.text().await.unwrap())
    }

    /// The true answer still counts, and the port is free after it.
    async fn still_works(self) -> LoggedIn {
        let (address, _) = self.come_back(User::Accepts).await;
        assert_eq!(address, format!("http://127.0.0.1:{}/callback/done", self.port));
        let done = self.login.outcome().await.unwrap();
        assert!(is_free(self.port));
        done
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends these bytes and reads until the connection ends.
    fn say(&self, bytes: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        rest(&mut stream)
    }

    fn ask(&self, method: &str, target: &str) -> String {
        let port = self.port;
        self.say(&format!(
            "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"
        ))
    }
}

/// What is still to be read; a connection that is reset has ended too.
fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8(answer).unwrap(),
    }
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_else(|| panic!("no HTTP: {answer:?}"))
}

async fn open(url: &str) -> reqwest::Response {
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    browser.get(url).send().await.unwrap()
}

#[tokio::test]
async fn a_user_logs_in_with_one_call_in_the_browser_that_is_opened() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = native_app(&client(), &emulator).await;
        let (sender, opened) = channel();
        let sender = Mutex::new(sender);
        let options = BrowserLoginOptions::default()
            .open_with(move |url| sender.lock().unwrap().send(url.to_owned()).map_err(io::Error::other));
        let logging_in = app.log_in_with_browser(request().app_data("/invoices"), options);
        let browser = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let url = opened.recv_timeout(LIMIT).unwrap();
                let landing = Browser::new().unwrap().log_in(&url, User::Accepts).await.unwrap();
                let Landing::Url(callback) = landing else { panic!("{landing:?}") };
                open(&callback).await.text().await.unwrap()
            })
        });
        let done = logging_in.await.unwrap();
        assert_eq!(done.app_data.as_deref(), Some("/invoices"));
        done.session.fresh_token().await.unwrap();
        assert!(browser.join().unwrap().contains("You are logged in"));
    }
}

#[tokio::test]
async fn a_user_who_refuses_reads_so_and_the_provider_s_error_comes_out() {
    for mode in MODES {
        let waiting = Waiting::with(mode, by_hand()).await;
        let (address, page) = waiting.come_back(User::RefusesConsent).await;
        assert!(address.ends_with("/callback/done"));
        assert!(page.contains("You are not logged in") && page.contains("access_denied"), "{page}");
        assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "access_denied");
        assert!(is_free(waiting.port));
    }
}

#[tokio::test]
async fn a_failed_exchange_is_shown_and_comes_out() {
    let waiting = Waiting::new().await;
    let refusal = r#"{"error":"invalid_client","error_description":"<script>alert(1)</script>"}"#;
    let refusal = grantline_emulator::CannedReply::json("/connect/token", 400, refusal).for_client(NATIVE);
    waiting.emulator.reply_next(refusal).unwrap();
    let (_, page) = waiting.come_back(User::Accepts).await;
    assert!(page.contains("The login failed") && page.contains("invalid_client"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "invalid_client");
}

#[tokio::test]
async fn r052_the_browser_moves_on_to_a_page_without_the_code_that_loads_nothing_and_is_not_kept() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Accepts).await;
    let target = callback.split_once(&format!(":{}", waiting.port)).unwrap().1;
    let sent_on = waiting.ask("GET", target);
    assert_eq!(status(&sent_on), "303");
    assert!(sent_on.contains("\r\nlocation: /callback/done\r\n"), "{sent_on}");
    // A browser that sends it twice is sent on twice.
    assert_eq!(status(&waiting.ask("GET", target)), "303");

    let page = open(&format!("http://127.0.0.1:{}/callback/done", waiting.port)).await;
    let header = |name: &str| page.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'unsafe-inline';"));
    let page = page.text().await.unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("prefers-color-scheme:dark"), "{page}");
    waiting.login.outcome().await.unwrap();
}

#[tokio::test]
async fn r051_nobody_is_sent_to_an_address_that_came_as_a_parameter() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Accepts).await;
    let target = callback.split_once(&format!(":{}", waiting.port)).unwrap().1;
    let elsewhere =
        format!("{target}&redirect_uri=https://evil.test/&next=https://evil.test/&url=//evil.test");
    let sent_on = waiting.ask("GET", &elsewhere);
    assert!(sent_on.contains("\r\nlocation: /callback/done\r\n") && !sent_on.contains("evil"), "{sent_on}");
    drop(open(&format!("http://127.0.0.1:{}/callback/done", waiting.port)).await);
    waiting.login.outcome().await.unwrap();
}

#[tokio::test]
async fn pages_of_the_application_s_own_are_shown() {
    let options = || {
        by_hand()
            .done_page(LoginPage::text("nb", "Du er logget inn", "Lukk vinduet."))
            .failed_page(LoginPage::html("<!doctype html><title>Nei</title>"))
    };
    let waiting = Waiting::with(Mode::VismaConnect, options()).await;
    let (_, page) = waiting.come_back(User::Accepts).await;
    assert!(page.contains("<html lang=\"nb\">") && page.contains("<p>Lukk vinduet.</p>"), "{page}");
    let waiting = Waiting::with(Mode::VismaConnect, options()).await;
    let (_, page) = waiting.come_back(User::RefusesConsent).await;
    assert_eq!(page, "<!doctype html><title>Nei</title>");
}

#[tokio::test]
async fn over_ssh_the_user_pastes_the_url_that_no_browser_could_open() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Accepts).await;
    let foreign = callback.replace("state=", "state=x");
    assert_eq!(waiting.login.paste(&foreign).unwrap_err().code(), "state_mismatch");
    let elsewhere = callback.replace("127.0.0.1", "localhost");
    assert_eq!(waiting.login.paste(&elsewhere).unwrap_err().code(), "redirect_uri_mismatch");
    assert_eq!(waiting.login.paste("").unwrap_err().code(), "state_missing");

    waiting.login.paste(&format!("  {callback}\n")).unwrap();
    waiting.login.outcome().await.unwrap().session.fresh_token().await.unwrap();
    assert!(is_free(waiting.port));
}

#[tokio::test]
async fn localhost_is_listened_on_at_both_of_its_addresses_and_at_the_registered_port() {
    let port = free_port();
    let uri = format!("http://localhost:{port}/back");
    let mut config = Config::default();
    config.application_mut(NATIVE).unwrap().redirect_uris.push(uri.clone());
    let emulator = Emulator::start(config).unwrap();
    let registration = registration(&emulator, NATIVE).await.redirect_uri(&uri);
    let app = client().native_app(registration).unwrap();
    let login = app.begin_browser_login(request(), by_hand()).await.unwrap();
    for address in ["127.0.0.1", "[::1]"] {
        let mut stream = TcpStream::connect(format!("{address}:{port}")).unwrap();
        let ask = format!("GET /back HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        assert_eq!(status(&rest(&mut stream)), "400");
    }
    let landing = Browser::new().unwrap().log_in(login.url(), User::Accepts).await.unwrap();
    let Landing::Url(callback) = landing else { panic!("{landing:?}") };
    assert!(callback.starts_with(&uri), "{callback}");
    drop(open(&callback).await);
    login.outcome().await.unwrap();
}

#[tokio::test]
async fn r232_the_other_ip_version_is_listened_on_under_its_own_name() {
    let emulator = emulator(Mode::Standard);
    let registration = registration(&emulator, NATIVE).await.redirect_uri("http://[::1]/callback");
    let app = client().native_app(registration).unwrap();
    let port = free_port();
    let login = app.begin_browser_login(request(), by_hand().port(port)).await.unwrap();
    let mut stream = TcpStream::connect(("::1", port)).unwrap();
    let ask = format!("GET /callback?code=c HTTP/1.1\r\nhost: [::1]:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    assert_eq!(status(&rest(&mut stream)), "400");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the other address stays closed");
    drop(login);
}

#[tokio::test]
async fn f030_a_flood_of_requests_to_other_paths_is_answered_404_and_the_login_waits_on() {
    let waiting = Waiting::new().await;
    for target in
        ["/", "/favicon.ico", "/callback/", "/Callback", "/callback/done", "/callback/done/x", "//callback"]
    {
        assert_eq!(status(&waiting.ask("GET", target)), "404", "{target}");
    }
    for _ in 0..300 {
        assert_eq!(status(&waiting.ask("GET", "/?code=c&state=s")), "404");
    }
    waiting.still_works().await;
}

#[tokio::test]
async fn f031_a_forged_callback_is_answered_with_an_error_page_and_the_login_waits_on() {
    let waiting = Waiting::new().await;
    let other = Waiting::new().await;
    let others = other.callback(User::Accepts).await;
    let (_, others) = others.split_once('?').unwrap();
    for (query, code) in [
        ("?code=f4k3&state=guessed", "state_mismatch"),
        ("?code=f4k3", "state_missing"),
        ("", "state_missing"),
        ("?error=access_denied&error_description=<script>alert(1)</script>&state=guessed", "state_mismatch"),
        ("?code=a&code=b&state=guessed", "duplicate_parameter"),
        (&format!("?{others}"), "state_mismatch"),
    ] {
        let page = waiting.ask("GET", &format!("/callback{}", query.replace('<', "%3C").replace('>', "%3E")));
        assert_eq!(status(&page), "400", "{code}");
        assert!(page.contains("This is not the answer to the login"), "{page}");
        assert!(!page.contains("alert") && !page.contains("f4k3"), "{page}");
    }
    waiting.still_works().await;
}

#[tokio::test]
async fn f032_a_name_that_was_made_to_lead_here_is_refused() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Accepts).await;
    let (port, query) = (waiting.port, callback.split_once('?').unwrap().1);
    let own = format!("host: 127.0.0.1:{port}");
    for host in [
        "host: evil.test".to_owned(),
        format!("host: evil.test:{port}"),
        format!("host: localhost:{port}"),
        "host: 127.0.0.1".to_owned(),
        format!("host: 127.0.0.1:{port}.evil.test"),
        format!("{own}\r\nhost: evil.test"),
        "x-forwarded-host: 127.0.0.1".to_owned(),
    ] {
        let ask = format!("GET /callback?{query} HTTP/1.1\r\n{host}\r\nconnection: close\r\n\r\n");
        assert_eq!(status(&waiting.say(&ask)), "421", "{host}");
    }
    let absolute =
        format!("GET http://evil.test/callback?{query} HTTP/1.1\r\n{own}\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&waiting.say(&absolute)), "421");
    waiting.still_works().await;
}

#[tokio::test]
async fn f033_who_sends_slowly_or_nothing_keeps_nobody_out() {
    let waiting = Waiting::new().await;
    let mut slow: Vec<TcpStream> = (0..100)
        .map(|number| {
            let mut stream = waiting.connect();
            if number % 2 == 0 {
                stream.write_all(b"G").unwrap();
            }
            stream
        })
        .collect();
    assert_eq!(rest(&mut slow[0]), "", "the oldest gives way");
    waiting.still_works().await;
    assert_eq!(rest(&mut slow[99]), "", "none is open after the end");
}

#[tokio::test]
async fn f033_a_head_that_does_not_come_in_time_ends_its_connection() {
    let waiting = Waiting::new().await;
    let mut slow = waiting.connect();
    slow.write_all(b"GET /callback HTTP/1.1\r\nhost:").unwrap();
    rest(&mut slow);
    waiting.still_works().await;
}

#[tokio::test]
async fn f034_what_is_too_long_or_no_plain_get_is_refused_and_the_login_waits_on() {
    let waiting = Waiting::new().await;
    let long = format!("/callback?code={}&state=s", "c".repeat(17 * 1024));
    assert!(matches!(status(&waiting.ask("GET", &long)), "431" | "414"));
    for method in ["POST", "OPTIONS", "HEAD", "PUT", "PROPFIND"] {
        let refused = waiting.ask(method, "/callback?code=c&state=s");
        assert_eq!(status(&refused), "405", "{method}");
        assert!(refused.contains("\r\nallow: GET\r\n"));
    }
    let port = waiting.port;
    for body in ["transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "content-length: 3\r\n\r\nabc"] {
        let ask = format!("GET /callback HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n{body}");
        assert_eq!(status(&waiting.say(&ask)), "400", "{body}");
    }
    for junk in [
        "GET /callback?code=c\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n",
        "GET /a b c HTTP/1.1\r\n\r\n",
    ] {
        let answer = waiting.say(junk);
        assert!(answer.is_empty() || status(&answer) == "400", "{answer}");
    }
    waiting.still_works().await;
}

#[tokio::test]
async fn f036_the_port_is_free_after_success_refusal_paste_cancel_shutdown_and_the_time_limit() {
    Waiting::new().await.still_works().await;

    let waiting = Waiting::new().await;
    waiting.login.cancel();
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "cancelled");
    assert!(is_free(waiting.port));

    let waiting = Waiting::new().await;
    waiting.client.shutdown().await.unwrap();
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "cancelled");
    assert!(is_free(waiting.port));

    let waiting = Waiting::with(Mode::VismaConnect, by_hand().time_limit(Duration::ZERO)).await;
    let timed_out = waiting.login.outcome().await.unwrap_err();
    assert_eq!(timed_out.code(), "login_timed_out");
    assert_eq!(timed_out.advice().name(), "log_in_again");
    assert!(timed_out.to_string().contains("errorId"), "{timed_out}");
    assert!(is_free(waiting.port));
}

#[tokio::test]
async fn f036_the_same_port_serves_one_login_after_the_other() {
    let (emulator, client, port) = (emulator(Mode::VismaConnect), client(), free_port());
    let app = native_app(&client, &emulator).await;
    for _ in 0..3 {
        let login = app.begin_browser_login(request(), by_hand().port(port)).await.unwrap();
        let landing = Browser::new().unwrap().log_in(login.url(), User::Accepts).await.unwrap();
        let Landing::Url(callback) = landing else { panic!("{landing:?}") };
        drop(open(&callback).await);
        login.outcome().await.unwrap();
    }
}

#[tokio::test]
async fn f037_a_port_that_another_program_has_is_a_typed_error_and_ours_is_not_shared() {
    let emulator = emulator(Mode::VismaConnect);
    let port = free_port();
    let others = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let app = native_app(&client(), &emulator).await;
    let taken = app.begin_browser_login(request(), by_hand().port(port)).await.unwrap_err();
    assert_eq!(taken.code(), "loopback_port_taken");
    assert!(taken.to_string().contains(&format!("127.0.0.1:{port}")), "{taken}");
    drop(others);

    let _login = app.begin_browser_login(request(), by_hand().port(port)).await.unwrap();
    assert!(!is_free(port), "one that allows sharing gets no share");
    assert!(TcpListener::bind(("0.0.0.0", port)).is_err());
}

#[tokio::test]
async fn f038_that_no_browser_opens_is_no_end_and_the_url_can_be_shown() {
    for broken in [
        by_hand(),
        by_hand().open_with(|_| Err(io::Error::other("no desktop"))),
        by_hand().open_with(|_| panic!("an opener of the application's")),
    ] {
        let waiting = Waiting::with(Mode::VismaConnect, broken).await;
        assert!(!waiting.login.browser_opened().await.unwrap());
        waiting.still_works().await;
    }
    let waiting = Waiting::with(Mode::VismaConnect, by_hand().open_with(|_| Ok(()))).await;
    assert!(waiting.login.browser_opened().await.unwrap());
}

#[tokio::test]
async fn f038_one_call_shows_the_url_where_no_browser_opens_or_fails_for_want_of_a_way_to() {
    let emulator = emulator(Mode::VismaConnect);
    let app = native_app(&client(), &emulator).await;
    let broken = || BrowserLoginOptions::default().open_with(|_| Err(io::Error::other("no desktop")));
    let failed = app.log_in_with_browser(request(), broken()).await.unwrap_err();
    assert_eq!(failed.code(), "browser_not_opened");
    assert!(failed.to_string().contains("no desktop"), "{failed}");

    let (sender, shown) = channel();
    let sender = Mutex::new(sender);
    let options = broken().time_limit(Duration::from_millis(1)).show_url(move |url| {
        let _ = sender.lock().unwrap().send(url.to_owned());
    });
    // Nobody opens it: the user closed the browser, or never had one.
    let timed_out = app.log_in_with_browser(request(), options).await.unwrap_err();
    assert_eq!(timed_out.code(), "login_timed_out");
    assert!(shown.recv_timeout(LIMIT).unwrap().starts_with(&emulator.url()));
}

#[tokio::test]
async fn f039_a_code_that_another_program_caught_is_worth_nothing_without_the_proof_key() {
    let waiting = Waiting::new().await;
    let caught = url::Url::parse(&waiting.callback(User::Accepts).await).unwrap();
    let code = caught.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let redirect_uri = format!("http://127.0.0.1:{}/callback", waiting.port);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "authorization_code"), ("client_id", NATIVE), ("code", &code)])
        .append_pair("redirect_uri", &redirect_uri)
        .finish();
    let thief = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = thief
        .post(format!("{}/connect/token", waiting.emulator.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn f040_when_everybody_has_gone_the_port_is_closed_with_its_connections() {
    let waiting = Waiting::new().await;
    let mut open = waiting.connect();
    let Waiting { login, port, .. } = waiting;
    let call = login.outcome();
    drop(login);
    assert!(!is_free(port), "somebody still waits");
    drop(call);
    assert_eq!(rest(&mut open), "");
    assert!(is_free(port));
}

#[tokio::test]
async fn f040_a_login_that_is_cancelled_in_its_exchange_ends_at_once() {
    let waiting = Waiting::new().await;
    hold_next_answer(&waiting.emulator, NATIVE);
    let callback = waiting.callback(User::Accepts).await;
    waiting.login.paste(&callback).unwrap();
    wait_for_arrivals(&waiting.emulator, NATIVE, 1);
    waiting.login.cancel();
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "cancelled");
    assert!(is_free(waiting.port));
    waiting.emulator.clear_replies();
}

#[tokio::test]
async fn several_may_wait_for_one_login_under_any_executor() {
    let waiting = Waiting::new().await;
    let (first, second) = (waiting.login.outcome(), waiting.login.clone().outcome());
    let second = std::thread::spawn(move || futures_executor::block_on(second));
    waiting.come_back(User::Accepts).await;
    let session = first.await.unwrap().session;
    assert_eq!(session.id(), second.join().unwrap().unwrap().session.id());
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_a_browser_opens() {
    let emulator = emulator(Mode::VismaConnect);
    let app = native_app(&client(), &emulator).await;
    let form_post = request().response_mode(ResponseMode::FormPost);
    let refused = app.begin_browser_login(form_post, by_hand()).await.unwrap_err();
    assert_eq!(refused.code(), "response_mode_not_query");
    let long = by_hand().time_limit(Duration::from_secs(601));
    let refused = app.begin_browser_login(request(), long).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_client_setting");

    let registration: Registration =
        registration(&emulator, NATIVE).await.redirect_uri("com.example.app:/callback");
    let app = client().native_app(registration).unwrap();
    let refused = app.begin_browser_login(request(), by_hand()).await.unwrap_err();
    assert_eq!(refused.code(), "redirect_uri_not_loopback");
}

#[tokio::test]
async fn nothing_of_a_login_is_printed_by_its_debug_output() {
    let waiting = Waiting::new().await;
    let printed = format!("{:?}", waiting.login);
    assert!(printed.contains("/callback") && !printed.contains("state"), "{printed}");
}
