//! Userinfo and the protected API.

use std::time::Duration;

use serde_json::json;

use crate::requests::Request;
use crate::support::{FJORD, World, both, standard, visma};

async fn user_token(world: &World, scope: &str) -> String {
    let tokens = Request::web().with("scope", scope).tokens(world).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn service_token(world: &World, scope: &str) -> String {
    let body = world.service_token(&[("scope", scope), ("tenant_id", FJORD)]).await.json();
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_allow() {
    for world in both() {
        let all = world
            .get_with_token("/connect/userinfo", &user_token(&world, "openid profile email").await)
            .await;
        assert_eq!(all.json()["name"], "Anna Berg");
        assert_eq!(all.json()["email"], "anna@example.com");
        let little =
            world.get_with_token("/connect/userinfo", &user_token(&world, "openid").await).await.json();
        assert_eq!(little["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
        assert!(little.get("name").is_none() && little.get("email").is_none(), "{little}");
    }
}

#[tokio::test]
async fn userinfo_writes_auth_time_as_a_string_at_visma_and_a_number_in_standard_mode() {
    for (world, is_string) in [(visma(), true), (standard(), false)] {
        let answer =
            world.get_with_token("/connect/userinfo", &user_token(&world, "openid").await).await.json();
        assert_eq!(answer["auth_time"].is_string(), is_string, "{answer}");
        assert_eq!(answer["amr"], json!(["pwd"]));
    }
}

#[tokio::test]
async fn userinfo_refuses_a_token_without_openid() {
    let world = standard();
    let answer =
        world.get_with_token("/connect/userinfo", &service_token(&world, "visma_api:read").await).await;
    assert_eq!(answer.status, 403);
    assert!(answer.header("www-authenticate").unwrap().contains("insufficient_scope"));
}

#[tokio::test]
async fn the_api_answers_with_the_tenant_of_the_token() {
    for world in both() {
        let token = service_token(&world, "visma_api:read").await;
        let answer = world.get_with_token("/api/invoices", &token).await;
        assert_eq!((answer.status, &answer.json()["tenant_id"]), (200, &json!(FJORD)));
        assert_eq!(answer.json()["tenant_name"], "Fjord Bakery AS");
        let token = user_token(&world, "visma_api:read").await;
        assert_eq!(world.get_with_token("/api/invoices", &token).await.status, 200);
    }
}

#[tokio::test]
async fn the_api_refuses_a_token_without_the_scope() {
    let world = visma();
    let answer = world.get_with_token("/api/invoices", &service_token(&world, "visma_api:write").await).await;
    assert_eq!(answer.status, 403);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(r#"error="insufficient_scope""#)
            && challenge.contains(r#"scope="visma_api:read""#)
    );
}

#[tokio::test]
async fn resources_challenge_without_an_error_when_there_is_no_token() {
    let challenge = Some(r#"Bearer realm="grantline""#);
    for (world, path, expected) in [
        (visma(), "/api/invoices", challenge),
        (standard(), "/api/invoices", challenge),
        (standard(), "/connect/userinfo", challenge),
        (visma(), "/connect/userinfo", None),
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, expected), "{path}");
    }
}

#[tokio::test]
async fn resources_refuse_expired_foreign_altered_and_wrong_tokens() {
    let (world, other) = (visma(), visma());
    let good = user_token(&world, "openid visma_api:read").await;
    let id_token = Request::web().tokens(&world).await["id_token"].as_str().unwrap().to_owned();
    let foreign = user_token(&other, "openid visma_api:read").await;
    let mut altered = good.clone();
    altered.replace_range(10..11, if &good[10..11] == "A" { "B" } else { "A" });
    for token in [foreign.as_str(), &altered, &id_token, "not a token", ""] {
        for path in ["/api/invoices", "/connect/userinfo"] {
            let answer = world.get_with_token(path, token).await;
            assert_eq!(answer.status, 401, "{token}");
        }
    }
    world.emulator.advance_clock(Duration::from_secs(3600));
    let answer = world.get_with_token("/api/invoices", &good).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
}
