//! Authorization requests that go wrong: what reaches the client, and what stops on the error page.

use crate::browser::{Browser, Place};
use crate::requests::Request;
use crate::support::{World, both, standard, visma};

/// Requests that are wrong, each with the error it ends in.
fn wrong_requests() -> Vec<(Request, &'static str)> {
    let web = Request::web;
    vec![
        (web().without("response_type"), "invalid_request"),
        (web().with("response_type", "token"), "unsupported_response_type"),
        (web().with("response_mode", "carrier_pigeon"), "invalid_request"),
        (web().without("scope"), "invalid_scope"),
        (web().with("scope", "openid unknown:read"), "invalid_scope"),
        (web().with("scope", &"openid ".repeat(50)), "invalid_scope"),
        (
            web().with("client_id", "isv_spa").with("redirect_uri", "http://localhost:5173/callback"),
            "invalid_scope",
        ),
        (web().with("prompt", "none login"), "invalid_request"),
        (web().with("prompt", "please"), "invalid_request"),
        (web().with("max_age", "-1"), "invalid_request"),
        (web().with("nonce", &"n".repeat(301)), "invalid_request"),
        (web().with("ui_locales", &"l".repeat(101)), "invalid_request"),
        (web().with("code_challenge", "short"), "invalid_request"),
        (web().with("code_challenge_method", "S512"), "invalid_request"),
        (web().without("code_challenge"), "invalid_request"),
        (Request::native().without("code_challenge").without("code_challenge_method"), "invalid_request"),
        (web().with("request", "a.b.c"), "request_not_supported"),
        (web().with("request_uri", "urn:x"), "request_uri_not_supported"),
    ]
}

#[tokio::test]
async fn at_visma_a_wrong_request_stops_on_the_error_page_with_an_id_and_the_reason() {
    let world = visma();
    for (request, error) in wrong_requests() {
        let page = Browser::new(&world).open(&request.path()).await;
        assert_eq!((page.path(), page.status()), (Some("/error"), 400), "{}", request.encoded());
        assert!(page.html().contains(&format!("<code id=\"error\">{error}</code>")), "{}", page.html());
    }
}

#[tokio::test]
async fn in_standard_mode_a_wrong_request_reaches_the_client_with_the_issuer() {
    let world = standard();
    for (request, error) in wrong_requests() {
        let back = Browser::new(&world).open(&request.path()).await;
        let response = back.response();
        assert_eq!(response["error"], error, "{}", request.encoded());
        assert_eq!(response["state"], "the-state");
        assert_eq!(response["iss"], world.emulator.issuer());
        assert!(!back.location().contains('#') && back.status() == 302, "{}", back.location());
    }
}

#[tokio::test]
async fn the_error_page_shows_the_id_of_its_address() {
    let world = visma();
    let answer = world.get(&Request::web().without("scope").path()).await;
    let location = answer.header("location").unwrap().to_owned();
    let id = location.strip_prefix("/error?errorId=").unwrap();
    let page = world.get(&location).await;
    assert!(page.body.contains(&format!("<code id=\"error-id\">{id}</code>")), "{}", page.body);
    assert_eq!(world.get("/error?errorId=unknown").await.status, 404);
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_is_not_registered_is_never_redirected_to() {
    for world in both() {
        for request in [
            Request::web().with("client_id", "unknown"),
            Request::web().without("client_id"),
            Request::web().with("client_id", "isv_service"),
            Request::web().without("redirect_uri"),
            Request::web().with("redirect_uri", "https://app.example/callback/"),
            Request::web().with("redirect_uri", "https://app.example/callback?x=1"),
            Request::web().with("redirect_uri", "https://app.example/callback#x"),
            Request::web().with("redirect_uri", "http://127.0.0.1:1234/callback"),
            Request::web().with("redirect_uri", &format!("https://app.example/{}", "x".repeat(400))),
            Request::native().with("redirect_uri", "http://localhost:1234/callback"),
        ] {
            let page = Browser::new(&world).open(&request.path()).await;
            assert_eq!(page.path(), Some("/error"), "{}", request.encoded());
        }
    }
}

#[tokio::test]
async fn case_of_a_redirect_uri_matters_only_in_standard_mode() {
    let request = Request::web().with("redirect_uri", "https://app.example/CALLBACK");
    assert_eq!(Browser::new(&visma()).open(&request.path()).await.path(), Some("/login"));
    assert_eq!(Browser::new(&standard()).open(&request.path()).await.path(), Some("/error"));
}

#[tokio::test]
async fn a_repeated_parameter_stops_on_the_error_page() {
    for world in both() {
        let path = format!("{}&state=again", Request::web().path());
        assert_eq!(Browser::new(&world).open(&path).await.path(), Some("/error"));
    }
}

#[tokio::test]
async fn what_the_error_page_shows_is_escaped() {
    let request = Request::web().with("redirect_uri", "https://evil.example/<script>alert(1)</script>");
    let page = Browser::new(&visma()).open(&request.path()).await;
    assert!(!page.html().contains("<script>"), "{}", page.html());
}

async fn cancelled_login(world: &World, request: &Request) -> Place {
    let mut browser = Browser::new(world);
    let login = browser.open(&request.path()).await;
    browser.submit(&login, &[], "cancel").await
}

async fn cancelled_consent(world: &World, request: &Request) -> Place {
    let mut browser = Browser::new(world);
    let login = browser.open(&request.path()).await;
    let consent = browser.log_in(&login, "anna@example.com", "correct horse").await;
    browser.submit(&consent, &[], "cancel").await
}

#[tokio::test]
async fn cancel_returns_access_denied_without_issuer_and_with_a_hash_at_visma() {
    let world = visma();
    for back in
        [cancelled_login(&world, &Request::web()).await, cancelled_consent(&world, &Request::web()).await]
    {
        assert_eq!(back.response()["error"], "access_denied");
        assert_eq!(back.response()["state"], "the-state");
        assert!(!back.response().contains_key("iss"), "{}", back.location());
        assert!(back.location().ends_with("#_") && back.status() == 303, "{}", back.location());
    }
}

#[tokio::test]
async fn cancel_returns_access_denied_with_issuer_and_no_hash_in_standard_mode() {
    let world = standard();
    let back = cancelled_consent(&world, &Request::web()).await;
    assert_eq!(back.response()["error"], "access_denied");
    assert_eq!(back.response()["iss"], world.emulator.issuer());
    assert!(!back.location().contains('#'), "{}", back.location());
}

#[tokio::test]
async fn an_error_by_form_post_has_neither_hash_nor_issuer_at_visma() {
    let page = cancelled_consent(&visma(), &Request::web().with("response_mode", "form_post")).await;
    assert_eq!(page.response()["error"], "access_denied");
    assert!(!page.response().contains_key("iss"));
    assert!(page.html().contains("action=\"https://app.example/callback\""));
}

#[tokio::test]
async fn prompt_none_without_a_login_is_login_required() {
    for world in both() {
        let back = Browser::new(&world).open(&Request::web().with("prompt", "none").path()).await;
        assert_eq!(back.response()["error"], "login_required");
    }
}

#[tokio::test]
async fn prompt_none_without_consent_is_consent_required() {
    for world in both() {
        let mut browser = Browser::new(&world);
        browser.approve(&Request::web().with("client_id", "isv_web_reuse").path()).await;
        let back = browser.open(&Request::web().with("prompt", "none").path()).await;
        assert_eq!(back.response()["error"], "consent_required");
    }
}

#[tokio::test]
async fn prompt_none_succeeds_in_silence_after_login_and_consent() {
    for world in both() {
        let mut browser = Browser::new(&world);
        browser.approve(&Request::web().path()).await;
        let back = browser.open(&Request::web().with("prompt", "none").path()).await;
        assert!(back.response().contains_key("code"), "{}", back.location());
    }
}

#[tokio::test]
async fn multi_factor_that_the_user_lacks_is_unmet_authentication_requirements() {
    for world in both() {
        let mut browser = Browser::new(&world);
        let request = Request::web().with("acr_values", "urn:idp:vismaconnect:mfa");
        let login = browser.open(&request.path()).await;
        let back = browser.log_in(&login, "bo@example.com", "battery staple").await;
        assert_eq!(back.response()["error"], "unmet_authentication_requirements");
    }
}
