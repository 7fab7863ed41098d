//! `grantline inspect`.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{Config, KeyRotation};
use serde_json::{Value, json};
use support::{World, get};
use url::Url;

/// A check's outcome by name.
fn check(report: &Value, name: &str) -> Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).expect(name)["passed"].clone()
}

/// An ID token of a login, as the end-session URL has it.
fn id_token(world: &World) -> String {
    world.log_in(&[]).done();
    let url = world.run(&["logout", "-p", "scanner", "--end-session-url"]).done();
    let url = Url::parse(url.trim_end()).unwrap();
    url.query_pairs().find(|(name, _)| name == "id_token_hint").unwrap().1.into_owned()
}

fn keys(world: &World) -> String {
    let answer = get(&format!("{}/.well-known/openid-configuration/jwks", world.emulator.url()));
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn jwt(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(header), part(claims))
}

#[test]
fn an_access_token_is_decoded_from_standard_input_and_its_checks_are_named() {
    let world = World::new();
    let token = world.run(&["token"]).done();
    std::fs::remove_file(world.folder.path("profiles.toml")).unwrap();
    let report = world.run_with(&["inspect", "--json"], &token).json();
    assert_eq!(report["profile"], Value::Null);
    assert_eq!((&report["kind"], &report["header"]["typ"]), (&json!("access_token"), &json!("at+jwt")));
    assert_eq!(report["claims"]["client_id"], "isv_service");
    for (name, passed) in [
        ("form", json!(true)),
        ("algorithm", json!(true)),
        ("expiry", json!(true)),
        ("issued", json!(true)),
        ("issuer", Value::Null),
        ("audience", Value::Null),
        ("client", Value::Null),
        ("tenant", Value::Null),
        ("signature", Value::Null),
    ] {
        assert_eq!(check(&report, name), passed, "{name}");
    }
    let lines = world.run_with(&["inspect"], &token).done();
    assert!(
        lines.contains("passed       expiry: in 59 min") && lines.contains("client_id: isv_service"),
        "{lines}"
    );
    assert!(!lines.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn beside_a_profile_issuer_and_tenant_are_compared() {
    let world = World::new();
    let token = world.run(&["token"]).done();
    let report = world.run_with(&["inspect", "--json", "-p", "export"], &token).json();
    assert_eq!((check(&report, "issuer"), check(&report, "tenant")), (json!(true), json!(true)));
    let other = world.run(&["token", "--tenant", "22222222-2222-4222-8222-222222222222"]).done();
    let ended = world.run_with(&["inspect", "-p", "export"], &other);
    assert!(ended.out.contains("failed       tenant: 22222222"), "{}", ended.out);
    assert!(ended.refused(5).contains("failed: tenant (check_failed)"));
}

#[test]
fn the_default_profile_is_compared_with_what_is_of_its_provider_and_client() {
    let world = World::new();
    let token = world.run(&["token"]).done();
    let report = world.run_with(&["inspect", "--json"], &token).json();
    assert_eq!((&report["profile"], check(&report, "issuer")), (&json!("export"), json!(true)));
    let lines = world.run_with(&["inspect"], &token).done();
    let issuer = world.emulator.issuer();
    assert!(lines.contains(&format!("issuer: {issuer}, as the default profile export has it")), "{lines}");
    let other = world.run(&["token", "--tenant", "22222222-2222-4222-8222-222222222222"]).done();
    let lines = world.run_with(&["inspect"], &other).done();
    let told = "not checked  tenant: 22222222-2222-4222-8222-222222222222, and the default profile export has 11111111";
    assert!(lines.contains(told), "{lines}");
}

#[test]
fn what_is_of_another_provider_or_client_is_not_compared_with_the_default_profile() {
    let world = World::new();
    let id_token = id_token(&world);
    let claims =
        json!({"iss": "https://other.example", "client_id": "isv_service", "exp": 4_000_000_000_u64});
    let foreign = jwt(&json!({"alg": "RS256", "typ": "at+jwt"}), &claims);
    let callback = "http://127.0.0.1/callback?code=a&state=s&iss=https%3A%2F%2Fother.example";
    for text in [&id_token, &foreign, callback] {
        let report = world.run_with(&["inspect", "--json"], text).json();
        assert_eq!((&report["profile"], check(&report, "issuer")), (&Value::Null, Value::Null), "{report}");
    }
    let of_this = callback.replace("https%3A%2F%2Fother.example", world.emulator.issuer());
    let report = world.run_with(&["inspect", "--json"], &of_this).json();
    assert_eq!((&report["profile"], check(&report, "issuer")), (&json!("export"), json!(true)));
}

#[test]
fn an_id_token_of_the_default_profile_is_judged_without_naming_it() {
    let world = World::with(Config::default(), &support::PROFILES.replace("\"export\"", "\"scanner\""));
    let report = world.run_with(&["inspect", "--json"], &id_token(&world)).json();
    assert_eq!((&report["profile"], check(&report, "grantline")), (&json!("scanner"), json!(true)));
}

#[test]
fn keys_of_a_file_judge_a_token_of_the_default_profile_and_no_other_s() {
    let world = World::with(Config::default(), &support::PROFILES.replace("\"export\"", "\"scanner\""));
    let token = id_token(&world);
    world.folder.write("keys.json", &keys(&world));
    let inspect =
        |world: &World| world.run_with(&["inspect", "--keys", "keys.json", "--json"], &token).json();
    assert_eq!(check(&inspect(&world), "grantline"), true);
    world.folder.write("profiles.toml", &PROFILE_OF_ANOTHER.replace("URL", "https://other.example"));
    let report = inspect(&world);
    assert_eq!((&report["profile"], check(&report, "grantline")), (&Value::Null, Value::Null), "{report}");
}

#[test]
fn a_token_of_another_client_fails_by_name() {
    let world = World::new();
    let token = world.run(&["token"]).done();
    assert_eq!(check(&world.run_with(&["inspect", "--json"], &token).json(), "client"), true);
    let ended = world.run_with(&["inspect", "-p", "portal"], &token);
    let told = "failed       client: isv_service, and the profile portal has isv_web";
    assert!(ended.out.contains(told), "{}", ended.out);
    assert!(ended.refused(5).contains("failed: client (check_failed)"));
    let authorized = json!({"iss": world.emulator.issuer(), "azp": "isv_web", "exp": 4_000_000_000_u64});
    let token = jwt(&json!({"alg": "RS256", "typ": "at+jwt"}), &authorized);
    let report = world.run_with(&["inspect", "-p", "portal", "--json"], &token).json();
    assert_eq!(check(&report, "client"), true);
}

#[test]
fn an_id_token_is_judged_by_the_library_where_keys_are_given() {
    let world = World::new();
    let token = id_token(&world);
    let path = world.folder.write("token", &token);
    world.folder.write("keys.json", &keys(&world));
    let path = path.to_str().unwrap();
    let report = world.run(&["inspect", path, "--keys", "keys.json", "-p", "scanner", "--json"]).json();
    assert_eq!(report["kind"], "id_token");
    for name in ["form", "algorithm", "expiry", "issued", "issuer", "audience", "grantline"] {
        assert_eq!(check(&report, name), true, "{name}: {report}");
    }
    world.emulator.rotate_keys(KeyRotation::Replace).unwrap();
    world.folder.write("keys.json", &keys(&world));
    let ended = world.run(&["inspect", path, "--keys", "keys.json", "-p", "scanner"]);
    assert!(
        ended.out.contains("failed       grantline: ") && ended.out.contains("id_token_key_unknown"),
        "{}",
        ended.out
    );
    ended.refused(5);
}

#[test]
fn an_id_token_is_judged_by_the_keys_that_the_provider_publishes() {
    let world = World::new();
    let token = id_token(&world);
    let report = world.run_with(&["inspect", "-p", "scanner", "--json"], &token).json();
    assert_eq!(check(&report, "grantline"), true, "{report}");
    world.emulator.rotate_keys(KeyRotation::Replace).unwrap();
    let refused = world.run_with(&["inspect", "-p", "scanner"], &token);
    assert!(refused.out.contains("id_token_key_unknown"), "{}", refused.out);
    let World { emulator, folder } = world;
    emulator.stop();
    folder.write("token", &token);
    let report = folder.run(&["inspect", "token", "-p", "scanner", "--json"]).json();
    assert_eq!(check(&report, "grantline"), Value::Null, "{report}");
}

#[test]
fn an_id_token_for_another_client_and_an_expired_one_fail_by_name() {
    let world = World::with(Config::default(), PROFILE_OF_ANOTHER);
    let claims = json!({"iss": world.emulator.issuer(), "aud": "isv_web", "exp": 1_000_000, "iat": 999_000});
    let ended = world
        .run_with(&["inspect", "--as", "id-token", "-p", "other"], &jwt(&json!({"alg": "RS256"}), &claims));
    assert!(ended.out.contains("days ago, 1970-01-12 13:46:40 UTC"), "{}", ended.out);
    assert!(ended.refused(5).contains("failed: expiry, audience"));
}

const PROFILE_OF_ANOTHER: &str = "[profile.other]\nprovider = \"URL\"\nbehaves_like = \"visma-connect\"\ntype = \"native\"\nclient_id = \"isv_native\"\n";

#[test]
fn a_token_that_nobody_signed_fails_by_name() {
    let world = World::new();
    let unsigned = jwt(&json!({"alg": "none"}), &json!({"exp": 4_000_000_000_u64, "nonce": "n"}));
    let ended = world.run_with(&["inspect"], &unsigned);
    assert!(ended.out.contains("failed       algorithm: none"), "{}", ended.out);
    assert!(ended.refused(5).contains("failed: algorithm"));
}

#[test]
fn an_opaque_token_is_not_shown() {
    let world = World::new();
    let said = world.run_with(&["inspect"], "3f5e0c-secret\n").done();
    assert!(said.contains("opaque, 13 characters") && !said.contains("3f5e0c"), "{said}");
}

#[test]
fn a_callback_is_taken_apart_and_its_code_is_not_shown() {
    let world = World::new();
    let issuer = world.emulator.issuer();
    let code = "0123456789abcdefghijklmnopqrstuvwxyz";
    let url = format!("http://127.0.0.1:49152/callback?code={code}&state=some-state&iss={issuer}");
    let report = world.run_with(&["inspect", "--json", "-p", "scanner"], &url).json();
    assert_eq!(report["kind"], "callback");
    assert_eq!(report["parameters"]["code"], "(36 characters, ends with uvwxyz)");
    assert_eq!(report["parameters"]["state"], "(10 characters)");
    for (name, passed) in
        [("repeated", json!(true)), ("state", Value::Null), ("answer", json!(true)), ("issuer", json!(true))]
    {
        assert_eq!(check(&report, name), passed, "{name}");
    }
    assert_eq!(check(&report, "redirect_uri"), true);
}

#[test]
fn what_is_wrong_with_a_callback_is_named() {
    let world = World::new();
    for (query, failed) in [
        ("code=a&code=b&state=s", "failed: repeated"),
        ("code=a", "failed: state"),
        ("error=access_denied&error_description=no&state=s", "failed: answer"),
        ("code=a&error=b&state=s", "failed: answer"),
        ("code=a&state=s&iss=https%3A%2F%2Fevil.example", "failed: issuer"),
    ] {
        let url = format!("http://127.0.0.1/callback?{query}");
        let refused = world.run_with(&["inspect", "-p", "scanner"], &url).refused(5);
        assert!(refused.contains(failed), "{query}: {refused}");
    }
    let elsewhere = "http://127.0.0.1/other?code=a&state=s";
    assert!(world.run_with(&["inspect", "-p", "scanner"], elsewhere).refused(5).contains("redirect_uri"));
}

#[test]
fn a_url_is_a_callback_with_its_fragment_and_tokens_in_it_are_not_shown() {
    let world = World::new();
    let url = "https://app.example/callback#access_token=0123456789-hunter2-0123456789&state=s";
    let ended = world.run_with(&["inspect", "--json"], url);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.code, &report["kind"]), (5, &json!("callback")));
    assert_eq!(report["parameters"]["state"], "(1 characters)");
    assert!(report["parameters"]["access_token"].is_string() && !ended.out.contains("hunter2"), "{report}");
    for token in ["0123456789-hunter2-0123456789", "0123456789-hunter2-0123456789=="] {
        let ended = world.run_with(&["inspect", "--as", "callback"], token);
        assert!(!ended.out.contains("hunter2"), "{}", ended.out);
        assert!(ended.refused(5).contains("failed: state, answer"));
    }
}

#[test]
fn what_is_longer_than_a_mebibyte_is_refused_and_not_cut() {
    let world = World::new();
    let path = world.folder.write("long", &"a".repeat(1024 * 1024 + 1));
    let refused = world.run(&["inspect", path.to_str().unwrap()]).refused(2);
    assert!(refused.contains("input_unreadable") && refused.contains("longer than 1 MiB"), "{refused}");
    world.folder.write("long", &"a".repeat(1024 * 1024));
    assert!(world.run(&["inspect", "long"]).done().contains("opaque, 1048576 characters"));
}

#[test]
fn a_token_in_the_place_of_a_file_name_is_not_repeated() {
    let world = World::new();
    let refused = world.run(&["inspect", "eyJhbGciOiJub25lIn0.e30.c2VjcmV0"]).refused(2);
    assert!(refused.contains("list of processes") && !refused.contains("eyJ"), "{refused}");
    assert!(world.run(&["inspect"]).refused(2).contains("input_empty"));
    let mut command = world.command(&["inspect", "--json"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(support::ended(output).refused_in_json(2)["code"], "input_empty");
}
