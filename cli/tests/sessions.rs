//! `grantline sessions`, `userinfo` and `logout`.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use serde_json::json;
use support::{ANNAS_SUBJECT, World};
use url::Url;

#[test]
fn sessions_are_listed_by_name_and_user_and_without_secrets() {
    let world = World::new();
    let none = world.run(&["sessions", "-p", "scanner"]).done();
    assert!(none.starts_with("no sessions") && none.contains("grantline login"), "{none}");
    world.log_in(&[]).done();
    world.log_in(&["--session", "anna"]).done();
    let listed = world.run(&["sessions", "-p", "scanner"]).done();
    assert_eq!(listed, format!("anna: {ANNAS_SUBJECT}\nscanner: {ANNAS_SUBJECT}\n"));
    let object = world.run(&["sessions", "-p", "scanner", "--json"]).json();
    let one = |name: &str| json!({"session": name, "issuer": world.emulator.issuer(), "subject": ANNAS_SUBJECT, "tenant_id": null});
    assert_eq!(object, json!({"profile": "scanner", "sessions": [one("anna"), one("scanner")]}));
}

#[test]
fn what_the_provider_says_of_the_user_is_printed() {
    let world = World::new();
    world.log_in(&[]).done();
    let lines = world.run(&["userinfo", "-p", "scanner"]).done();
    assert!(
        lines.contains("name: Anna Berg\n") && lines.contains(&format!("sub: {ANNAS_SUBJECT}\n")),
        "{lines}"
    );
    let object = world.run(&["userinfo", "-p", "scanner", "--json"]).json();
    assert_eq!((&object["name"], &object["sub"]), (&json!("Anna Berg"), &json!(ANNAS_SUBJECT)));
}

#[test]
fn userinfo_without_a_session_asks_for_a_login() {
    let world = World::new();
    let refused = world.run(&["userinfo", "-p", "scanner"]).refused(4);
    assert!(refused.contains("no session scanner of the profile scanner (session_unknown)"), "{refused}");
    assert!(world.run(&["userinfo"]).refused(3).contains("not_for_services"));
}

#[test]
fn a_logout_revokes_and_ends_the_session() {
    let world = World::new();
    world.log_in(&[]).done();
    let said = world.run(&["logout", "-p", "scanner"]).done();
    assert_eq!(said, "scanner: over, and its refresh token revoked\n");
    assert!(
        world.emulator.requests("isv_native").iter().any(|request| request.path == "/connect/revocation")
    );
    assert!(world.run(&["token", "-p", "scanner"]).refused(4).contains("session_ended"));
    let again = world.run(&["logout", "-p", "scanner", "--json"]).json();
    assert_eq!(
        again,
        json!({"session": "scanner", "revocation": "nothing_to_revoke", "end_session_url": null})
    );
}

#[test]
fn a_session_that_is_over_can_be_logged_in_to_again() {
    let world = World::new();
    world.log_in(&[]).done();
    world.run(&["logout", "-p", "scanner"]).done();
    world.log_in(&[]).done();
    world.run(&["token", "-p", "scanner"]).done();
}

#[test]
fn the_url_that_ends_the_provider_s_session_is_printed_alone() {
    let world = World::new();
    world.log_in(&[]).done();
    let printed = world.run(&["logout", "-p", "scanner", "--end-session-url"]).done();
    let url = Url::parse(printed.trim_end()).unwrap();
    assert_eq!(url.path(), "/connect/endsession");
    assert!(url.query_pairs().any(|(name, _)| name == "id_token_hint"));
    world.run(&["token", "-p", "scanner"]).refused(4);
    let again = world.run(&["logout", "-p", "scanner", "--end-session-url"]).done();
    assert!(again.contains("/connect/endsession?") && !again.contains("id_token_hint"), "{again}");
}

#[test]
fn a_logout_whose_revocation_fails_is_over_all_the_same() {
    let world = World::new();
    world.log_in(&[]).done();
    let support::World { emulator, folder } = world;
    emulator.stop();
    let object = folder.run(&["logout", "-p", "scanner", "--json"]).json();
    assert_eq!(object["revocation"], "failed");
    assert!(folder.run(&["token", "-p", "scanner"]).refused(4).contains("session_ended"));
}
