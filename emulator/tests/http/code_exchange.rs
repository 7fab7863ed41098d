//! The exchange of authorization codes, and the tokens it gives.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::browser::Browser;
use crate::requests::{CHALLENGE, Request, VERIFIER, plain_proof_key, send_as};
use crate::support::{FJORD, World, both, claims, jwt_header, standard, visma};

async fn code(world: &World, request: &Request) -> String {
    Browser::new(world).approve(&request.path()).await.response()["code"].clone()
}

#[tokio::test]
async fn a_code_gives_access_refresh_and_id_token() {
    for world in both() {
        let tokens = Request::web().tokens(&world).await;
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 3600);
        assert_eq!(tokens["scope"], "openid offline_access visma_api:read");
        assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string(), "{tokens}");
    }
}

#[tokio::test]
async fn the_access_token_names_user_tenant_and_client() {
    let world = visma();
    let claims = claims(&Request::web().tokens(&world).await["access_token"]);
    assert_eq!(claims["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
    assert_eq!(claims["tenant_id"], FJORD);
    assert_eq!(claims["client_id"], "isv_web");
    assert_eq!(claims["scope"], json!(["openid", "offline_access", "visma_api:read"]));
    assert_eq!(claims["aud"], "https://visma-api.example");
}

#[tokio::test]
async fn the_id_token_has_vismas_claims_and_lives_300_seconds() {
    for world in both() {
        let tokens = Request::web().tokens(&world).await;
        let claims = claims(&tokens["id_token"]);
        assert_eq!(claims["iss"], world.emulator.issuer());
        assert_eq!(claims["aud"], "isv_web");
        assert_eq!(claims["sub"], "a0a0a0a0-0000-4000-8000-000000000001");
        assert_eq!(claims["nonce"], "the-nonce");
        assert_eq!(claims["acr"], "1");
        assert_eq!(claims["amr"], json!(["pwd"]));
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 300);
        assert_eq!(claims["llt"], claims["auth_time"]);
        assert!(claims["sid"].is_string() && claims["idp"].is_string() && claims["auth_time"].is_u64());
        assert_eq!(jwt_header(&tokens["id_token"])["alg"], "RS256");
    }
}

#[tokio::test]
async fn at_hash_is_the_left_half_of_the_access_tokens_hash() {
    let tokens = Request::web().tokens(&visma()).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access_token.as_bytes());
    assert_eq!(claims(&tokens["id_token"])["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
}

#[tokio::test]
async fn id_and_refresh_token_come_only_with_their_scopes() {
    let tokens = Request::web().with("scope", "visma_api:read").tokens(&visma()).await;
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none(), "{tokens}");
}

#[tokio::test]
async fn public_clients_exchange_without_a_secret() {
    for world in both() {
        assert!(Request::native().tokens(&world).await["refresh_token"].is_string());
        let spa = Request::web()
            .with("client_id", "isv_spa")
            .with("redirect_uri", "http://localhost:5173/callback")
            .with("scope", "openid visma_api:read");
        assert!(spa.tokens(&world).await.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_code_is_good_once() {
    for world in both() {
        let code = code(&world, &Request::web()).await;
        assert_eq!(Request::web().exchange(&world, &code).await.status, 200);
        let again = Request::web().exchange(&world, &code).await;
        assert_eq!((again.status, again.error().as_str()), (400, "invalid_grant"));
    }
}

#[tokio::test]
async fn a_code_lives_300_seconds() {
    let world = visma();
    let (early, late) = (code(&world, &Request::web()).await, code(&world, &Request::web()).await);
    world.emulator.advance_clock(Duration::from_secs(240));
    assert_eq!(Request::web().exchange(&world, &early).await.status, 200);
    world.emulator.advance_clock(Duration::from_secs(60));
    assert_eq!(Request::web().exchange(&world, &late).await.error(), "invalid_grant");
}

#[tokio::test]
async fn refuses_another_verifier_and_spends_the_code() {
    for world in both() {
        for further in [&[("code_verifier", CHALLENGE)][..], &[], &[("code_verifier", "short")]] {
            let code = code(&world, &Request::web()).await;
            let answer = Request::web().exchange_with(&world, &code, further).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"));
            assert_eq!(Request::web().exchange(&world, &code).await.error(), "invalid_grant");
        }
    }
}

#[tokio::test]
async fn a_plain_challenge_is_compared_as_it_is() {
    let world = visma();
    let verifier = plain_proof_key();
    let request = Request::web().with("code_challenge", &verifier).with("code_challenge_method", "plain");
    let code = code(&world, &request).await;
    let answer = request.exchange_with(&world, &code, &[("code_verifier", &verifier)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_confidential_client_may_leave_pkce_out_but_not_half_of_it() {
    let world = visma();
    let request = Request::web().without("code_challenge").without("code_challenge_method");
    let plain = code(&world, &request).await;
    assert_eq!(request.exchange_with(&world, &plain, &[]).await.status, 200);
    let half = code(&world, &request).await;
    assert_eq!(
        request.exchange_with(&world, &half, &[("code_verifier", VERIFIER)]).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn refuses_another_redirect_uri() {
    for world in both() {
        let code = code(&world, &Request::web()).await;
        let other = Request::web().with("redirect_uri", "http://localhost:8080/callback");
        assert_eq!(other.exchange(&world, &code).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_that_another_client_presents_is_refused_and_stays_good() {
    let world = visma();
    let code = code(&world, &Request::web()).await;
    let other = Request::web().with("client_id", "isv_web_reuse");
    assert_eq!(other.exchange(&world, &code).await.error(), "invalid_grant");
    assert_eq!(Request::web().exchange(&world, &code).await.status, 200);
}

#[tokio::test]
async fn invalid_grant_is_bare_at_visma_and_explained_in_standard_mode() {
    for (world, explained) in [(visma(), false), (standard(), true)] {
        let answer = Request::web().exchange(&world, "no-such-code").await;
        assert_eq!(answer.json().get("error_description").is_some(), explained, "{}", answer.body);
        let journal = world.emulator.requests("isv_web");
        assert!(journal.last().unwrap().reason.as_ref().unwrap().contains("unknown"), "{journal:?}");
    }
}

#[tokio::test]
async fn refuses_a_code_longer_than_100_characters_and_a_missing_one() {
    let world = visma();
    assert_eq!(Request::web().exchange(&world, &"c".repeat(101)).await.error(), "invalid_grant");
    let answer = send_as(&world, "isv_web", &[("grant_type", "authorization_code")]).await;
    assert_eq!(answer.error(), "invalid_request");
}
