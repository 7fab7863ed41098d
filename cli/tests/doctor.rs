//! `grantline doctor`: each check, fine and not, with real servers.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{Config, DiscoveryFault, Fault, FaultKind, JwksFault, Mode};
use grantline_performer_contract::FaultServer;
use grantline_test_servers::{Postgres, Redis};
use serde_json::Value;
use support::{BAKERY, Ended, Folder, World, ended, mode};

const GUIDE: &str = include_str!("../../docs/cli.md");

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
        .replace(&here, "/home/anna/.config/grantline")
        // A second begins when it likes.
        .replace("421 s ahead", "420 s ahead")
        .replace("419 s ahead", "420 s ahead");
    let shown = format!("```text\n$ grantline doctor\n{said}```\n");
    assert!(GUIDE.contains(&shown), "docs/cli.md does not show:\n{shown}");
    assert_eq!(ended.code, 11);
}

#[test]
fn a_name_a_connection_and_a_handshake_that_fail_are_told_apart() {
    let server = FaultServer::start().unwrap();
    let (dns, tcp, tls) = ("not resolved", "no connection", "handshake");
    for (provider, check, words) in [
        ("https://provider.invalid".to_owned(), "dns", dns),
        (server.fill("https://{refused}"), "tcp", tcp),
        (server.fill("https://{tls}"), "tls", tls),
        (server.fill("https://{tls_expired}"), "tls", tls),
        (server.fill("https://{tls_other_name}"), "tls", tls),
        (server.fill("https://{http}"), "tls", tls),
    ] {
        let world = world(Config::default(), &format!("provider = {provider:?}\n{SERVICE}"));
        let mut command = world.command(&["doctor"]);
        without_proxy(&mut command);
        let report = Report::of(command);
        report.says(check, "error", words).ends_with(11);
        let order = ["dns", "tcp", "tls"];
        let at = order.iter().position(|one| *one == check).unwrap();
        for (place, name) in order.into_iter().enumerate().filter(|(place, _)| *place != at) {
            report.says(name, if place < at { "ok" } else { "not_checked" }, "");
        }
        assert!(report.of_check("token").next().is_none(), "{}", report.all);
    }
}

#[test]
fn what_answers_and_is_no_provider_is_the_metadata_s_error() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = {:?}\n{SERVICE}", server.url()));
    doctor(&world, "it").says("tcp", "ok", "").says("metadata", "error", "status 404").ends_with(11);
    // A trusted certificate, and still no metadata.
    let profile = format!("provider = {:?}\n{SERVICE}", server.fill("https://{tls}"));
    let world = self::world(Config::default(), &profile);
    let mut command = world.command(&["doctor"]);
    without_proxy(&mut command);
    command.env("SSL_CERT_FILE", world.folder.write("root.pem", server.root_certificate()));
    Report::of(command).says("tls", "ok", "is good").says("metadata", "error", "status 404");
}

fn without_proxy(command: &mut Command) {
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
}

/// A proxy for one connection. `to`: where it leads, whatever is asked of it; without, it refuses.
fn proxy(to: Option<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, to) = (stream.unwrap(), to.clone());
            thread::spawn(move || tunnel(&mut stream, to.as_deref()));
        }
    });
    format!("http://user:hunter2@{address}")
}

fn tunnel(stream: &mut TcpStream, to: Option<&str>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let Some(to) = to else {
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        return;
    };
    let mut server = TcpStream::connect(to).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from, mut back) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    let there = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut back);
        let _ = back.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, stream);
    let _ = stream.shutdown(Shutdown::Write);
    there.join().unwrap();
}

fn behind(proxy: &str, world: &World) -> Report {
    let mut command = world.command(&["doctor"]);
    without_proxy(&mut command);
    command.env("HTTPS_PROXY", proxy).env_remove("NO_PROXY").env_remove("no_proxy");
    Report::of(command)
}

#[test]
fn a_proxy_that_is_closed_or_refuses_is_the_proxy_s_error() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = \"https://other.example\"\n{SERVICE}"));
    for closed in [server.fill("http://{refused}"), proxy(None)] {
        let report = behind(&closed, &world);
        report.says("proxy", "error", "HTTPS_PROXY").says("dns", "not_checked", "").ends_with(11);
        assert!(!report.all.contains("hunter2"), "{}", report.all);
    }
}

#[test]
fn tls_behind_a_proxy_is_told_from_the_proxy() {
    let server = FaultServer::start().unwrap();
    let world = world(Config::default(), &format!("provider = \"https://other.example\"\n{SERVICE}"));
    for (origin, tls, part) in [("{tls}", "error", "handshake"), ("{tls_other_name}", "error", "handshake")] {
        let report = behind(&proxy(Some(server.fill(origin))), &world);
        report.says("proxy", "ok", "leads to other.example").says("tls", tls, part).ends_with(11);
    }
}

#[test]
fn metadata_issuer_and_keys_that_are_wrong_are_named() {
    for (fault, check, part) in [
        (FaultKind::Discovery(DiscoveryFault::WrongIssuer), "issuer", "calls itself"),
        (FaultKind::Discovery(DiscoveryFault::IssuerWithSlash), "issuer", "to the letter"),
        (FaultKind::Discovery(DiscoveryFault::InsecureTokenEndpoint), "metadata", "http://login.example"),
        (FaultKind::Discovery(DiscoveryFault::NoJwksUri), "keys", "jwks_uri"),
        (FaultKind::Jwks(JwksFault::Empty), "keys", "no key"),
    ] {
        let world = World::new();
        world.emulator.add_fault(Fault::new(fault)).unwrap();
        doctor(&world, "scanner").says(check, "error", part).ends_with(11);
    }
}

#[test]
fn a_clock_that_is_off_is_an_error_for_logins_and_a_warning_for_services() {
    for (offset, direction) in [(400, "behind"), (-400, "ahead of")] {
        let config = || Config { clock_offset_s: offset, ..Config::default() };
        let login = doctor(&world(config(), NATIVE), "it");
        login.says("clock", "error", direction).says("clock", "error", "NTP").ends_with(11);
        doctor(&world(config(), SERVICE), "it").says("clock", "warning", direction).ends_with(10);
    }
    let config = Config { clock_offset_s: 30, ..Config::default() };
    doctor(&world(config, NATIVE), "it").says("clock", "warning", "behind").ends_with(10);
}

#[test]
fn a_redirect_uri_is_judged_by_its_form_its_type_and_the_registration() {
    for (profile, uri, check, level, part) in [
        (WEB, "http://app.example/callback", "redirect_uri", "error", "neither https nor http on loopback"),
        (WEB, "com.example.app:/callback", "redirect_uri", "error", "native applications only"),
        (WEB, "https://app.example/callback#x", "redirect_uri", "error", "fragment"),
        (WEB, "https://app.example/callback/", "login", "error", "a slash at the end counts"),
        (NATIVE, "http://localhost/callback", "redirect_uri", "warning", "127.0.0.1"),
        (NATIVE, "/callback", "redirect_uri", "error", "absolute"),
    ] {
        let (before, rest) = profile.split_once("redirect_uri = \"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        let world = world(Config::default(), &format!("{before}redirect_uri = {uri:?}{after}"));
        doctor(&world, "it").says(check, level, part).ends_with(11);
    }
    let long = format!("https://app.example/{}", "x".repeat(400));
    let report = doctor(&world(Config::default(), &WEB.replace("https://app.example/callback", &long)), "it");
    report.says("redirect_uri", "error", "takes 400").ends_with(11);
    let missing = NATIVE.replace("redirect_uri = \"http://127.0.0.1/callback\"", "");
    doctor(&world(Config::default(), &missing), "it").says("redirect_uri", "error", "byte for byte");
    let service = format!("{SERVICE}redirect_uri = \"https://app.example/\"\n");
    doctor(&world(Config::default(), &service), "it").says("redirect_uri", "warning", "").ends_with(10);
}

#[test]
fn a_client_that_is_not_registered_is_told_from_scopes_that_are_not() {
    let unknown = NATIVE.replace("isv_native", "isv_nobody");
    doctor(&world(Config::default(), &unknown), "it").says("login", "error", "the client id").ends_with(11);
    let foreign = NATIVE.replace("visma_api:read", "visma_api:everything");
    doctor(&world(Config::default(), &foreign), "it").says("login", "error", "").ends_with(11);
}

#[test]
fn scopes_beyond_300_characters_are_a_warning_and_those_of_users_no_service_s() {
    let many = (0..20).map(|number| format!("\"warehouse_api:{number}\"")).collect::<Vec<_>>().join(", ");
    let profile = NATIVE.replace("\"visma_api:read\"", &many);
    doctor(&world(Config::default(), &profile), "it").says("scopes", "warning", "takes 300").ends_with(11);
    let profile = SERVICE.replace("visma_api:read", "offline_access");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "offline_access");
    let profile = SERVICE.replace("visma_api:read", "visma_api:everything");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "invalid_scope").ends_with(11);
    let profile = SERVICE.replace("visma_api:read", "a b");
    doctor(&world(Config::default(), &profile), "it").says("scopes", "error", "a b").ends_with(11);
}

#[test]
fn the_limits_of_visma_connect_are_no_other_provider_s() {
    let many = (0..20).map(|number| format!("\"warehouse_api:{number}\"")).collect::<Vec<_>>().join(", ");
    let long = format!("https://app.example/{}", "x".repeat(400));
    let profile = WEB.replace("\"visma_api:read\"", &many).replace("https://app.example/callback", &long);
    let look = |head: &str| {
        let config = Config { mode: Mode::Standard, ..Config::default() };
        let world = world(config, &format!("{head}{profile}"));
        world.folder.write_secret("portal.secret", &"hunter2".repeat(15));
        doctor(&world, "it")
    };
    let like_visma_connect = look("");
    like_visma_connect.says("scopes", "warning", "takes 300").says("secret", "error", "takes 100");
    like_visma_connect.says("redirect_uri", "error", "takes 400");
    let other = look("# standard\n");
    other.says("scopes", "ok", "characters in all").says("secret", "ok", "105 characters");
    other.says("redirect_uri", "ok", "may have it");
    assert!(!other.all.contains("Visma Connect takes"), "{}", other.all);
}

#[test]
fn visma_connect_by_its_url_alone_has_its_limits() {
    let folder = Folder::new();
    let head = "[profile.it]\nprovider = \"https://connect.visma.com\"\n";
    folder.write("profiles.toml", &format!("{head}{SERVICE}"));
    let mut command = folder.command(&["doctor"]);
    // Nothing here is to reach a provider.
    command.env("HTTPS_PROXY", "http://127.0.0.1:9").env_remove("NO_PROXY").env_remove("no_proxy");
    command.env("EXPORT_SECRET", "hunter2".repeat(15));
    Report::of(command).says("secret", "error", "takes 100");
}

#[test]
fn a_secret_that_is_too_long_spaced_cut_off_wrong_or_missing_is_told_by_its_length_alone() {
    let world = World::new();
    for (secret, level, part) in [
        ("hunter2 ".to_owned(), "error", "space"),
        ("hunter2".repeat(15), "error", "105 characters"),
        ("hunter2-hunter2".to_owned(), "error", "invalid_client"),
        ("hunter2".to_owned(), "warning", "7 characters"),
    ] {
        let mut command = world.command(&["doctor"]);
        command.env("EXPORT_SECRET", secret);
        let report = Report::of(command);
        report.says("secret", level, part).ends_with(11);
        assert!(!report.all.contains("hunter2"), "{}", report.all);
    }
    let mut command = world.command(&["doctor"]);
    command.env_remove("EXPORT_SECRET");
    Report::of(command).says("secret", "error", "EXPORT_SECRET is not set").ends_with(11);
    mode(&world.folder.path("portal.secret"), 0o644);
    doctor(&world, "portal").says("secret", "error", "chmod 600").ends_with(11);
    let native = format!("{NATIVE}client_secret = {{ env = \"EXPORT_SECRET\" }}\n");
    let report = doctor(&self::world(Config::default(), &native), "it");
    report.says("secret", "error", "type = \\\"web\\\"").ends_with(11);
}

#[test]
fn an_authentication_method_that_the_provider_does_not_offer_is_named() {
    for config in [Config::default(), Config { mode: Mode::Standard, ..Config::default() }] {
        let profile = format!("{SERVICE}client_authentication = \"basic\"\n");
        doctor(&world(config, &profile), "it").says("authentication", "ok", "client_secret_basic");
    }
    // Its metadata offer one way.
    let provider = Answers::start(r#""token_endpoint_auth_methods_supported":["client_secret_post"]"#, "");
    let profile = format!("provider = {:?}\n{SERVICE}client_authentication = \"basic\"\n", provider.url);
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("authentication", "error", "offers client_secret_post").ends_with(11);
    report.says("clock", "not_checked", "does not say its time");
}

#[test]
fn a_secret_that_is_good_and_shown_in_the_wrong_way_is_told_from_a_wrong_one() {
    let provider = Answers::start(r#""grant_types_supported":["client_credentials"]"#, "e30.e30.c2ln");
    let profile = format!("provider = {:?}\n{STANDARD}client_authentication = \"post\"\n", provider.url);
    let report = doctor(&world(Config::default(), &profile), "it");
    report.says("authentication", "error", r#"client_authentication = \"basic\""#).ends_with(11);
}

#[test]
fn a_tenant_that_a_token_names_by_itself_is_compared_at_any_provider() {
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"tenant_id":"{BAKERY}"}}"#));
    let provider =
        Answers::start(r#""grant_types_supported":["client_credentials"]"#, &format!("e30.{claims}.c2ln"));
    let look = |tenant: &str| {
        let profile = STANDARD.replace("\"none\"", &format!("{tenant:?}"));
        let profile = format!("provider = {:?}\n{profile}tenant_parameter = \"tenant\"\n", provider.url);
        doctor(&world(Config::default(), &profile), "it")
    };
    look("none").says("default_tenant", "error", "its data would be read").ends_with(11);
    look(BAKERY)
        .says("tenant", "ok", "")
        .says("default_tenant", "warning", "the profile's own")
        .ends_with(10);
    let other = look("22222222-2222-4222-8222-222222222222");
    other.says("tenant", "error", "the token is for 11111111").ends_with(11);
}

/// At a provider that is known by its metadata.
const STANDARD: &str = r#"
# standard
type = "service"
client_id = "isv_service"
client_secret = { env = "EXPORT_SECRET" }
tenant_id = "none"
"#;

/// A provider that answers the one request of each connection, and does not say its time: with its metadata, or, to a client
/// that proves itself by Basic, with a token.
struct Answers {
    url: String,
}

impl Answers {
    fn start(members: &str, token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let metadata = format!(r#"{{"issuer":"{url}","token_endpoint":"{url}/token",{members}}}"#);
        let token = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (status, body) = match head_of(&mut stream) {
                    head if !head.starts_with("POST") => ("200 OK", metadata.as_str()),
                    head if head.contains("authorization: Basic") => ("200 OK", token.as_str()),
                    _ => ("401 Unauthorized", r#"{"error":"invalid_client"}"#),
                };
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}");
                let _ = write!(stream, "{head}\r\ncontent-type: application/json\r\n\r\n{body}");
            }
        });
        Self { url }
    }
}

/// The head of a request, after its body was read as well.
fn head_of(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    reader.read_exact(&mut vec![0; length.unwrap_or(0)]).unwrap();
    head
}

#[test]
fn sandbox_and_production_are_not_mixed() {
    let folder = Folder::new();
    let run = |profiles: &str, name: &str| {
        folder.write("profiles.toml", profiles);
        let mut command = folder.command(&["doctor", "--profile", name]);
        // Nothing here is to reach a provider.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("X", "a-secret-of-one").env_remove("NO_PROXY");
        Report::of(command)
    };
    let profile = |name: &str, provider: &str, tenant: &str, rest: &str| {
        format!(
            "[profile.{name}]\nprovider = {provider:?}\ntype = \"service\"\nclient_id = \"isv_x\"\ntenant_id = {tenant:?}\n{rest}\n"
        )
    };
    let (secret, other) = ("client_secret = { env = \"X\" }", "client_secret = { env = \"Y\" }");
    let (live, test) = ("visma-connect", "visma-connect-staging");
    let separate = profile("a", live, "none", secret) + &profile("b", test, "none", other);
    run(&separate, "a").says("environment", "ok", "production");
    run(&separate, "b").says("environment", "ok", "sandbox");
    let one_secret = profile("a", live, "none", secret) + &profile("b", test, "none", secret);
    run(&one_secret, "b").says("environment", "warning", "the client secret is the same as in the profile a");
    let one_tenant = profile("a", live, BAKERY, secret) + &profile("b", test, BAKERY, other);
    run(&one_tenant, "a").says("environment", "warning", "the tenant is the same");
    let api =
        profile("a", live, "none", &format!("{secret}\napi_origins = [\"https://api.staging.example\"]"));
    run(&api, "a").says("environment", "warning", "an API of the sandbox");
    let by_url = profile("a", "https://connect.visma.com", "none", secret);
    run(&by_url, "a").says("environment", "warning", "write provider = \\\"visma-connect\\\"");
}

#[test]
fn a_tenant_that_has_not_approved_is_told_from_one_that_is_none() {
    let stranger = SERVICE.replace(BAKERY, "99999999-9999-4999-8999-999999999999");
    let report = doctor(&world(Config::default(), &stranger), "it");
    report.says("tenant", "error", "approve the application").ends_with(11);
    let word = SERVICE.replace(BAKERY, "bakery");
    doctor(&world(Config::default(), &word), "it").says("tenant", "error", "bakery").ends_with(11);
    let nobody = SERVICE.lines().filter(|line| !line.starts_with("tenant_id")).collect::<Vec<_>>().join("\n");
    doctor(&world(Config::default(), &nobody), "it").says("tenant", "error", "add tenant_id").ends_with(11);
    let none = SERVICE.replace(BAKERY, "none");
    doctor(&world(Config::default(), &none), "it").says("tenant", "error", "named no tenant").ends_with(11);
}

#[test]
fn a_default_tenant_that_answers_unasked_is_found() {
    let of_default = SERVICE.replace("isv_service", "isv_service_default");
    let look = |profile: &str| {
        let world = world(Config::default(), profile);
        let mut command = world.command(&["doctor"]);
        command.env("EXPORT_SECRET", "service-default-secret");
        Report::of(command)
    };
    let named = look(&of_default);
    named.says("tenant", "ok", BAKERY);
    named.says("default_tenant", "warning", "22222222-2222-4222-8222-222222222222").ends_with(10);
    look(&of_default.replace(BAKERY, "none")).says("default_tenant", "error", "remove").ends_with(11);
    look(&of_default.replace(BAKERY, "default")).says("tenant", "ok", "22222222").ends_with(0);
}

#[test]
fn refresh_tokens_for_one_use_with_a_short_grace_are_a_risk_that_is_told() {
    for (refresh, level, part, code) in [
        ("refresh = \"one-time\"\nrefresh_grace_s = 60", "ok", "60 s", 0),
        ("refresh = \"re-use\"", "ok", "again and again", 0),
        ("refresh = \"one-time\"", "not_checked", "refresh_grace_s", 0),
        ("refresh_grace_s = 30", "warning", "within 30 s", 10),
        ("refresh = \"one-time\"\nrefresh_grace_s = 10", "warning", "comes too late", 10),
        ("refresh = \"one-time\"\nrefresh_grace_s = 0", "warning", "ends the session", 10),
    ] {
        let (before, _) = NATIVE.split_once("refresh =").unwrap();
        let report = doctor(&world(Config::default(), &format!("{before}{refresh}\n")), "it");
        report.says("refresh_tokens", level, part).ends_with(code);
    }
    let without = NATIVE.replace("\"offline_access\", ", "");
    doctor(&world(Config::default(), &without), "it").says("refresh_tokens", "ok", "none are asked for");
}

#[test]
fn the_rights_of_an_sqlite_file_and_of_its_folder_are_looked_at() {
    let world = world(Config::default(), &format!("{SERVICE}store = {{ sqlite = \"kept/sessions.db\" }}\n"));
    doctor(&world, "it").says("store", "error", "there is no folder").ends_with(11);
    let folder = world.folder.path("kept");
    fs::create_dir(&folder).unwrap();
    doctor(&world, "it").says("store", "ok", "is made when it is first needed").ends_with(0);
    world.run(&["token"]).done();
    mode(&folder.join("sessions.db"), 0o644);
    doctor(&world, "it").says("permissions", "warning", "mode 644").ends_with(10);
    doctor(&world, "it").says("permissions", "ok", "").ends_with(0);
    mode(&folder, 0o777);
    doctor(&world, "it").says("permissions", "error", "chmod 700").ends_with(11);
    // As /tmp is, where that would shut everybody out.
    mode(&folder, 0o1777);
    let shared = doctor(&world, "it");
    shared.says("permissions", "error", "move the store into a folder of its own").ends_with(11);
    assert!(!shared.all.contains("chmod"), "{}", shared.all);
    mode(&folder, 0o700);
    mode(&world.folder.path("data/sealing.key"), 0o644);
    doctor(&world, "it").says("sealing_key", "error", "chmod 600").ends_with(11);
    mode(&world.folder.path("data/sealing.key"), 0o600);
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("sessions.db"), "no database").unwrap();
    doctor(&world, "it").says("store", "error", "file is not a database").ends_with(11);
}

/// A service whose sessions are on a server.
fn on(store: &str, url: &str) -> Report {
    let profile = format!(
        "{SERVICE}store = {{ {store} = {{ env = \"STORE\" }} }}\nsealing_key = {{ env = \"KEY\" }}\n"
    );
    let world = world(Config::default(), &profile);
    let mut command = world.command(&["doctor"]);
    command.env("STORE", url).env("KEY", "00".repeat(32));
    Report::of(command)
}

#[test]
fn what_redis_is_set_to_decides_over_durability_and_eviction() {
    let redis = Redis::start().unwrap();
    let set =
        |name: &str, value: &str| assert_eq!(redis.command(&["CONFIG", "SET", name, value]).unwrap(), "OK");
    on("redis", &redis.url())
        .says("durability", "error", "appendonly no")
        .says("eviction", "ok", "")
        .ends_with(11);
    set("appendonly", "yes");
    for (fsync, level) in [("always", "ok"), ("everysec", "warning"), ("no", "warning")] {
        set("appendfsync", fsync);
        on("redis", &redis.url()).says("durability", level, &format!("appendfsync {fsync}"));
    }
    set("appendfsync", "always");
    on("redis", &redis.url()).says("store", "ok", "").says("sealing_key", "ok", "").ends_with(0);
    set("maxmemory-policy", "allkeys-lru");
    on("redis", &redis.url()).says("eviction", "warning", "maxmemory is 0").ends_with(10);
    set("maxmemory", "64mb");
    on("redis", &redis.url()).says("eviction", "error", "noeviction").ends_with(11);
    redis.command(&["ACL", "SETUSER", "guest", "on", ">hunter2", "~*", "+@all", "-config"]).unwrap();
    let guest = on("redis", &redis.url().replace("redis://", "redis://guest:hunter2@"));
    guest.says("durability", "not_checked", "ask who runs it").says("eviction", "error", "allkeys-lru");
    let refused = on("redis", &redis.url().replace("redis://", "redis://guest:hunter3@"));
    refused.says("store", "error", "").ends_with(11);
    assert!(!refused.all.contains("hunter"), "{}", refused.all);
}

#[test]
fn what_postgresql_is_set_to_decides_over_durability() {
    let postgres = Postgres::with().setting("fsync", "on").start().unwrap();
    let url = postgres.url("postgres");
    on("postgres", &url).says("durability", "ok", "").says("store", "ok", "").ends_with(0);
    postgres.sql("postgres", "ALTER ROLE grantline SET synchronous_commit = off").unwrap();
    on("postgres", &url).says("durability", "warning", "synchronous_commit off").ends_with(10);
    drop(postgres);
    on("postgres", &url).says("store", "error", "").ends_with(11);
    let careless = Postgres::start().unwrap();
    on("postgres", &careless.url("postgres")).says("durability", "error", "fsync off").ends_with(11);
}

#[test]
fn a_sealing_key_of_one_machine_beside_a_store_of_several_is_doubtful() {
    let redis = Redis::with().setting("appendonly", "yes").setting("appendfsync", "always").start().unwrap();
    let profile = format!("{SERVICE}store = {{ redis = {{ env = \"STORE\" }} }}\n");
    let world = world(Config::default(), &profile);
    let command = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("STORE", redis.url());
        command
    };
    ended(command(&["token"]).output().unwrap()).done();
    Report::of(command(&["doctor"])).says("sealing_key", "warning", "one sealing_key").ends_with(10);
}

#[test]
fn what_keeps_it_from_looking_at_all_is_an_error_like_any_other() {
    let world = World::new();
    assert!(world.run(&["doctor", "--profile", "nobody"]).refused(3).contains("profile_unknown"));
    world.folder.write("profiles.toml", "[profile.x]\nclient_secret = \"hunter2\"\n");
    let refused = world.run(&["doctor"]).refused(3);
    assert!(refused.contains("profile_invalid") && !refused.contains("hunter2"), "{refused}");
}
