//! `grantline login`: by a listener on loopback, and by a pasted URL.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;
use support::{ANNA, ANNAS_SUBJECT, Login, World, get};

#[test]
fn says_who_logged_in() {
    let world = World::new();
    let said = world.log_in(&[]).done();
    assert_eq!(said, format!("logged in: {ANNAS_SUBJECT}; session scanner\n"));
}

#[test]
fn tells_in_json_who_logged_in() {
    let world = World::new();
    let object = world.log_in(&["--json", "--session", "anna"]).json();
    assert_eq!((&object["profile"], &object["session"]), (&json!("scanner"), &json!("anna")));
    assert_eq!(object["identity"]["subject"], ANNAS_SUBJECT);
    assert!(object["identity"]["claims"].is_object(), "{object}");
    assert_eq!(object["identity"]["issuer"], world.emulator.issuer());
}

#[test]
fn a_login_without_openid_says_that_nobody_was_identified() {
    let world = World::new();
    let said = world.log_in(&["--scope", "visma_api:read", "--scope", "offline_access"]).done();
    assert!(said.contains("nobody was identified"), "{said}");
    assert!(world.run(&["token", "-p", "scanner"]).done().len() > 20);
}

#[test]
fn where_there_is_no_desktop_the_url_is_shown_without_being_asked_for() {
    let world = World::new();
    let login = Login::start(world.command(&["login", "-p", "scanner"]));
    let landing = world.emulator.log_in(&login.url, ANNA).unwrap();
    let page = get(&format!("{}?{}", landing.redirect_uri, landing.response));
    assert!(page.starts_with("HTTP/1.1 "), "{page}");
    assert!(login.ended().done().starts_with(&format!("logged in: {ANNAS_SUBJECT}")));
}

#[test]
fn a_url_can_be_pasted_where_the_browser_reaches_no_port() {
    let world = World::new();
    let mut command = world.command(&["login", "-p", "scanner", "--no-browser", "--paste"]);
    command.stdin(Stdio::piped());
    let mut login = Login::start(command);
    login.wait_for("paste it here");
    login.paste("http://127.0.0.1/callback?code=x&state=guessed");
    let refused = login.wait_for("state_mismatch");
    assert!(refused.contains("paste the address"), "{refused}");
    let landing = world.emulator.log_in(&login.url, ANNA).unwrap();
    login.paste(&format!("{}?{}", landing.redirect_uri, landing.response));
    assert!(login.ended().done().starts_with(&format!("logged in: {ANNAS_SUBJECT}")));
}

#[test]
fn a_web_application_s_login_is_pasted() {
    let world = World::new();
    let mut command = world.command(&["login", "-p", "portal", "--json"]);
    command.stdin(Stdio::piped());
    let mut login = Login::start(command);
    login.wait_for("redirected_url");
    login.paste("https://app.example/callback?code=x&state=guessed");
    login.wait_for("state_mismatch");
    let landing = world.emulator.log_in(&login.url, ANNA).unwrap();
    login.paste(&format!("{}?{}", landing.redirect_uri, landing.response));
    let object = login.ended().json();
    assert_eq!(
        (&object["session"], &object["identity"]["subject"]),
        (&json!("portal"), &json!(ANNAS_SUBJECT))
    );
}

#[test]
fn a_login_whose_input_ends_is_code_4() {
    let world = World::new();
    let login = Login::start(world.command(&["login", "-p", "portal"]));
    let ended = login.ended();
    assert!(ended.code == 4 && ended.err.contains("login_not_finished"), "{ended:?}");
}

#[test]
fn a_cancelled_login_passes_on_the_provider_s_word() {
    let world = World::new();
    let login = Login::start(world.command(&["login", "-p", "scanner", "--no-browser"]));
    let (uri, state) = (login.parameter("redirect_uri"), login.parameter("state"));
    let issuer = world.emulator.issuer();
    get(&format!("{uri}?error=access_denied&state={state}&iss={issuer}"));
    let refused = login.ended().refused(4);
    assert!(refused.contains("access_denied"), "{refused}");
    assert!(refused.ends_with("; log in again with `grantline login --profile scanner`\n"), "{refused}");
}

#[test]
fn a_user_who_does_not_come_back_is_not_waited_for() {
    let world = World::new();
    let login = Login::start(world.command(&["login", "-p", "scanner", "--no-browser", "--timeout", "1"]));
    let refused = login.ended().refused(4);
    assert!(refused.contains("login_timed_out"), "{refused}");
}

#[test]
fn a_value_that_an_option_does_not_take_is_named_with_its_option() {
    let world = World::new();
    for (command, option, value) in [
        ("login", "--timeout", "601"),
        ("login", "--scope", "a b"),
        ("login", "--session", ""),
        ("login", "--tenant", ""),
        ("token", "--tenant", "bakery"),
        ("token", "--scope", "a b"),
        ("request", "--tenant", "bakery"),
    ] {
        let error = world.run(&[command, "-p", "scanner", "--json", option, value]).refused_in_json(2);
        let said = error["message"].as_str().unwrap();
        assert!(error["code"] == "usage_invalid" && said.contains(option), "{error}");
    }
}

#[test]
fn a_port_in_use_is_named_in_one_line() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let refused = world.run(&["login", "-p", "scanner", "--no-browser", "--port", &port]).refused(3);
    assert!(refused.contains("loopback_port_taken") && refused.contains(&port), "{refused}");
    assert!(refused.contains("choose another port with --port"), "{refused}");
}

#[test]
fn what_the_user_is_asked_to_do_goes_along() {
    let world = World::new();
    let arguments = [
        "login",
        "-p",
        "scanner",
        "--no-browser",
        "--prompt",
        "login",
        "--prompt",
        "consent",
        "--login-hint",
        "anna",
        "--tenant",
        support::BAKERY,
        "--max-age",
        "60",
        "--acr-values",
        "a b",
        "--timeout",
        "1",
    ];
    let login = Login::start(world.command(&arguments));
    for (name, value) in [
        ("prompt", "login consent"),
        ("login_hint", "anna"),
        ("tenant_hint", support::BAKERY),
        ("max_age", "60"),
        ("acr_values", "a b"),
    ] {
        assert_eq!(login.parameter(name), value, "{name}");
    }
    login.ended().refused(4);
}

#[test]
fn nobody_logs_in_to_a_service() {
    let world = World::new();
    let refused = world.run(&["login"]).refused(3);
    assert!(refused.contains("not_for_services"), "{refused}");
}
