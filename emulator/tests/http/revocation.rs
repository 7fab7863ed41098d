//! Token revocation (RFC 7009).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantline_emulator::GrantEnd;
use reqwest::Method;

use crate::requests::{Request, refresh};
use crate::support::{Answer, FORM, World, both, encode, standard, visma};

const PATH: &str = "/connect/revocation";
const WEB: [(&str, &str); 2] = [("client_id", "isv_web"), ("client_secret", "web:secret+100%25&more")];

async fn post(world: &World, form: &[(&str, &str)]) -> Answer {
    world.send(Method::POST, PATH, &[("content-type", FORM)], encode(form)).await
}

async fn revoke(world: &World, token: &str) -> Answer {
    post(world, &[WEB[0], WEB[1], ("token", token)]).await
}

async fn login(world: &World, request: &Request) -> String {
    request.tokens(world).await["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_revoked_refresh_token_is_refused_and_so_is_every_other_of_its_family() {
    for world in both() {
        let first = login(&world, &Request::web()).await;
        let second = refresh(&world, "isv_web", &first).await.json()["refresh_token"].clone();
        let answer = revoke(&world, &first).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        for token in [&first, second.as_str().unwrap()] {
            assert_eq!(refresh(&world, "isv_web", token).await.error(), "invalid_grant");
        }
        assert_eq!(world.emulator.grants("isv_web")[0].ended, Some(GrantEnd::Revoked));
    }
}

#[tokio::test]
async fn another_login_of_the_same_user_lives_on() {
    for world in both() {
        let (first, other) = (login(&world, &Request::web()).await, login(&world, &Request::web()).await);
        revoke(&world, &first).await;
        assert_eq!(refresh(&world, "isv_web", &other).await.status, 200);
    }
}

#[tokio::test]
async fn an_unknown_token_and_one_that_was_revoked_before_are_200() {
    for world in both() {
        let token = login(&world, &Request::web()).await;
        for token in ["unheard of", &token, &token, &"t".repeat(5000)] {
            assert_eq!(revoke(&world, token).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_public_client_authenticates_by_basic_with_an_empty_secret_or_by_its_id_alone() {
    for world in both() {
        for by_header in [true, false] {
            let token = login(&world, &Request::native()).await;
            let answer = if by_header {
                let basic = format!("Basic {}", STANDARD.encode("isv_native:"));
                let headers = [("content-type", FORM), ("authorization", basic.as_str())];
                world.send(Method::POST, PATH, &headers, encode(&[("token", &token)])).await
            } else {
                post(&world, &[("client_id", "isv_native"), ("token", &token)]).await
            };
            assert_eq!(answer.status, 200);
            assert_eq!(refresh(&world, "isv_native", &token).await.error(), "invalid_grant");
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_authenticate_revokes_nothing() {
    for world in both() {
        let token = login(&world, &Request::web()).await;
        let wrong = [WEB[0], ("client_secret", "wrong"), ("token", token.as_str())];
        for form in [&wrong[..], &[WEB[0], wrong[2]], &[wrong[2]]] {
            assert_eq!(post(&world, form).await.error(), "invalid_client");
        }
        assert_eq!(refresh(&world, "isv_web", &token).await.status, 200);
    }
}

#[tokio::test]
async fn another_clients_token_stays_good_and_only_the_standard_says_so() {
    for (world, status) in [(visma(), 200), (standard(), 400)] {
        let token = login(&world, &Request::native()).await;
        let answer = revoke(&world, &token).await;
        assert_eq!(answer.status, status);
        assert!(status == 200 || answer.error() == "invalid_grant");
        assert_eq!(refresh(&world, "isv_native", &token).await.status, 200);
    }
}

#[tokio::test]
async fn an_access_token_stays_good_and_only_the_standard_says_so() {
    for (world, status) in [(visma(), 200), (standard(), 400)] {
        let tokens = Request::web().tokens(&world).await;
        let access_token = tokens["access_token"].as_str().unwrap();
        let answer = revoke(&world, access_token).await;
        assert_eq!(answer.status, status);
        assert!(status == 200 || answer.error() == "unsupported_token_type");
        assert_eq!(world.get_with_token("/api/invoices", access_token).await.status, 200);
    }
}

#[tokio::test]
async fn a_hint_may_be_wrong_and_an_unknown_one_is_refused_by_visma_alone() {
    for (world, status) in [(visma(), 400), (standard(), 200)] {
        let token = login(&world, &Request::web()).await;
        let with_hint = |hint| [WEB[0], WEB[1], ("token", token.as_str()), ("token_type_hint", hint)];
        let answer = post(&world, &with_hint("id_token")).await;
        assert_eq!(answer.status, status);
        assert!(status == 200 || answer.error() == "unsupported_token_type");
        assert_eq!(post(&world, &with_hint("access_token")).await.status, 200);
        assert_eq!(refresh(&world, "isv_web", &token).await.error(), "invalid_grant");
    }
}

#[tokio::test]
async fn refuses_a_missing_token_a_repeated_one_json_and_a_get() {
    for world in both() {
        assert_eq!(post(&world, &WEB).await.error(), "invalid_request");
        let twice = [WEB[0], WEB[1], ("token", "a"), ("token", "b")];
        assert_eq!(post(&world, &twice).await.error(), "invalid_request");
        let json = world.send(Method::POST, PATH, &[("content-type", "application/json")], "{}").await;
        assert_eq!(json.error(), "invalid_request");
        assert_eq!(world.get(PATH).await.status, 405);
    }
}
