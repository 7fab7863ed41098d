//! `grantline doctor`: each check, fine and not, with real servers.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod application;
mod network;
mod service;
mod store;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::process::Command;

use grantline_emulator::Config;
use serde_json::Value;
use support::{BAKERY, Ended, World, ended, mode};

const GUIDE: &str = include_str!("../../../docs/cli.md");

/// What was found.
struct Report {
    code: i32,
    findings: Vec<Value>,
    all: String,
}

impl Report {
    fn of(mut command: Command) -> Self {
        let Ended { code, out, err } = ended(command.arg("--json").output().unwrap());
        let report: Value = serde_json::from_str(&out).expect(&err);
        Self { code, findings: report["findings"].as_array().unwrap().clone(), all: out + &err }
    }

    fn of_check(&self, check: &str) -> impl Iterator<Item = &Value> {
        self.findings.iter().filter(move |finding| finding["check"] == check)
    }

    /// A finding of the check has this level, and this part of its words or of its advice.
    #[track_caller]
    fn says(&self, check: &str, level: &str, part: &str) -> &Self {
        let says_so = |finding: &Value| {
            finding["level"] == level && format!("{} {}", finding["words"], finding["advice"]).contains(part)
        };
        assert!(self.of_check(check).any(says_so), "{check}: {}", self.all);
        self
    }

    #[track_caller]
    fn ends_with(&self, code: i32) {
        assert_eq!(self.code, code, "{}", self.all);
    }
}

fn doctor(world: &World, profile: &str) -> Report {
    Report::of(world.command(&["doctor", "--profile", profile]))
}

/// A world whose only profile is this one, of a service unless it says otherwise.
fn world(config: Config, profile: &str) -> World {
    let head = "[profile.it]\nbehaves_like = \"visma-connect\"\n";
    let provider = if profile.contains("provider") { "" } else { "provider = \"URL\"\n" };
    let head = if profile.contains("standard") { "[profile.it]\n" } else { head };
    World::with(config, &format!("{head}{provider}{profile}"))
}

const SERVICE: &str = r#"
type = "service"
client_id = "isv_service"
client_secret = { env = "EXPORT_SECRET" }
scopes = ["visma_api:read"]
tenant_id = "11111111-1111-4111-8111-111111111111"
"#;

const NATIVE: &str = r#"
type = "native"
client_id = "isv_native"
scopes = ["openid", "offline_access", "visma_api:read"]
redirect_uri = "http://127.0.0.1/callback"
refresh = "one-time"
refresh_grace_s = 60
"#;

const WEB: &str = r#"
type = "web"
client_id = "isv_web"
client_secret = { file = "portal.secret" }
scopes = ["openid", "offline_access", "visma_api:read"]
redirect_uri = "https://app.example/callback"
refresh = "re-use"
"#;

#[test]
fn a_profile_that_is_right_is_fine_in_every_check() {
    let world = World::new();
    let service = doctor(&world, "export");
    service.ends_with(0);
    for check in
        ["proxy", "dns", "tcp", "tls", "metadata", "issuer", "clock", "keys", "environment", "scopes"]
    {
        service.says(check, "ok", "");
    }
    for check in ["secret", "authentication", "token", "default_tenant", "store", "sealing_key"] {
        service.says(check, "ok", "");
    }
    service.says("tenant", "ok", BAKERY);
    for profile in ["scanner", "portal"] {
        let report = doctor(&world, profile);
        report.says("login", "ok", "knows the client id").says("redirect_uri", "ok", "may have it");
        report.says("refresh_tokens", "not_checked", "refresh_grace_s").ends_with(0);
    }
    let after_a_login = {
        world.log_in(&[]).done();
        doctor(&world, "scanner")
    };
    after_a_login.says("durability", "ok", "synchronous=FULL").says("permissions", "ok", "");
    after_a_login.says("sealing_key", "ok", "by nobody else").says("file_system", "ok", "").ends_with(0);
}

#[test]
fn a_person_reads_a_line_for_each_check_and_no_secret() {
    let world = World::new();
    let said = world.run(&["doctor"]).done();
    assert!(said.starts_with("export: service, isv_service at http://127.0.0.1:"), "{said}");
    assert!(said.contains("\nok           tcp: 127.0.0.1 takes connections\n"), "{said}");
    assert!(
        said.contains("\nerrors: 0, warnings: 0, ok: ") && said.ends_with(", not checked: 0\n"),
        "{said}"
    );
    let all = said + &doctor(&world, "export").all;
    assert!(!all.contains("service-secret") && !all.contains("eyJ") && !all.contains('\u{1b}'), "{all}");
}

#[test]
fn what_is_asked_for_is_not_kept() {
    let world = World::new();
    doctor(&world, "export").ends_with(0);
    doctor(&world, "scanner").ends_with(0);
    assert!(!world.folder.path("data").exists());
}

/// What stands in the guide, with this run's addresses for the guide's.
#[test]
fn five_planted_mistakes_are_found_at_once_as_the_guide_shows() {
    let mut scopes = vec!["openid".to_owned(), "offline_access".to_owned()];
    scopes.extend((1..=15).map(|number| format!("warehouse_api:stock_{number}")));
    let profile = format!(
        r#"
[profile.portal]
provider = "URL"
behaves_like = "visma-connect"
type = "web"
client_id = "isv_web"
client_secret = {{ file = "portal.secret" }}
scopes = {scopes:?}
redirect_uri = "http://app.example/callback"
refresh = "one-time"
refresh_grace_s = 10
store = {{ sqlite = "shared/sessions.db" }}
"#
    );
    let world = World::with(Config { clock_offset_s: -420, ..Config::default() }, &profile);
    fs::create_dir(world.folder.path("shared")).unwrap();
    mode(&world.folder.path("shared"), 0o777);
    let ended = world.run(&["doctor"]);
    let here = world.folder.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let said = format!("{}{}", ended.out, ended.err)
        .replace(&world.emulator.url(), "http://127.0.0.1:4455")
        .replace(&here, "/home/anna/.config/grantline");
    let shown = format!("```text\n$ grantline doctor\n{}```\n", with_round_skew(&said));
    assert!(GUIDE.contains(&shown), "docs/cli.md does not show:\n{shown}");
    assert_eq!(ended.code, 11);
}

/// 420 seconds, less what the answer took: a second or two on a busy machine.
fn with_round_skew(said: &str) -> String {
    let (before, after) = said.split_once(" s ahead of").unwrap();
    let (before, skew) = before.rsplit_once(' ').unwrap();
    assert!((360..=421).contains(&skew.parse::<u32>().unwrap()), "{said}");
    format!("{before} 420 s ahead of{after}")
}

#[test]
fn what_keeps_it_from_looking_at_all_is_an_error_like_any_other() {
    let world = World::new();
    assert!(world.run(&["doctor", "--profile", "nobody"]).refused(3).contains("profile_unknown"));
    world.folder.write("profiles.toml", "[profile.x]\nclient_secret = \"hunter2\"\n");
    let refused = world.run(&["doctor"]).refused(3);
    assert!(refused.contains("profile_invalid") && !refused.contains("hunter2"), "{refused}");
}
