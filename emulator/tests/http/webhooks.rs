//! Approvals of tenants, and the webhook that tells of them.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantline_emulator::{ApprovalError, Fault, FaultKind, NoticeKind, Secret, WebhookFault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::receiver::{Received, Receiver};
use crate::support::{NOT_APPROVED, World};

fn world_that_tells(receiver: &Receiver) -> World {
    World::changed("isv_service", |app| {
        app.webhook_url = Some(receiver.url.clone());
        app.webhook_secret = Some(Secret::new("webhook-secret"));
    })
}

async fn approve(world: &World) -> Value {
    let body = json!({"client_id": "isv_service", "tenant_id": NOT_APPROVED}).to_string();
    let answer =
        world.send(Method::POST, "/admin/approvals", &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn is_signed_rightly(received: &Received) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"webhook-secret");
    let signature = received.header("x-visma-signature").map(|value| STANDARD.decode(value).unwrap());
    signature.is_some_and(|signature| hmac::verify(&key, received.body.as_bytes(), &signature).is_ok())
}

#[tokio::test]
async fn an_approved_tenant_gets_tokens_from_then_on() {
    let receiver = Receiver::answering("204 No Content");
    let world = world_that_tells(&receiver);
    assert_eq!(world.service_token(&[("tenant_id", NOT_APPROVED)]).await.error(), "invalid_tenant");
    approve(&world).await;
    assert_eq!(world.service_token(&[("tenant_id", NOT_APPROVED)]).await.status, 200);
    let applications = world.get("/admin/applications").await.json()["applications"].clone();
    assert!(applications[0]["approved_tenants"].as_array().unwrap().contains(&json!(NOT_APPROVED)));
}

#[tokio::test]
async fn the_application_is_told_by_a_signed_webhook() {
    let receiver = Receiver::answering("204 No Content");
    let world = world_that_tells(&receiver);
    let answer = approve(&world).await;
    let delivery = json!({
        "number": 1, "kind": "webhook", "client_id": "isv_service", "url": receiver.url, "status": 204,
        "error": null, "next_attempt_ms": null,
    });
    for (name, value) in delivery.as_object().unwrap() {
        assert_eq!(answer["deliveries"][0][name], *value, "{name}");
    }
    assert_eq!(answer["deliveries"][0]["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(world.get("/admin/deliveries").await.json(), answer);
    let received = receiver.next();
    assert!(received.head.starts_with("POST /told?by=emulator HTTP/1.1"), "{}", received.head);
    assert!(is_signed_rightly(&received), "{}", received.head);
    let event: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(
        (&event["event"], &event["tenant_id"]),
        (&json!("tenant_application_added"), &json!(NOT_APPROVED))
    );
    assert_eq!(event["client_id"], "isv_service");
}

#[tokio::test]
async fn a_webhook_can_be_signed_wrongly_not_at_all_or_altered() {
    let receiver = Receiver::answering("400 Bad Request");
    let world = world_that_tells(&receiver);
    for (fault, has_signature) in [
        (WebhookFault::WrongSignature, true),
        (WebhookFault::NoSignature, false),
        (WebhookFault::AlteredBody, true),
    ] {
        world.emulator.add_fault(Fault::new(FaultKind::Webhook(fault)).times(1)).unwrap();
        assert_eq!(approve(&world).await["deliveries"][0]["status"], 400);
        let received = receiver.next();
        assert_eq!(received.header("x-visma-signature").is_some(), has_signature, "{fault:?}");
        assert!(!is_signed_rightly(&received), "{fault:?}");
    }
    approve(&world).await;
    assert!(is_signed_rightly(&receiver.next()));
}

#[tokio::test]
async fn a_test_in_rust_approves_and_waits_for_the_webhook() {
    let receiver = Receiver::answering("200 OK");
    let world = world_that_tells(&receiver);
    world.emulator.approve_tenant("isv_service", NOT_APPROVED).unwrap();
    let deliveries = world.emulator.wait_for_deliveries(1, Duration::from_secs(30));
    assert_eq!((deliveries[0].kind, deliveries[0].status), (NoticeKind::Webhook, Some(200)));
    assert_eq!(
        world.emulator.approve_tenant("isv_web", NOT_APPROVED),
        Err(ApprovalError::Application("isv_web".into()))
    );
    assert_eq!(world.emulator.approve_tenant("isv_service", "x"), Err(ApprovalError::Tenant("x".into())));
}

#[tokio::test]
async fn an_application_that_does_not_listen_is_recorded_with_the_reason() {
    let receiver = Receiver::answering("200 OK");
    let mut closed = url::Url::parse(&receiver.url).unwrap();
    // Port 1 is tcpmux; nobody listens there.
    closed.set_port(Some(1)).unwrap();
    let world = World::changed("isv_service", |app| {
        app.webhook_url = Some(closed.to_string());
        app.webhook_secret = Some(Secret::new("webhook-secret"));
    });
    let delivery = approve(&world).await["deliveries"][0].clone();
    assert!(delivery["status"].is_null() && delivery["error"].is_string(), "{delivery}");
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn an_application_without_a_webhook_is_approved_silently() {
    let world = crate::support::visma();
    assert_eq!(approve(&world).await["count"], 0);
    let unknown = world
        .send(
            Method::POST,
            "/admin/approvals",
            &[("content-type", "application/json")],
            r#"{"client_id":"nobody","tenant_id":"x"}"#,
        )
        .await;
    assert!(unknown.status == 400 && unknown.error().contains("nobody"), "{}", unknown.body);
}

#[tokio::test]
async fn a_webhook_that_was_refused_is_sent_again_when_its_time_has_come_and_can_be_repeated() {
    let receiver = Receiver::answering("500 Internal Server Error");
    let world = world_that_tells(&receiver);
    let first = approve(&world).await["deliveries"][0].clone();
    assert_eq!((&first["status"], &first["error"]), (&json!(500), &Value::Null));
    let body = receiver.next().body;
    for (attempt, wait_s) in [(2, 10), (3, 60), (4, 300)] {
        assert!(receiver.is_idle());
        world.emulator.advance_clock(Duration::from_secs(wait_s));
        assert_eq!(receiver.next().body, body);
        until(&world, |delivery| delivery["attempts"].as_array().unwrap().len() == attempt).await;
    }
    let last = until(&world, |delivery| delivery["next_attempt_ms"].is_null()).await;
    assert_eq!(last["attempts"].as_array().unwrap().len(), 4);
    let repeated = world.send(Method::POST, "/admin/deliveries/1/repeat", &[], "").await;
    assert_eq!(repeated.json()["attempts"].as_array().unwrap().len(), 5);
    assert_eq!(receiver.next().body, body);
    world.emulator.repeat_delivery(1).unwrap();
    assert_eq!(receiver.next().body, body);
    assert_eq!(world.send(Method::POST, "/admin/deliveries/2/repeat", &[], "").await.status, 404);
    assert!(world.emulator.repeat_delivery(2).unwrap_err().to_string().contains("no delivery \"2\""));
}

/// The delivery as soon as it is so; each look is a request, so that the emulator's own work goes on in between.
async fn until(world: &World, is_so: impl Fn(&Value) -> bool) -> Value {
    let end = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let delivery = world.get("/admin/deliveries").await.json()["deliveries"][0].clone();
        if is_so(&delivery) {
            return delivery;
        }
        assert!(std::time::Instant::now() < end, "{delivery}");
    }
}
