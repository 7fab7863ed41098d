//! Test controls: prepared replies, the journal, the clock, and who may use them.

use std::time::{Duration, Instant};

use grantline_emulator::{CannedReply, RequestFilter};
use reqwest::Method;
use serde_json::{Value, json};

use crate::portal_requests::Live;
use crate::requests::{Request, refresh};
use crate::support::{Answer, FJORD, World, visma};

const TOKEN: &str = "/connect/token";

async fn post(world: &World, path: &str, body: Value) -> Answer {
    world.send(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await
}

#[tokio::test]
async fn a_prepared_reply_takes_the_place_of_the_next_answer_only() {
    let world = visma();
    let reply = json!({"path": TOKEN, "status": 503, "headers": {"Retry-After": "7"}, "body": "busy"});
    assert_eq!(post(&world, "/admin/replies", reply).await.status, 204);
    let canned = world.service_token(&[("tenant_id", FJORD)]).await;
    assert_eq!((canned.status, canned.body.as_str(), canned.header("retry-after")), (503, "busy", Some("7")));
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn a_prepared_reply_may_be_for_one_client_that_need_not_exist_and_for_several_requests() {
    let world = visma();
    let reply = json!({"path": TOKEN, "client_id": "unheard of", "status": 200, "body": "{}", "times": 2});
    post(&world, "/admin/replies", reply).await;
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.json()["token_type"], "Bearer");
    let form = [("client_id", "unheard of")];
    assert_eq!(world.token(&form).await.json(), json!({}));
    assert_eq!(world.token_with_basic("unheard+of:x", &[]).await.json(), json!({}));
    assert_eq!(world.token(&form).await.error(), "invalid_client");
}

#[tokio::test]
async fn prepared_replies_are_given_in_order_until_cleared() {
    let world = visma();
    for status in [500, 502, 503] {
        world.emulator.reply_next(CannedReply::json(TOKEN, status, "{}")).unwrap();
    }
    assert_eq!(world.token(&[]).await.status, 500);
    assert_eq!(world.token(&[]).await.status, 502);
    assert_eq!(world.send(Method::DELETE, "/admin/replies", &[], "").await.status, 204);
    assert_eq!(world.token(&[]).await.status, 400);
}

#[tokio::test]
async fn any_path_can_be_answered_for_even_one_that_does_not_exist() {
    let world = visma();
    for path in ["/.well-known/openid-configuration", "/api/invoices", "/nowhere"] {
        world.emulator.reply_next(CannedReply::json(path, 418, "{}")).unwrap();
        assert_eq!(world.get(path).await.status, 418, "{path}");
    }
}

#[tokio::test]
async fn refuses_replies_that_http_does_not_allow() {
    let world = visma();
    for reply in [
        json!({"path": TOKEN, "status": 99}),
        json!({"path": TOKEN, "status": 101}),
        json!({"path": TOKEN, "status": 200, "headers": {"a b": "c"}}),
        json!({"path": TOKEN, "status": 200, "headers": {"a": "c\r\nd: e"}}),
        json!({"path": TOKEN, "status": 200, "headers": {"Content-Length": "5"}}),
        json!({"path": TOKEN, "times": 0}),
        json!({"path": TOKEN, "delay": 5}),
        json!({"status": 200}),
    ] {
        let answer = post(&world, "/admin/replies", reply.clone()).await;
        assert!((400..500).contains(&answer.status), "{reply}");
        assert!(answer.json()["error"].is_string(), "{}", answer.body);
    }
    assert_eq!(world.token(&[]).await.status, 400);
}

#[tokio::test]
async fn a_delayed_answer_is_held_back_after_the_token_was_rotated() {
    let world = World::changed("isv_web", |app| app.grace_s = 0);
    let old = Request::web().tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
    let delay = CannedReply::delay(TOKEN, Duration::from_secs(600)).for_client("isv_web");
    world.emulator.reply_next(delay).unwrap();
    let begun = Instant::now();
    let (held, replayed) = tokio::join!(refresh(&world, "isv_web", &old), async {
        let two = format!("/admin/requests?client_id=isv_web&path={TOKEN}&wait_for=2");
        let journal = world.get(&two).await.json();
        assert_eq!(journal["requests"][1]["status"], Value::Null, "{journal}");
        let replayed = refresh(&world, "isv_web", &old).await;
        world.emulator.clear_replies();
        replayed
    });
    assert_eq!(replayed.error(), "invalid_grant");
    assert_eq!(held.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn the_journal_tells_who_asked_for_what_and_no_secret() {
    let world = visma();
    world.service_token(&[("tenant_id", FJORD)]).await;
    let token = world.service_token(&[("tenant_id", FJORD)]).await.json()["access_token"].clone();
    world.get_with_token("/api/invoices", token.as_str().unwrap()).await;
    let journal = world.get("/admin/requests?client_id=isv_service").await;
    assert!(!journal.body.contains("service-secret") && !journal.body.contains(token.as_str().unwrap()));
    let journal = journal.json();
    assert_eq!(journal["count"], 3);
    let first = json!({
        "path": TOKEN, "grant_type": "client_credentials", "client_id": "isv_service",
        "auth_method": "client_secret_post", "tenant_id": FJORD, "scope": null, "resource": [],
        "status": 200, "reason": null, "number": 1, "method": "POST", "error_id": null,
    });
    for (name, value) in first.as_object().unwrap() {
        assert_eq!(journal["requests"][0][name], *value, "{name}");
    }
    assert_eq!(journal["requests"][2]["path"], "/api/invoices");
    let tokens = world.get(&format!("/admin/requests?path={TOKEN}")).await.json();
    assert_eq!(tokens["count"], 2);
}

#[tokio::test]
async fn the_journal_tells_scope_resources_and_how_the_client_authenticated() {
    let world = visma();
    let scope = [
        ("grant_type", "client_credentials"),
        ("scope", "visma_api:read"),
        ("resource", "urn:a"),
        ("resource", "urn:b"),
    ];
    world.token_with_basic("isv_service:service-secret", &scope).await;
    world.token(&[("client_id", "isv_native")]).await;
    world.get(&Request::native().path()).await;
    world.get_with_token("/api/invoices", "x").await;
    let all = world.get("/admin/requests").await.json()["requests"].clone();
    assert_eq!(all[0]["scope"], "visma_api:read");
    assert_eq!(all[0]["resource"], json!(["urn:a", "urn:b"]));
    let methods: Vec<Value> = (0..4).map(|index| all[index]["auth_method"].clone()).collect();
    assert_eq!(json!(methods), json!(["client_secret_basic", "none", null, "bearer"]));
}

#[tokio::test]
async fn registered_applications_are_listed_without_their_secrets() {
    let world = visma();
    let listed = world.get("/admin/applications").await;
    assert!(!listed.body.contains("secret"), "{}", listed.body);
    let listed = listed.json();
    assert_eq!(listed["count"], world.emulator.config().applications.len());
    assert_eq!(listed["applications"][0]["client_id"], "isv_service");
    assert_eq!(
        (&listed["applications"][0]["type"], &listed["applications"][0]["public"]),
        (&json!("service"), &json!(false))
    );
}

#[tokio::test]
async fn the_journal_tells_why_a_request_was_refused() {
    let world = visma();
    world.token_with_basic("isv_service:wrong", &[]).await;
    world.get(&Request::web().without("scope").path()).await;
    let all = world.emulator.find_requests(&RequestFilter::default());
    assert!(all[0].reason.as_ref().unwrap().contains("wrong client secret"), "{all:?}");
    assert!(all[1].reason.as_ref().unwrap().contains("scope is missing"), "{all:?}");
}

#[tokio::test]
async fn requests_are_found_by_their_error_id_and_those_that_were_refused_by_themselves() {
    let world = visma();
    world.service_token(&[("tenant_id", FJORD)]).await;
    world.token_with_basic("isv_service:wrong", &[]).await;
    world.get(&Request::web().without("scope").path()).await;
    let numbers = async |query: &str| {
        let found = world.get(&format!("/admin/requests?{query}")).await.json();
        let numbers = found["requests"].as_array().unwrap().iter().map(|request| request["number"].as_u64());
        numbers.map(Option::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(numbers("refused=true").await, [2, 3]);
    assert_eq!(numbers("refused=true&last=1").await, [3]);
    assert_eq!(numbers("refused=true&client_id=isv_service").await, [2]);
    assert_eq!(numbers("refused=false").await, [1, 2, 3]);
    let error_id = world.emulator.find_requests(&RequestFilter::default())[2].error_id.clone().unwrap();
    assert_eq!(numbers(&format!("error_id={error_id}")).await, [3]);
    assert!(numbers("error_id=nothing").await.is_empty());
    let refused = RequestFilter { refused: true, ..RequestFilter::default() };
    assert_eq!(world.emulator.wait_for_requests(&refused, 2, Duration::from_secs(60)).len(), 2);
    assert_eq!(world.get("/admin/requests?refused=perhaps").await.status, 400);
}

#[tokio::test]
async fn requests_are_followed_as_they_arrive_and_are_answered() {
    let world = visma();
    world.service_token(&[("tenant_id", FJORD)]).await;
    let mut live = Live::at(&world, "/admin/requests/live?client_id=isv_service&refused=true").await;
    assert_eq!(live.next().await, json!({"whole": true, "requests": []}));
    world.service_token(&[("tenant_id", FJORD)]).await;
    world.token(&[("client_id", "isv_web")]).await;
    world.token_with_basic("isv_service:wrong", &[]).await;
    let batch = live.next().await;
    assert_eq!((&batch["whole"], batch["requests"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(batch["requests"][0], world.get("/admin/requests/4").await.json());
    assert_eq!(world.get("/admin/requests/live?colour=blue").await.status, 400);
}

#[tokio::test]
async fn waiting_for_requests_ends_at_its_time_limit() {
    let world = visma();
    let journal = world.get("/admin/requests?wait_for=1&timeout_ms=1").await.json();
    assert_eq!(journal["count"], 0);
    let none = world.emulator.wait_for_requests(&RequestFilter::default(), 1, Duration::from_millis(1));
    assert!(none.is_empty());
}

#[tokio::test]
async fn the_clock_moves_forward_on_demand() {
    let world = visma();
    let before = world.get("/admin/clock").await.json()["now_s"].as_u64().unwrap();
    let after =
        post(&world, "/admin/clock", json!({"advance_s": 3600})).await.json()["now_s"].as_u64().unwrap();
    assert!((3600..3660).contains(&(after - before)));
    assert_eq!(post(&world, "/admin/clock", json!({"advance_s": -1})).await.status, 422);
    assert_eq!(post(&world, "/admin/clock", json!({"advance_s": u64::MAX})).await.status, 200);
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn test_controls_refuse_foreign_hosts_and_origins() {
    let world = visma();
    let port = world.emulator.address().port();
    let own = format!("localhost:{port}");
    let origin = format!("http://{own}");
    for (name, value, status) in [
        ("host", "evil.example", 403),
        ("host", &*format!("evil.example:{port}"), 403),
        ("host", &own, 200),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", &origin, 200),
    ] {
        let answer = world.send(Method::GET, "/admin/requests", &[(name, value)], "").await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
}
