//! Refresh tokens: one-time with a grace window, re-use, lifetimes, races.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;

use crate::requests::{Request, refresh, send_as};
use crate::support::{Answer, World, both, claims, visma};

fn token(body: &Value) -> String {
    body["refresh_token"].as_str().expect("a refresh token").to_owned()
}

async fn first(world: &World, request: &Request) -> String {
    token(&request.tokens(world).await)
}

fn reuse() -> Request {
    Request::web().with("client_id", "isv_web_reuse")
}

fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_scopes() {
    for world in both() {
        let old = first(&world, &Request::web()).await;
        let body = refresh(&world, "isv_web", &old).await.json();
        assert_ne!(token(&body), old);
        assert_eq!(body["scope"], "openid offline_access visma_api:read");
        assert_eq!(body["expires_in"], 3600);
    }
}

#[tokio::test]
async fn the_new_id_token_has_no_nonce() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    let id_token = claims(&refresh(&world, "isv_web", &old).await.json()["id_token"]);
    assert!(id_token.get("nonce").is_none(), "{id_token}");
    assert_eq!(id_token["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
}

#[tokio::test]
async fn no_id_token_without_openid() {
    let world = visma();
    let old = first(&world, &Request::web().with("scope", "offline_access visma_api:read")).await;
    assert!(refresh(&world, "isv_web", &old).await.json().get("id_token").is_none());
}

#[tokio::test]
async fn scope_in_a_refresh_is_ignored() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*old), ("scope", "visma_api:write")];
    let body = send_as(&world, "isv_web", &form).await.json();
    assert_eq!(body["scope"], "openid offline_access visma_api:read");
}

#[tokio::test]
async fn in_the_grace_window_each_replay_gives_another_token_that_works() {
    for world in both() {
        let old = first(&world, &Request::web()).await;
        let second = token(&refresh(&world, "isv_web", &old).await.json());
        world.emulator.advance_clock(Duration::from_secs(30));
        let third = token(&refresh(&world, "isv_web", &old).await.json());
        assert_ne!(second, third);
        assert_eq!(refresh(&world, "isv_web", &second).await.status, 200);
        assert_eq!(refresh(&world, "isv_web", &third).await.status, 200);
    }
}

#[tokio::test]
async fn the_grace_window_counts_from_the_first_use() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    refresh(&world, "isv_web", &old).await;
    world.emulator.advance_clock(Duration::from_secs(30));
    assert_eq!(refresh(&world, "isv_web", &old).await.status, 200);
    world.emulator.advance_clock(Duration::from_secs(30));
    assert_refused(&refresh(&world, "isv_web", &old).await);
}

#[tokio::test]
async fn a_replay_after_the_grace_window_leaves_the_family_alone() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    let next = token(&refresh(&world, "isv_web", &old).await.json());
    world.emulator.advance_clock(Duration::from_secs(61));
    assert_refused(&refresh(&world, "isv_web", &old).await);
    assert_eq!(refresh(&world, "isv_web", &next).await.status, 200);
}

#[tokio::test]
async fn a_replay_ends_the_family_where_the_application_says_so() {
    let world = World::changed("isv_web", |app| app.revoke_family_on_reuse = true);
    let old = first(&world, &Request::web()).await;
    let next = token(&refresh(&world, "isv_web", &old).await.json());
    world.emulator.advance_clock(Duration::from_secs(61));
    assert_refused(&refresh(&world, "isv_web", &old).await);
    assert_refused(&refresh(&world, "isv_web", &next).await);
}

#[tokio::test]
async fn without_a_grace_window_a_replay_is_refused_at_once() {
    let world = World::changed("isv_web", |app| app.grace_s = 0);
    let old = first(&world, &Request::web()).await;
    assert_eq!(refresh(&world, "isv_web", &old).await.status, 200);
    assert_refused(&refresh(&world, "isv_web", &old).await);
}

#[tokio::test]
async fn under_re_use_the_token_stays_the_same() {
    for world in both() {
        let old = first(&world, &reuse()).await;
        for _ in 0..3 {
            assert_eq!(token(&refresh(&world, "isv_web_reuse", &old).await.json()), old);
        }
    }
}

#[tokio::test]
async fn each_refresh_extends_the_lifetime_up_to_the_absolute_one() {
    let day = Duration::from_secs(86_400);
    for client_id in ["isv_web", "isv_web_reuse"] {
        let world = World::changed(client_id, |app| app.refresh_token_absolute_s = 30 * 86_400);
        let mut current = first(&world, &Request::web().with("client_id", client_id)).await;
        for _ in 0..2 {
            world.emulator.advance_clock(14 * day);
            current = token(&refresh(&world, client_id, &current).await.json());
        }
        world.emulator.advance_clock(2 * day);
        assert_refused(&refresh(&world, client_id, &current).await);
    }
}

#[tokio::test]
async fn an_unused_refresh_token_ends_after_its_lifetime() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    world.emulator.advance_clock(Duration::from_secs(15 * 86_400));
    assert_refused(&refresh(&world, "isv_web", &old).await);
}

#[tokio::test]
async fn another_clients_refresh_token_is_refused_and_stays_good() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    assert_refused(&refresh(&world, "isv_web_reuse", &old).await);
    assert_eq!(refresh(&world, "isv_web", &old).await.status, 200);
}

#[tokio::test]
async fn an_application_without_offline_access_may_not_refresh() {
    let world = visma();
    assert_eq!(refresh(&world, "isv_spa", "x").await.error(), "unauthorized_client");
    assert_eq!(refresh(&world, "isv_service", "x").await.error(), "unauthorized_client");
}

#[tokio::test]
async fn refuses_a_refresh_token_longer_than_100_characters_and_a_missing_one() {
    let world = visma();
    assert_refused(&refresh(&world, "isv_web", &"r".repeat(101)).await);
    assert_eq!(refresh(&world, "isv_web", "").await.error(), "invalid_request");
}

#[tokio::test]
async fn of_parallel_refreshes_without_grace_exactly_one_wins() {
    let world = World::changed("isv_web", |app| app.grace_s = 0);
    let old = first(&world, &Request::web()).await;
    let answers = parallel(&world, &old).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    answers.iter().filter(|answer| answer.status != 200).for_each(assert_refused);
}

#[tokio::test]
async fn of_parallel_refreshes_within_grace_all_win_different_tokens() {
    let world = visma();
    let old = first(&world, &Request::web()).await;
    let answers = parallel(&world, &old).await;
    let tokens: HashSet<_> = answers.iter().map(|answer| token(&answer.json())).collect();
    assert_eq!(tokens.len(), answers.len());
}

/// Eight refreshes of one token at the same time.
async fn parallel(world: &World, token: &str) -> [Answer; 8] {
    let one = || refresh(world, "isv_web", token);
    tokio::join!(one(), one(), one(), one(), one(), one(), one(), one()).into()
}
