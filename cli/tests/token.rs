//! `grantline token`: of services and of sessions.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::time::Duration;

use grantline_emulator::{Config, Mode};
use support::{BAKERY, PROFILES, World};

#[test]
fn prints_the_token_and_nothing_else() {
    let world = World::new();
    let printed = world.run(&["token"]).done();
    let token = printed.strip_suffix('\n').unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
    assert!(!token.contains(char::is_whitespace));
}

#[test]
fn tells_in_json_what_the_token_is_good_for() {
    let world = World::new();
    let object = world.run(&["token", "--json"]).json();
    let members = ["access_token", "expires_at", "expires_in", "saved", "scopes", "token_type"];
    assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), members);
    assert_eq!((&object["token_type"], &object["saved"]), (&"Bearer".into(), &true.into()));
    assert_eq!(object["scopes"], serde_json::json!(["visma_api:read"]));
    assert!((3500..=3600).contains(&object["expires_in"].as_u64().unwrap()), "{object}");
}

#[test]
fn a_stored_token_is_printed_again_and_asks_nobody() {
    let world = World::new();
    let first = world.run(&["token"]).done();
    assert_eq!(world.run(&["token"]).done(), first);
    assert_eq!(world.token_requests("isv_service"), 1);
    assert_ne!(world.run(&["token", "--refresh"]).done(), first);
    assert_eq!(world.token_requests("isv_service"), 2);
}

#[test]
fn a_service_s_token_that_the_store_did_not_take_is_printed_with_a_warning() {
    let profiles = PROFILES.replacen(
        "[profile.scanner]",
        "store = { redis = { env = \"REDIS\" } }\n\n[profile.scanner]",
        1,
    );
    let world = World::with(Config::default(), &profiles);
    // Nobody listens at the port of one that has just gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = world.command(&["token", "--json"]);
    let ended = support::ended(command.env("REDIS", format!("redis://{gone}")).output().unwrap());
    let object: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let told: serde_json::Value = serde_json::from_str(&ended.err).unwrap();
    assert_eq!((ended.code, &object["saved"]), (0, &false.into()));
    assert_eq!(told["warning"]["code"], "token_not_saved");
    assert!(
        told["warning"]["message"].as_str().unwrap().contains("the next call asks for another one"),
        "{told}"
    );
}

#[test]
fn a_new_token_of_a_service_is_fetched_once_also_where_none_is_stored() {
    let world = World::new();
    for count in 1..=2 {
        world.run(&["token", "--refresh"]).done();
        assert_eq!(world.token_requests("isv_service"), count);
    }
}

#[test]
fn tenant_and_scope_can_be_chosen_for_a_service() {
    let world = World::new();
    let other = "22222222-2222-4222-8222-222222222222";
    let object = world.run(&["token", "--json", "--tenant", other, "--scope", "visma_api:write"]).json();
    assert_eq!(object["scopes"], serde_json::json!(["visma_api:write"]));
    let seen = world.run_with(&["inspect", "--json"], object["access_token"].as_str().unwrap()).json();
    assert_eq!(seen["claims"]["tenant_id"], other);
    let refused = world.run(&["token", "--tenant", "bakery", "--json"]).refused_in_json(2);
    assert!(refused["message"].as_str().unwrap().contains("\"bakery\" is not a UUID"), "{refused}");
}

#[test]
fn a_session_s_token_is_refreshed_when_it_has_expired() {
    let world = World::new();
    world.log_in(&[]).done();
    let first = world.run(&["token", "--profile", "scanner"]).done();
    assert_eq!(world.run(&["token", "-p", "scanner"]).done(), first);
    let second = world.run(&["token", "-p", "scanner", "--refresh"]).done();
    assert_ne!(second, first);
    assert_eq!(world.run(&["token", "-p", "scanner"]).done(), second);
}

#[test]
fn a_new_token_is_fetched_once_also_where_the_stored_one_has_expired() {
    let mut config = Config::default();
    config.application_mut("isv_native").unwrap().access_token_s = 1;
    let world = World::with(config, PROFILES);
    world.log_in(&[]).done();
    let before = world.token_requests("isv_native");
    world.run(&["token", "-p", "scanner", "--refresh"]).done();
    assert_eq!(world.token_requests("isv_native"), before + 1);
}

#[test]
fn who_is_not_logged_in_is_told_so_with_code_4() {
    let world = World::new();
    let refused = world.run(&["token", "-p", "scanner"]).refused(4);
    let expected = "grantline: there is no session scanner of the profile scanner (session_unknown); \
                    log in with `grantline login --profile scanner`\n";
    assert_eq!(refused, expected);
    let other = world.run(&["token", "-p", "scanner", "--session", "anna"]).refused(4);
    let command = "log in with `grantline login --profile scanner --session anna`";
    assert!(other.contains("no session anna of the profile scanner") && other.contains(command), "{other}");
    let error = world.run(&["token", "-p", "scanner", "--json"]).refused_in_json(4);
    assert_eq!(error["code"], "session_unknown");
    let members = ["advice", "code", "exit_code", "message"];
    assert_eq!(error.as_object().unwrap().keys().collect::<Vec<_>>(), members);
}

#[test]
fn a_session_that_the_provider_ended_asks_for_a_login() {
    let world = World::new();
    world.log_in(&[]).done();
    world.emulator.advance_clock(Duration::from_secs(3600 * 24 * 400));
    let refused = world.run(&["token", "-p", "scanner", "--refresh"]).refused(4);
    assert!(refused.ends_with("; log in again with `grantline login --profile scanner`\n"), "{refused}");
}

#[test]
fn tenant_and_scope_are_refused_for_a_session() {
    let world = World::new();
    for arguments in [["--tenant", BAKERY], ["--scope", "openid"]] {
        let refused = world.run(&[&["token", "-p", "scanner"], &arguments[..]].concat()).refused(2);
        assert!(refused.contains("not_for_sessions"), "{refused}");
    }
}

#[test]
fn a_session_is_refused_for_a_service() {
    let world = World::new();
    assert!(world.run(&["token", "--session", "anna"]).refused(3).contains("not_for_services"));
}

#[test]
fn a_provider_is_known_by_its_issuer_alone() {
    let profile = "[profile.export]\nprovider = \"URL\"\ntype = \"service\"\nclient_id = \"isv_service\"\n\
                   client_secret = { env = \"EXPORT_SECRET\" }\nclient_authentication = \"basic\"\n\
                   scopes = [\"visma_api:read\"]\ntenant_id = \"11111111-1111-4111-8111-111111111111\"\n";
    let standard = || Config { mode: Mode::Standard, ..Config::default() };
    let world = World::with(standard(), &format!("{profile}tenant_parameter = \"tenant_id\"\n"));
    assert!(world.run(&["token"]).done().len() > 20);
    let world = World::with(standard(), profile);
    assert!(world.run(&["token"]).refused(3).contains("tenant_not_supported"));
}

#[test]
fn a_wrong_secret_is_refused_by_the_provider_with_code_5() {
    let world = World::new();
    let mut command = world.command(&["token"]);
    let output = command.env("EXPORT_SECRET", "not-the-secret").output().unwrap();
    let refused = support::ended(output).refused(5);
    assert!(refused.contains("invalid_client") && !refused.contains("not-the-secret"), "{refused}");
}

#[test]
fn a_tenant_that_has_not_approved_is_refused_by_the_provider_with_code_5() {
    let world = World::new();
    let stranger = "99999999-9999-4999-8999-999999999999";
    world.run(&["token", "--tenant", stranger]).refused(5);
}

#[test]
fn a_provider_that_is_down_is_code_6() {
    let World { emulator, folder } = World::new();
    emulator.stop();
    let mut command = folder.command(&["token"]);
    let refused = support::ended(command.env("EXPORT_SECRET", "s").output().unwrap()).refused(6);
    assert!(refused.contains("connect_failed") && refused.contains("try again"), "{refused}");
}

#[test]
fn a_secret_that_is_not_there_is_named_by_its_place() {
    let world = World::new();
    let mut command = world.command(&["token"]);
    let refused = support::ended(command.env_remove("EXPORT_SECRET").output().unwrap()).refused(3);
    assert!(refused.contains("EXPORT_SECRET is not set"), "{refused}");
}

#[test]
fn unknown_arguments_are_code_2() {
    let world = World::new();
    for arguments in [&["token", "--colour"][..], &["tokens"], &["token", "--access-token", "x"]] {
        assert_eq!(world.run(arguments).code, 2, "{arguments:?}");
    }
}
