//! Token introspection (RFC 7662).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::requests::{Request, refresh};
use crate::support::{Answer, FORM, World, both, encode, standard, visma};

const WEB: [(&str, &str); 2] = [("client_id", "isv_web"), ("client_secret", "web:secret+100%25&more")];

async fn post(world: &World, form: &[(&str, &str)]) -> Answer {
    world.send(Method::POST, "/connect/introspect", &[("content-type", FORM)], encode(form)).await
}

async fn introspect(world: &World, token: &str) -> Value {
    let answer = post(world, &[&WEB[..], &[("token", token)]].concat()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn inactive() -> Value {
    json!({"active": false})
}

async fn tokens(world: &World) -> (String, String) {
    let tokens = Request::web().tokens(world).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[tokio::test]
async fn an_access_token_of_the_caller_is_active_with_its_claims_until_it_expires() {
    for world in both() {
        let (access_token, _) = tokens(&world).await;
        let answer = introspect(&world, &access_token).await;
        assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!("isv_web")));
        assert_eq!(answer["scope"], "openid offline_access visma_api:read");
        assert_eq!(answer["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
        assert_eq!(answer["iss"], world.emulator.issuer());
        assert!(answer["exp"].is_u64() && answer["token_type"] == "Bearer", "{answer}");
        world.emulator.advance_clock(Duration::from_secs(3600));
        assert_eq!(introspect(&world, &access_token).await, inactive());
    }
}

#[tokio::test]
async fn a_refresh_token_is_active_until_it_is_used_up_or_revoked() {
    let world = World::changed("isv_web", |app| app.grace_s = 0);
    let (_, refresh_token) = tokens(&world).await;
    let answer = introspect(&world, &refresh_token).await;
    assert_eq!(
        (&answer["active"], &answer["scope"]),
        (&json!(true), &json!("openid offline_access visma_api:read"))
    );
    assert!(answer["exp"].as_u64().unwrap() > world.emulator.clock().now_s());
    let next =
        refresh(&world, "isv_web", &refresh_token).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(introspect(&world, &refresh_token).await, inactive());
    assert_eq!(introspect(&world, &next).await["active"], true);
    let revoke = encode(&[&WEB[..], &[("token", &next)]].concat());
    world.send(Method::POST, "/connect/revocation", &[("content-type", FORM)], revoke).await;
    assert_eq!(introspect(&world, &next).await, inactive());
}

#[tokio::test]
async fn what_is_unknown_or_anothers_is_inactive_and_no_more_is_said() {
    for world in both() {
        let other = Request::native().tokens(&world).await;
        for token in [&other["access_token"], &other["refresh_token"], &other["id_token"], &json!("x")] {
            assert_eq!(introspect(&world, token.as_str().unwrap()).await, inactive());
        }
    }
}

#[tokio::test]
async fn refuses_callers_that_do_not_authenticate() {
    for (world, status) in [(visma(), 400), (standard(), 401)] {
        for form in
            [&[("client_id", "isv_native")][..], &[("client_id", "isv_web"), ("client_secret", "wrong")], &[]]
        {
            let refused = post(&world, &[form, &[("token", "x")]].concat()).await;
            assert_eq!((refused.status, refused.error().as_str()), (status, "invalid_client"));
        }
        assert_eq!(post(&world, &WEB).await.error(), "invalid_request");
        assert_eq!(world.get("/connect/introspect").await.status, 405);
    }
}
