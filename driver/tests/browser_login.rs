//! A login in the system's browser, as its user and its caller see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use grantline::{BrowserLoginOptions, LoginPage, Registration, ResponseMode};
use grantline_emulator::Mode;
use grantline_scripted_browser::{Browser, Landing, User};
use support::waiting::{Waiting, by_hand, is_free, open, request, status};
use support::{LIMIT, MODES, NATIVE, client, emulator, native_app, registration};

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
                let landing = Browser::new().unwrap().go_through(&url, User::Anna).await.unwrap();
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
        let (address, page) = waiting.come_back(User::AnnaWhoCancels).await;
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
    let (_, page) = waiting.come_back(User::Anna).await;
    assert!(page.contains("The login failed") && page.contains("invalid_client"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "invalid_client");
}

#[tokio::test]
async fn r052_the_browser_moves_on_to_a_page_without_the_code_that_loads_nothing_and_is_not_kept() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Anna).await;
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
    let callback = waiting.callback(User::Anna).await;
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
    let (_, page) = waiting.come_back(User::Anna).await;
    assert!(page.contains("<html lang=\"nb\">") && page.contains("<p>Lukk vinduet.</p>"), "{page}");
    let waiting = Waiting::with(Mode::VismaConnect, options()).await;
    let (_, page) = waiting.come_back(User::AnnaWhoCancels).await;
    assert_eq!(page, "<!doctype html><title>Nei</title>");
}

#[tokio::test]
async fn over_ssh_the_user_pastes_the_url_that_no_browser_could_open() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Anna).await;
    let foreign = callback.replace("state=", "state=x");
    assert_eq!(waiting.login.paste(&foreign).unwrap_err().code(), "state_mismatch");
    let elsewhere = callback.replace("127.0.0.1", "localhost");
    assert_eq!(waiting.login.paste(&elsewhere).unwrap_err().code(), "redirect_uri_mismatch");
    for junk in ["", "\n", "no", "https://connect.visma.com/", &callback[..callback.find('?').unwrap()]] {
        let refused = waiting.login.paste(junk).unwrap_err();
        assert_eq!(refused.code(), "pasted_no_callback", "{junk:?}");
        let expected = format!("from \"http://127.0.0.1:{}/callback\" to its end", waiting.port);
        assert!(refused.to_string().contains(&expected), "{refused}");
    }

    waiting.login.paste(&format!("  {callback}\n")).unwrap();
    waiting.login.outcome().await.unwrap().session.fresh_token().await.unwrap();
    assert!(is_free(waiting.port));
}

#[tokio::test]
async fn a_url_that_was_not_pasted_whole_is_asked_for_again_and_the_login_waits_on() {
    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Anna).await;
    let parameters = callback.split_once('?').unwrap().1.split('#').next().unwrap();
    let state = parameters.split('&').find(|parameter| parameter.starts_with("state=")).unwrap();
    let without_code = format!("http://127.0.0.1:{}/callback?{state}", waiting.port);
    let with_code = format!("{without_code}&code=x");
    for (pasted, code) in [
        (&without_code, "issuer_missing"),
        (&format!("{without_code}&iss={}", waiting.emulator.url()), "pasted_no_callback"),
        (&with_code, "issuer_missing"),
    ] {
        assert_eq!(waiting.login.paste(pasted).unwrap_err().code(), code, "{pasted}");
    }
    waiting.login.paste(&callback).unwrap();
    waiting.login.outcome().await.unwrap();
}

#[tokio::test]
async fn what_stands_around_a_pasted_url_does_no_harm() {
    for (before, after) in [("\"", "\""), ("'", "'\r\n"), ("<", ">"), (" \u{201c}", "\u{201d} "), ("`", "`")]
    {
        let waiting = Waiting::new().await;
        let callback = waiting.callback(User::Anna).await;
        waiting.login.paste(&format!("{before}{callback}{after}")).unwrap();
        waiting.login.outcome().await.unwrap();
    }
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
    let login = app.begin_browser_login(request(), broken()).await.unwrap();
    let failed = login.require_browser().await.unwrap_err();
    assert_eq!(failed.code(), "browser_not_opened");
    for said in ["no desktop", "show_url (showUrl in Kotlin, showURL in Swift)"] {
        assert!(failed.to_string().contains(said), "{failed}");
    }

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

/// Runs itself again: what a process prints on standard error is seen from outside.
#[test]
fn f038_one_call_prints_the_url_on_standard_error_where_nothing_shows_it() {
    const PRINTS: &str = "GRANTLINE_TEST_PRINTS_THE_URL";
    if std::env::var_os(PRINTS).is_some() {
        return log_in_where_no_browser_opens();
    }
    let test = "f038_one_call_prints_the_url_on_standard_error_where_nothing_shows_it";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let printed = child.args([test, "--exact"]).env(PRINTS, "1").output().unwrap();
    let told = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success(), "{told}");
    let line =
        told.lines().find_map(|line| line.strip_prefix("Open this URL in a browser to log in: ")).unwrap();
    assert!(line.starts_with("http://127.0.0.1:") && line.contains("state="), "{line}");
}

fn log_in_where_no_browser_opens() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let emulator = emulator(Mode::VismaConnect);
        let app = native_app(&client(), &emulator).await;
        let options = by_hand().time_limit(Duration::from_millis(1));
        let timed_out = app.log_in_with_browser(request(), options).await.unwrap_err();
        assert_eq!(timed_out.code(), "login_timed_out");
    });
}

#[tokio::test]
async fn a_login_that_succeeded_is_never_told_as_cancelled() {
    for end in
        [|waiting: &Waiting| waiting.login.cancel(), |waiting: &Waiting| drop(waiting.client.shutdown())]
    {
        let waiting = Waiting::new().await;
        let app = native_app(&waiting.client, &waiting.emulator).await;
        let callback = waiting.callback(User::Anna).await;
        let target = callback.split_once(&format!(":{}", waiting.port)).unwrap().1;
        assert_eq!(status(&waiting.ask("GET", target)), "303");
        // The browser never asks for the page to which it was sent on.
        while app.sessions(None, 10).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        // Whatever the engine had to tell before this answer, it has told.
        let saved = app.sessions(None, 10).await.unwrap();
        end(&waiting);
        assert_eq!(waiting.login.outcome().await.unwrap().session.id(), &saved[0]);
        assert!(is_free(waiting.port));
    }
}

#[tokio::test]
async fn several_may_wait_for_one_login_under_any_executor() {
    let waiting = Waiting::new().await;
    let (first, second) = (waiting.login.outcome(), waiting.login.clone().outcome());
    let second = std::thread::spawn(move || futures_executor::block_on(second));
    waiting.come_back(User::Anna).await;
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
