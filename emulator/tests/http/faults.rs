//! Faults on the wire: asked for over HTTP, in the configuration and from Rust.

use std::time::{Duration, Instant};

use grantline_emulator::{CannedReply, Config, ControlError, DEFAULT_TOML, Fault, FaultError, FaultKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::checks::refusal;
use crate::requests::{Request, refresh};
use crate::support::{Answer, FJORD, NOT_APPROVED, World, both, claims, visma};

const TOKEN: &str = "/connect/token";
const METADATA: &str = "/.well-known/openid-configuration";

pub async fn add(world: &World, fault: Value) -> Answer {
    world
        .send(Method::POST, "/admin/faults", &[("content-type", "application/json")], fault.to_string())
        .await
}

async fn service(world: &World) -> Answer {
    world.service_token(&[("tenant_id", FJORD)]).await
}

#[tokio::test]
async fn a_fault_is_for_so_many_requests_of_one_client_at_one_path() {
    for world in both() {
        let fault = json!({
            "fault": {"status": {"code": 503, "retry_after": "7"}},
            "client_id": "isv_service", "path": TOKEN, "times": 2,
        });
        assert_eq!(add(&world, fault).await.status, 201);
        assert_eq!(world.get(METADATA).await.status, 200);
        for _ in 0..2 {
            let refused = service(&world).await;
            assert_eq!((refused.status, refused.header("retry-after")), (503, Some("7")));
        }
        assert_eq!(service(&world).await.status, 200);
    }
}

#[tokio::test]
async fn a_fault_without_times_stays_until_it_is_cleared() {
    let world = visma();
    add(&world, json!({"fault": {"status": {"code": 429}}, "path": TOKEN})).await;
    for _ in 0..3 {
        let refused = service(&world).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    }
    assert_eq!(world.send(Method::DELETE, "/admin/faults", &[], "").await.status, 204);
    assert_eq!(service(&world).await.status, 200);
}

#[tokio::test]
async fn the_faults_of_one_client_are_cleared_without_those_of_others() {
    let world = visma();
    for client_id in ["isv_service", "isv_service_default"] {
        add(&world, json!({"fault": "html", "client_id": client_id})).await;
    }
    world.send(Method::DELETE, "/admin/faults?client_id=isv_service", &[], "").await;
    let left = world.get("/admin/faults").await.json();
    assert_eq!(left["count"], 1);
    assert_eq!(left["faults"][0]["client_id"], "isv_service_default");
}

#[tokio::test]
async fn one_fault_is_cleared_by_its_number_also_where_another_is_alike() {
    let world = visma();
    for _ in 0..2 {
        add(&world, json!({"fault": "html", "client_id": "isv_service", "times": 1})).await;
    }
    let clear = async |number: &str| {
        world.send(Method::DELETE, &format!("/admin/faults/{number}"), &[], "").await.status
    };
    assert_eq!(clear("1").await, 204);
    let left = world.get("/admin/faults").await.json();
    assert_eq!((&left["count"], &left["faults"][0]["number"]), (&json!(1), &json!(2)));
    assert_eq!((clear("1").await, clear("3").await), (404, 404));
    let unknown = world.emulator.clear_fault(1).unwrap_err();
    assert_eq!(unknown, ControlError::Unknown { kind: "fault", id: "1".to_owned() });
    world.emulator.clear_fault(2).unwrap();
    assert_eq!(world.emulator.add_fault(Fault::new(FaultKind::Html)), Ok(3));
}

#[tokio::test]
async fn no_more_than_a_thousand_faults_wait() {
    let world = visma();
    for _ in 0..1000 {
        world.emulator.add_fault(Fault::new(FaultKind::Html).for_client("nobody")).unwrap();
    }
    let refused = add(&world, json!({"fault": "html"})).await;
    assert!(refused.status == 400 && refused.error().contains("clear some"), "{}", refused.body);
    let reply = CannedReply::json(TOKEN, 200, "{}");
    assert_eq!(world.emulator.reply_next(reply), Err(FaultError::TooMany));
    world.emulator.clear_fault(1).unwrap();
    assert_eq!(add(&world, json!({"fault": "html"})).await.json()["number"], 1001);
}

#[tokio::test]
async fn waiting_faults_are_listed_with_the_times_that_are_left() {
    let world = visma();
    let fault = json!({"fault": {"latency": {"ms": 1}}, "path": TOKEN, "times": 3, "client_id": null});
    let number = add(&world, fault.clone()).await.json();
    assert_eq!(number, json!({"number": 1}));
    let mut listed = fault;
    listed["number"] = 1.into();
    assert_eq!(world.get("/admin/faults").await.json(), json!({"count": 1, "faults": [listed]}));
    service(&world).await;
    assert_eq!(world.get("/admin/faults").await.json()["faults"][0]["times"], 2);
}

#[tokio::test]
async fn refuses_an_unknown_fault_and_names_those_there_are() {
    let world = visma();
    let unknown = add(&world, json!({"fault": "explosion"})).await;
    assert_eq!(unknown.status, 422);
    for known in ["explosion", "latency", "truncated-body", "id-token"] {
        assert!(unknown.error().contains(known), "{}", unknown.body);
    }
    let unknown = add(&world, json!({"fault": {"id-token": "explosion"}})).await;
    assert!(unknown.error().contains("wrong-nonce"), "{}", unknown.body);
}

#[tokio::test]
async fn every_fault_is_in_the_documentation() {
    let documentation = include_str!("../../../docs/emulator.md");
    let world = visma();
    let names = async |fault: Value| {
        let refusal = add(&world, json!({"fault": fault})).await.error();
        let names: Vec<String> = refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        assert!(!names.is_empty(), "{refusal}");
        names
    };
    let mut all = names(json!("explosion")).await;
    for sort in ["id-token", "access-token", "discovery", "jwks", "userinfo", "logout-token", "webhook"] {
        all.extend(names(json!({sort: "explosion"})).await);
    }
    assert!(all.len() > 60, "{all:?}");
    for name in all {
        assert!(documentation.contains(&format!("`{name}`")), "{name} is missing in docs/emulator.md");
    }
}

#[tokio::test]
async fn refuses_a_fault_that_could_never_happen() {
    let world = visma();
    for (fault, said) in [
        (json!({"fault": {"status": {"code": 200}}}), "code is 200"),
        (json!({"fault": {"status": {"code": 503, "retry_after": "a\r\nb"}}}), "retry-after"),
        (json!({"fault": "html", "times": 0}), "times is 0"),
        (json!({"fault": "html", "path": "connect/token"}), "/connect/token"),
        (json!({"fault": {"id-token": "no-nonce"}, "path": TOKEN}), "leave path out"),
        (json!({"fault": {"discovery": "wrong-issuer"}, "client_id": "isv_web"}), "leave client_id out"),
        (json!({"fault": "html", "colour": "blue"}), "colour"),
        (json!({"fault": {"latency": {"seconds": 1}}}), "seconds"),
        (json!({"path": TOKEN}), "fault"),
    ] {
        let refused = add(&world, fault.clone()).await;
        assert!((400..500).contains(&refused.status), "{fault}");
        assert!(refused.error().contains(said), "{fault}: {}", refused.body);
    }
    assert_eq!(world.get("/admin/faults").await.json()["count"], 0);
}

#[tokio::test]
async fn faults_of_different_sorts_come_together_and_those_of_one_sort_in_order() {
    let world = visma();
    for fault in [
        json!({"fault": {"status": {"code": 500}}, "times": 1}),
        json!({"fault": "html", "times": 1}),
        json!({"fault": {"latency": {"ms": 1}}, "times": 1}),
    ] {
        add(&world, fault).await;
    }
    assert_eq!(service(&world).await.status, 500);
    assert_eq!(world.get("/admin/faults").await.json()["count"], 1);
    let html = service(&world).await;
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(html.body.starts_with("<!doctype html>"));
    assert_eq!(service(&world).await.status, 200);
}

#[tokio::test]
async fn faults_meet_discovery_and_keys_too() {
    let world = visma();
    for path in
        [METADATA, "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration/jwks"]
    {
        add(&world, json!({"fault": {"status": {"code": 502}}, "path": path, "times": 1})).await;
        assert_eq!(world.get(path).await.status, 502);
        assert_eq!(world.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn an_answer_held_back_by_latency_goes_when_faults_are_cleared() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::Latency { ms: 600_000 }).at(TOKEN)).unwrap();
    let begun = Instant::now();
    let (held, ()) = tokio::join!(service(&world), async {
        world.get("/admin/requests?wait_for=1").await;
        world.emulator.clear_faults();
    });
    assert_eq!(held.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn a_request_whose_client_gives_up_waiting_is_told_as_that() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::Latency { ms: 600_000 }).at(TOKEN)).unwrap();
    tokio::select! {
        _ = service(&world) => panic!("the answer is held back"),
        _ = world.get("/admin/requests?wait_for=1") => {}
    }
    let told = async {
        loop {
            let journal = world.get("/admin/requests").await.json();
            if let Some(reason) = journal["requests"][0]["reason"].as_str() {
                return (reason.to_owned(), journal["requests"][0]["checks"][0]["name"].clone());
            }
        }
    };
    let (reason, first_check) = tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
    assert_eq!(reason, "the client closed the connection before the answer");
    assert_eq!(first_check, "request", "what was found is kept");
}

#[tokio::test]
async fn a_client_that_gives_up_does_not_hide_why_it_would_have_been_refused() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::Latency { ms: 600_000 }).at(TOKEN)).unwrap();
    tokio::select! {
        _ = world.service_token(&[("tenant_id", NOT_APPROVED)]) => panic!("the answer is held back"),
        _ = world.get("/admin/requests?wait_for=1") => {}
    }
    let told = async {
        loop {
            let journal = world.get("/admin/requests").await.json();
            if journal["requests"][0]["reason"].is_string() {
                return journal["requests"][0].clone();
            }
        }
    };
    let request = tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
    let (mut names, mut failed) = (Vec::new(), Vec::new());
    for check in request["checks"].as_array().unwrap() {
        let name = check["name"].as_str().unwrap();
        if check["passed"] == true { names.push(name) } else { failed.push(name) }
    }
    assert_eq!(failed, ["tenant", "connection"], "{request}");
    assert!(names.ends_with(&["fault"]), "{request}");
    assert!(request["reason"].as_str().unwrap().contains("has not approved"), "{request}");
}

#[tokio::test]
async fn a_fault_that_was_spent_on_an_answer_is_told() {
    let world = visma();
    for (fault, passed, words) in [
        (json!({"latency": {"ms": 1}}), true, "a prepared fault holds the answer back for 1 ms"),
        (json!({"slow-body": {"byte_every_ms": 0}}), true, "lets a byte of the answer go every 0 ms"),
        (
            json!({"access-token": "opaque"}),
            false,
            r#"the prepared fault {"access-token":"opaque"} is in the answer"#,
        ),
    ] {
        add(&world, json!({"fault": fault, "times": 1, "client_id": "isv_service"})).await;
        assert_eq!(service(&world).await.status, 200);
        let newest = world.get("/admin/requests?last=1").await.json();
        let check = newest["requests"][0]["checks"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&check["name"], &check["passed"]), (&json!("fault"), &json!(passed)), "{check}");
        assert!(check["words"].as_str().unwrap().contains(words), "{check}");
    }
    for (fault, path) in [
        (json!("truncated-body"), METADATA),
        (json!({"discovery": "no-jwks-uri"}), METADATA),
        (json!({"jwks": "empty"}), "/.well-known/openid-configuration/jwks"),
    ] {
        add(&world, json!({"fault": fault, "times": 1})).await;
        raw(&world, path).await;
        assert_eq!(refusal(&world).await.0, "fault", "{fault}");
        world.get(path).await;
        let newest = world.get("/admin/requests?last=1").await.json();
        assert_eq!(newest["requests"][0]["reason"], Value::Null, "{fault} is spent");
    }
}

#[tokio::test]
async fn a_truncated_body_ends_before_the_length_that_was_promised() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::TruncatedBody).at(METADATA).times(1)).unwrap();
    let cut = raw(&world, METADATA).await;
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body.len(), promised.parse::<usize>().unwrap() / 2);
    assert!(body.starts_with('{'), "{body}");
}

#[tokio::test]
async fn a_slow_body_comes_byte_by_byte_and_at_once_when_faults_are_cleared() {
    let world = visma();
    world
        .emulator
        .add_fault(Fault::new(FaultKind::SlowBody { byte_every_ms: 600_000 }).at(METADATA))
        .unwrap();
    let (slow, ()) = tokio::join!(world.get(METADATA), async {
        world.get("/admin/requests?wait_for=1").await;
        world.emulator.clear_faults();
    });
    assert_eq!(slow.json()["issuer"], world.emulator.issuer());
    world.emulator.add_fault(Fault::new(FaultKind::SlowBody { byte_every_ms: 1 }).at("/nowhere")).unwrap();
    world.emulator.reply_next(CannedReply::json("/nowhere", 200, "drop by drop")).unwrap();
    let begun = Instant::now();
    assert_eq!(world.get("/nowhere").await.body, "drop by drop");
    assert!(begun.elapsed() >= Duration::from_millis(12));
}

#[tokio::test]
async fn an_oversized_body_goes_on_and_on() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::OversizedBody { bytes: 3_000_000 }).times(1)).unwrap();
    let answer = service(&world).await;
    assert_eq!((answer.status, answer.body.len()), (200, 3_000_000));
    assert!(answer.body.starts_with(r#"{"access_token":"aaa"#));
}

#[tokio::test]
async fn a_lost_reply_leaves_the_token_rotated_and_a_lost_request_does_not() {
    for (lost, answer) in [(FaultKind::LostRequest, 200), (FaultKind::LostReply, 400)] {
        let world = World::changed("isv_web", |app| app.grace_s = 0);
        let old = Request::web().tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
        world.emulator.add_fault(Fault::new(lost).for_client("isv_web").at(TOKEN).times(1)).unwrap();
        let secret = world.emulator.config().application("isv_web").unwrap().secret.clone().unwrap();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &old),
            ("client_id", "isv_web"),
            ("client_secret", secret.expose_secret()),
        ];
        world.token_without_answer(&form).await;
        assert_eq!(refresh(&world, "isv_web", &old).await.status, answer);
    }
}

#[tokio::test]
async fn a_prepared_reply_is_one_of_the_faults() {
    let world = visma();
    world.emulator.reply_next(CannedReply::json(TOKEN, 418, "{}")).unwrap();
    world.emulator.add_fault(Fault::new(FaultKind::Html).at(METADATA)).unwrap();
    assert_eq!(world.get("/admin/faults").await.json()["faults"][0]["fault"]["reply"]["status"], 418);
    world.emulator.clear_replies();
    let left = world.emulator.faults();
    assert_eq!(left, [Fault::new(FaultKind::Html).at(METADATA)]);
    add(&world, json!({"path": "/x", "fault": {"reply": {"status": 201, "body": "[]"}}})).await;
    assert_eq!(world.get("/x").await.status, 201);
}

#[tokio::test]
async fn the_configuration_file_holds_faults_and_the_clocks_offset() {
    let default = DEFAULT_TOML.replace("clock_offset_s = 0", "clock_offset_s = -7200");
    let toml = format!(
        "{default}\n[[fault]]\nfault = {{ status = {{ code = 500 }} }}\ntimes = 1\n\
         [[fault]]\nfault = \"html\"\nclient_id = \"isv_service\"\npath = \"/connect/token\"\ntimes = 1\n"
    );
    let world = World::with(Config::from_toml(&toml).unwrap());
    assert_eq!(service(&world).await.status, 500);
    assert!(service(&world).await.body.contains("<html"));
    assert_eq!(service(&world).await.status, 200);
    let system = visma().emulator.clock().now_s();
    assert!((7000..7300).contains(&(system - world.emulator.clock().now_s())));
}

#[test]
fn refuses_faults_in_the_configuration_file_with_line_or_number() {
    let lines = DEFAULT_TOML.matches('\n').count();
    let refused = |fault: &str| {
        Config::from_toml(&format!("{DEFAULT_TOML}[[fault]]\n{fault}\n")).unwrap_err().to_string()
    };
    let unknown = refused("fault = \"explosion\"");
    assert!(unknown.contains(&format!("line {}", lines + 2)) && unknown.contains("lost-reply"), "{unknown}");
    let unknown_key = refused("fault = \"html\"\ncolour = 1");
    assert!(unknown_key.contains(&format!("line {}", lines + 3)), "{unknown_key}");
    let no_code = refused("fault = { status = { code = 1 } }");
    assert!(no_code.contains("fault number 1") && no_code.contains("code is 1"), "{no_code}");
    let no_client = refused("fault = \"html\"\nclient_id = \"nobody\"");
    assert!(no_client.contains("nobody"), "{no_client}");
}

#[tokio::test]
async fn the_clock_is_set_ahead_or_behind_the_systems() {
    let world = visma();
    let system = world.emulator.clock().now_s();
    let set = |body: Value| {
        let world = &world;
        async move {
            world
                .send(Method::POST, "/admin/clock", &[("content-type", "application/json")], body.to_string())
                .await
        }
    };
    let behind = set(json!({"offset_s": -3600})).await.json()["now_s"].as_u64().unwrap();
    assert!((3000..3700).contains(&(system - behind)), "{behind}");
    let token = service(&world).await;
    let issued = claims(&token.json()["access_token"])["iat"].as_u64().unwrap();
    assert!((3000..3700).contains(&(system - issued)), "{issued}");
    set(json!({"offset_s": 365 * 86_400 * 100_i64})).await;
    assert!(service(&world).await.header("date").unwrap().contains(" 21"));
    let back = set(json!({"offset_s": 0})).await.json()["now_s"].as_u64().unwrap();
    assert!(back - system < 600, "{back}");
    assert_eq!(set(json!({})).await.status, 400);
    assert_eq!(set(json!({"offset_s": 1, "advance_s": 1})).await.status, 400);
}

/// All bytes of an answer until the connection closes.
async fn raw(world: &World, path: &str) -> String {
    let address = world.emulator.address();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let read = move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // The connection may end by a reset; what came before it counts.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}
