//! What the journal tells of each refusal where tokens are brought to: which check failed, and in words why.

use std::time::Duration;

use grantline_emulator::{Config, KeyRotation, Mode};
use reqwest::Method;

use crate::checks::{assert_refused_after, assert_refused_by, own_token};
use crate::requests::Request;
use crate::support::{FJORD, FORM, World, encode, standard, visma};

#[tokio::test]
async fn tells_why_a_bearer_token_is_refused() {
    let world = standard();
    world.get("/api/invoices").await;
    assert_refused_by(&world, "access_token", "no Authorization header field").await;
    world.send(Method::GET, "/api/invoices", &[("authorization", "Basic eDp5")], "").await;
    assert_refused_by(&world, "access_token", "has another scheme").await;
    world.get_with_token("/api/invoices", "x").await;
    assert_refused_by(&world, "access_token", "it is no JWT").await;
    let tokens = Request::web().with("scope", "openid profile").tokens(&world).await;
    let token = tokens["access_token"].as_str().unwrap();
    world.get_with_token("/api/invoices", token).await;
    assert_refused_by(&world, "scope", "does not hold the scope visma_api:read; it holds: openid profile")
        .await;
    world.get_with_token("/api/invoices", tokens["id_token"].as_str().unwrap()).await;
    assert_refused_by(&world, "access_token", "typ is \"JWT\"").await;
    world.get_with_token("/api/invoices", &format!("{}AAAA", &token[..token.len() - 4])).await;
    assert_refused_by(&world, "access_token", "the token's signature does not fit").await;
    let other = World::with(Config { mode: Mode::Standard, ..Config::default() });
    other.get_with_token("/api/invoices", token).await;
    assert_refused_by(&other, "access_token", "which is not among this server's").await;
    world.emulator.advance_clock(Duration::from_secs(3660));
    world.get_with_token("/connect/userinfo", token).await;
    assert_refused_after(&world, "access_token", "the token expired # s ago", 60).await;
}

#[tokio::test]
async fn tells_that_the_key_the_user_or_the_application_of_a_token_is_gone() {
    let world = visma();
    let of_user = Request::web().tokens(&world).await["access_token"].as_str().unwrap().to_owned();
    let of_service = world.service_token(&[("tenant_id", FJORD), ("scope", "visma_api:read")]).await.json();
    let of_service = of_service["access_token"].as_str().unwrap();
    world.emulator.remove_user("anna@example.com").unwrap();
    assert_eq!(world.get_with_token("/connect/userinfo", &of_user).await.status, 401);
    assert_refused_by(&world, "access_token", "the token's user is not known any more").await;
    world.emulator.remove_application("isv_service").unwrap();
    assert_eq!(world.get_with_token("/api/invoices", of_service).await.status, 401);
    assert_refused_by(&world, "access_token", "isv_service, is not registered any more").await;
    world.emulator.rotate_keys(KeyRotation::Replace).unwrap();
    world.get_with_token("/connect/userinfo", &of_user).await;
    assert_refused_by(&world, "access_token", "the keys were replaced").await;
}

#[tokio::test]
async fn tells_what_a_revocation_did_not_end() {
    let world = visma();
    let tokens = Request::web().tokens(&world).await;
    let revoke =
        |body: String| world.send(Method::POST, "/connect/revocation", &[("content-type", FORM)], body);
    for (body, check, words) in [
        (own_token("isv_web", ""), "token", "token is missing"),
        (own_token("isv_web", "unknown"), "token", "the token is unknown: nothing was ended"),
        (
            own_token("isv_web", tokens["access_token"].as_str().unwrap()),
            "token",
            "lives on until it expires",
        ),
        (own_token("isv_web_reuse", tokens["refresh_token"].as_str().unwrap()), "token", "another client's"),
        (
            format!("{}&token_type_hint=x", own_token("isv_web", "x")),
            "token_type_hint",
            "neither access_token",
        ),
    ] {
        revoke(body).await;
        assert_refused_by(&world, check, words).await;
    }
}

#[tokio::test]
async fn tells_why_an_introspected_token_is_not_active() {
    let world = visma();
    let tokens = Request::web().tokens(&world).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let ask = |body: String| world.send(Method::POST, "/connect/introspect", &[("content-type", FORM)], body);
    for (body, check, words) in [
        (own_token("isv_web", ""), "token", "token is missing"),
        (own_token("isv_web", "unknown"), "token", "not active: the token is unknown: it is no JWT"),
        (
            own_token("isv_web_reuse", access_token),
            "token",
            "it was issued to isv_web, and isv_web_reuse asks",
        ),
        (
            own_token("isv_web_reuse", tokens["refresh_token"].as_str().unwrap()),
            "token",
            "a refresh token that",
        ),
        (
            encode(&[("client_id", "isv_native"), ("token", "x")]),
            "client",
            "a public client may not introspect",
        ),
    ] {
        ask(body).await;
        assert_refused_by(&world, check, words).await;
    }
    world.emulator.advance_clock(Duration::from_secs(3605));
    ask(own_token("isv_web", access_token)).await;
    assert_refused_after(&world, "token", "not active: it expired # s ago", 5).await;
}
