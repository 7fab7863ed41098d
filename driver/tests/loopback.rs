//! The listener of a login in the system's browser, and who else may come to it: faults F030 to F040.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use grantline_emulator::{Config, Emulator, Mode};
use grantline_scripted_browser::{Browser, Landing, User};
use support::waiting::{Waiting, by_hand, free_port, is_free, open, request, rest, status};
use support::{NATIVE, client, emulator, hold_next_answer, native_app, registration, wait_for_arrivals};

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
    let landing = Browser::new().unwrap().go_through(login.url(), User::Anna).await.unwrap();
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
    let others = other.callback(User::Anna).await;
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
    let callback = waiting.callback(User::Anna).await;
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
    waiting.come_back(User::AnnaWhoCancels).await;
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "access_denied");
    assert!(is_free(waiting.port));

    let waiting = Waiting::new().await;
    let callback = waiting.callback(User::Anna).await;
    waiting.login.paste(&callback).unwrap();
    waiting.login.outcome().await.unwrap();
    assert!(is_free(waiting.port));

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
        let landing = Browser::new().unwrap().go_through(login.url(), User::Anna).await.unwrap();
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

fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
}

/// What the provider says to another program that caught a callback, and tries it with this proof key.
async fn tried_by_a_thief(waiting: &Waiting, callback: &str, verifier: Option<&str>) -> String {
    let redirect_uri = format!("http://127.0.0.1:{}/callback", waiting.port);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "authorization_code"), ("client_id", NATIVE)])
        .extend_pairs([("code", parameter(callback, "code")), ("redirect_uri", redirect_uri)])
        .extend_pairs(verifier.map(|verifier| ("code_verifier", verifier)))
        .finish();
    let thief = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = thief
        .post(format!("{}/connect/token", waiting.emulator.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    answer.text().await.unwrap()
}

#[tokio::test]
async fn f039_a_code_that_another_program_caught_is_worth_nothing_without_the_proof_key() {
    let waiting = Waiting::new().await;
    // All that goes through the browser is known to it.
    assert_eq!(parameter(waiting.login.url(), "code_challenge_method"), "S256");
    let challenge = parameter(waiting.login.url(), "code_challenge");
    for verifier in [None, Some(challenge.as_str())] {
        let caught = waiting.callback(User::Anna).await;
        let refused = tried_by_a_thief(&waiting, &caught, verifier).await;
        assert!(refused.contains("invalid_grant") && !refused.contains("access_token"), "{refused}");
    }
    // Who has the key gets in with a code of the same login.
    waiting.still_works().await;
}

#[tokio::test]
async fn f039_a_login_whose_code_another_program_has_tried_fails_and_leaves_no_session() {
    let waiting = Waiting::new().await;
    let caught = waiting.callback(User::Anna).await;
    tried_by_a_thief(&waiting, &caught, None).await;
    drop(open(&caught).await);
    let refused = waiting.login.outcome().await.unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.advice().name()), ("invalid_grant", "log_in_again"));
    assert!(is_free(waiting.port));
    let app = native_app(&waiting.client, &waiting.emulator).await;
    assert!(app.sessions(None, 10).await.unwrap().is_empty());
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
    let callback = waiting.callback(User::Anna).await;
    waiting.login.paste(&callback).unwrap();
    wait_for_arrivals(&waiting.emulator, NATIVE, 1);
    waiting.login.cancel();
    assert_eq!(waiting.login.outcome().await.unwrap_err().code(), "cancelled");
    assert!(is_free(waiting.port));
    waiting.emulator.clear_replies();
}
