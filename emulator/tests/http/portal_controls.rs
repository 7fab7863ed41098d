//! The portal's deliveries, faults, keys and clock.

use grantline_emulator::{FaultKind, KeyRotation, Secret};

use reqwest::Method;

use crate::portal::{assert_refused_at, post, target};
use crate::receiver::Receiver;
use crate::support::{FJORD, World, visma};

#[tokio::test]
async fn a_delivery_is_listed_with_its_attempts_and_sent_again_word_for_word() {
    let told = Receiver::answering("500 Internal Server Error");
    let world = World::changed("isv_service", |service| {
        service.webhook_url = Some(told.url.clone());
        service.webhook_secret = Some(Secret::new("of-webhooks"));
    });
    world.emulator.approve_tenant("isv_service", FJORD).unwrap();
    let first = told.next().body;
    world.emulator.wait_for_deliveries(1, std::time::Duration::from_secs(30));
    let page = world.get("/portal/deliveries").await.body;
    assert!(page.contains("answered 500") && page.contains("again by itself in"), "{page}");
    let repeated = post(&world, "/portal/deliveries/repeat", &[("number", "1")]).await;
    assert_eq!(target(&repeated), "/portal/deliveries?done=sent");
    assert_eq!(told.next().body, first);
    assert_eq!(world.get("/portal/deliveries").await.body.matches("answered 500").count(), 2);
    for number in ["2", "x", ""] {
        let refused = post(&world, "/portal/deliveries/repeat", &[("number", number)]).await;
        assert_eq!(refused.status, 404, "{number}");
    }
}

#[tokio::test]
async fn a_fault_is_added_waits_and_is_cleared() {
    let world = visma();
    let fault = [
        ("fault", "status"),
        ("code", "503"),
        ("retry_after", "7"),
        ("client_id", "isv_service"),
        ("path", "/connect/token"),
        ("times", "2"),
    ];
    assert_eq!(
        target(&post(&world, "/portal/controls/faults/new", &fault).await),
        "/portal/controls?done=armed"
    );
    let token = || world.service_token(&[("tenant_id", FJORD)]);
    let busy = token().await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("7")));
    let page = world.get("/portal/controls").await.body;
    assert!(page.contains("status: code 503, retry_after 7"), "{page}");
    assert!(page.contains("isv_service at /connect/token"), "{page}");
    assert!(page.contains(r#"name="fault" value="1""#), "{page}");
    let cleared = post(&world, "/portal/controls/faults/clear", &[("fault", "1")]).await;
    assert_eq!(target(&cleared), "/portal/controls?done=cleared");
    assert_eq!(token().await.status, 200);
}

#[tokio::test]
async fn one_fault_is_cleared_and_the_others_stay_until_all_are() {
    let world = visma();
    for fault in ["id-token/wrong-nonce", "html", "jwks/empty"] {
        post(&world, "/portal/controls/faults/new", &[("fault", fault)]).await;
    }
    post(&world, "/portal/controls/faults/clear", &[("fault", "2")]).await;
    let left = world.emulator.faults();
    assert!(left.len() == 2 && left.iter().all(|fault| fault.fault != FaultKind::Html), "{left:?}");
    assert_eq!(post(&world, "/portal/controls/faults/clear", &[("fault", "?")]).await.status, 422);
    post(&world, "/portal/controls/faults/clear", &[]).await;
    assert!(world.emulator.faults().is_empty());
}

#[tokio::test]
async fn a_fault_that_could_never_happen_is_refused_at_its_field() {
    let world = visma();
    for (form, field, words) in [
        (vec![("fault", "status"), ("code", "200")], "code", "400 to 599"),
        (vec![("fault", "status"), ("code", "")], "code", "is no number"),
        (vec![("fault", "latency"), ("ms", "-1")], "ms", "is no number"),
        (vec![("fault", "html"), ("times", "0")], "times", "times is 0"),
        (vec![("fault", "html"), ("path", "token")], "path", "begin with /"),
        (vec![("fault", "id-token/no-sub"), ("path", "")], "fault", "unknown variant"),
        (vec![("fault", "id-token/expired"), ("path", "/x")], "path", "a place of its own"),
        (vec![("fault", "jwks/empty"), ("client_id", "isv_web")], "client_id", "name no client"),
    ] {
        assert_refused_at(&post(&world, "/portal/controls/faults/new", &form).await, field, words);
    }
    assert!(world.emulator.faults().is_empty());
}

#[tokio::test]
async fn keys_are_rotated() {
    let world = visma();
    let keys = async || world.get("/.well-known/openid-configuration/jwks").await.json()["keys"].clone();
    let before = keys().await;
    let rotated = post(&world, "/portal/controls/keys", &[("rotate", "add")]).await;
    assert_eq!(target(&rotated), "/portal/controls?done=rotated");
    let after = keys().await;
    assert_eq!(after.as_array().unwrap().len(), 2);
    assert_eq!(after[1], before[0]);
    assert!(world.get("/portal/controls").await.body.contains(after[0]["kid"].as_str().unwrap()));
    assert_eq!(post(&world, "/portal/controls/keys", &[("rotate", "sideways")]).await.status, 422);
}

#[tokio::test]
async fn more_generations_of_keys_than_there_may_be_are_refused_with_what_to_do() {
    let world = visma();
    for _ in 1..16 {
        world.emulator.rotate_keys(KeyRotation::Add).unwrap();
    }
    let refused = post(&world, "/portal/controls/keys", &[("rotate", "add")]).await;
    assert!(refused.status == 409 && refused.body.contains("replace them first"), "{}", refused.body);
    let json = [("content-type", "application/json")];
    let refused = world.send(Method::POST, "/admin/keys", &json, r#"{"rotate":"add"}"#).await;
    assert!(refused.status == 409 && refused.error().contains("16 generations"), "{}", refused.body);
    let replaced = world.send(Method::POST, "/admin/keys", &json, r#"{"rotate":"replace"}"#).await;
    assert_eq!(replaced.json()["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_clock_is_moved_or_refused_at_its_field() {
    let world = visma();
    let now = async || world.get("/admin/clock").await.json()["now_s"].as_u64().unwrap();
    let before = now().await;
    assert_eq!(
        target(&post(&world, "/portal/controls/clock", &[("advance_s", "3600")]).await),
        "/portal/controls?done=moved"
    );
    assert!((3600..3660).contains(&(now().await - before)));
    post(&world, "/portal/controls/clock", &[("offset_s", "-120")]).await;
    assert!(now().await < before);
    for (form, field, words) in [
        (vec![("advance_s", "an hour")], "advance_s", "is no number"),
        (vec![("advance_s", "-5")], "advance_s", "is no number"),
        (vec![("offset_s", "1.5")], "offset_s", "is no number"),
        (vec![], "advance_s", "give a number"),
        (vec![("advance_s", "1"), ("offset_s", "1")], "offset_s", "not both"),
    ] {
        assert_refused_at(&post(&world, "/portal/controls/clock", &form).await, field, words);
    }
}
