//! Authorization requests that go well, and the pages on their way.

use std::time::Duration;

use crate::browser::Browser;
use crate::requests::Request;
use crate::support::{NORDLYS, World, both, claims, standard, visma};

#[tokio::test]
async fn a_user_logs_in_consents_and_returns_with_a_code() {
    for world in both() {
        let mut browser = Browser::new(&world);
        let login = browser.open(&Request::web().path()).await;
        assert_eq!(login.path(), Some("/login"));
        let consent = browser.log_in(&login, "anna@example.com", "correct horse").await;
        assert_eq!(consent.path(), Some("/consent"));
        for shown in ["Invoice Portal", "Anna Berg", "Fjord Bakery AS", "visma_api:read"] {
            assert!(consent.html().contains(shown), "{shown} is missing in {}", consent.html());
        }
        let back = browser.submit(&consent, &[], "accept").await;
        assert!(back.location().starts_with("https://app.example/callback?code="), "{}", back.location());
        let response = back.response();
        assert_eq!(response["state"], "the-state");
        assert_eq!(response["iss"], world.emulator.issuer());
        assert!(response.contains_key("session_state") && !response.contains_key("scope"), "{response:?}");
        assert!(!back.location().contains('#'));
    }
}

#[tokio::test]
async fn success_is_a_303_at_visma_and_a_302_in_standard_mode() {
    for (world, status) in [(visma(), 303), (standard(), 302)] {
        let back = Browser::new(&world).approve(&Request::web().path()).await;
        assert_eq!(back.status(), status);
    }
}

#[tokio::test]
async fn session_state_comes_only_with_openid() {
    let world = visma();
    let request = Request::web().with("scope", "visma_api:read");
    let response = Browser::new(&world).approve(&request.path()).await.response();
    assert!(!response.contains_key("session_state"), "{response:?}");
}

#[tokio::test]
async fn a_second_login_needs_neither_password_nor_consent() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    let again = browser.open(&Request::web().path()).await;
    assert!(again.response().contains_key("code"));
}

#[tokio::test]
async fn more_scopes_ask_for_consent_again() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().with("scope", "openid").path()).await;
    let more = browser.open(&Request::web().with("scope", "openid visma_api:write").path()).await;
    assert_eq!(more.path(), Some("/consent"));
}

#[tokio::test]
async fn consent_is_skipped_where_the_application_says_so() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let request = Request::web().with("client_id", "isv_web_reuse");
    let login = browser.open(&request.path()).await;
    let back = browser.log_in(&login, "anna@example.com", "correct horse").await;
    assert!(back.response().contains_key("code"));
    let asked = browser.open(&request.with("prompt", "consent").path()).await;
    assert_eq!(asked.path(), Some("/consent"));
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again_with_the_user_name() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let login = browser.open(&Request::web().path()).await;
    let again = browser.log_in(&login, "anna@example.com", "wrong").await;
    assert_eq!((again.path(), again.status()), (Some("/login"), 422));
    assert!(again.html().contains("role=\"alert\"") && again.html().contains("anna@example.com"));
    assert!(!again.html().contains("\"wrong\""));
    let consent = browser.log_in(&again, "anna@example.com", "correct horse").await;
    assert_eq!(consent.path(), Some("/consent"));
}

#[tokio::test]
async fn form_post_gives_a_page_that_posts_the_response() {
    for world in both() {
        let request = Request::web().with("response_mode", "form_post");
        let page = Browser::new(&world).approve(&request.path()).await;
        assert_eq!(page.status(), 200);
        assert!(page.html().contains("<form method=\"post\" action=\"https://app.example/callback\">"));
        assert!(page.html().contains("<noscript><button"));
        let response = page.response();
        assert_eq!(response["state"], "the-state");
        assert_eq!(response["iss"], world.emulator.issuer());
        assert!(response.contains_key("code"));
    }
}

#[tokio::test]
async fn fragment_puts_the_response_behind_the_hash() {
    let world = visma();
    let request = Request::web().with("response_mode", "fragment");
    let back = Browser::new(&world).approve(&request.path()).await;
    assert!(back.location().starts_with("https://app.example/callback#code="), "{}", back.location());
}

#[tokio::test]
async fn a_post_to_the_authorization_endpoint_works_like_a_get() {
    let world = visma();
    let form = Request::web().encoded();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = world.send(reqwest::Method::POST, "/connect/authorize", &headers, form).await;
    assert!(answer.header("location").unwrap().starts_with("/login?transaction="));
}

#[tokio::test]
async fn a_native_application_is_answered_on_any_loopback_port_and_by_custom_scheme() {
    for world in both() {
        let mut browser = Browser::new(&world);
        for uri in ["http://127.0.0.1:49152/callback", "com.example.app:/callback"] {
            let back = browser.approve(&Request::native().with("redirect_uri", uri).path()).await;
            assert!(back.location().starts_with(&format!("{uri}?code=")), "{}", back.location());
        }
    }
}

#[tokio::test]
async fn prompt_login_and_select_account_ask_for_the_password_despite_a_session() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    for prompt in ["login", "select_account", "login consent"] {
        let page = browser.open(&Request::web().with("prompt", prompt).path()).await;
        assert_eq!(page.path(), Some("/login"), "{prompt}");
    }
}

#[tokio::test]
async fn max_age_asks_for_the_password_when_the_login_is_older() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    world.emulator.advance_clock(Duration::from_secs(100));
    assert!(browser.open(&Request::web().with("max_age", "200").path()).await.path().is_none());
    assert_eq!(browser.open(&Request::web().with("max_age", "60").path()).await.path(), Some("/login"));
}

#[tokio::test]
async fn a_session_lasts_ten_hours() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    world.emulator.advance_clock(Duration::from_secs(10 * 3600 - 60));
    assert!(browser.open(&Request::web().path()).await.path().is_none());
    world.emulator.advance_clock(Duration::from_secs(60));
    assert_eq!(browser.open(&Request::web().path()).await.path(), Some("/login"));
}

#[tokio::test]
async fn login_hint_fills_in_the_user_name_and_is_escaped() {
    let world = visma();
    let request = Request::web().with("login_hint", "\"><script>alert(1)</script>");
    let page = Browser::new(&world).open(&request.path()).await;
    assert!(!page.html().contains("<script>alert"), "{}", page.html());
    let request = Request::web().with("login_hint", "anna@example.com");
    let page = Browser::new(&world).open(&request.path()).await;
    assert!(page.html().contains("value=\"anna@example.com\""), "{}", page.html());
}

#[tokio::test]
async fn a_request_for_multi_factor_raises_acr_and_needs_a_new_login() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    let request = Request::web().with("acr_values", "urn:idp:vismaconnect:mfa");
    assert_eq!(browser.open(&request.path()).await.path(), Some("/login"));
    let back = browser.approve(&request.path()).await;
    let tokens = Request::web().exchange(&world, &back.response()["code"]).await.json();
    let claims = claims(&tokens["id_token"]);
    assert_eq!(claims["acr"], "2");
    assert!(claims["amr"].as_array().unwrap().contains(&"mfa".into()));
}

#[tokio::test]
async fn tenant_hint_chooses_among_the_companies_of_the_user() {
    let world = visma();
    let back = Browser::new(&world).approve(&Request::web().with("tenant_hint", NORDLYS).path()).await;
    let tokens = Request::web().exchange(&world, &back.response()["code"]).await.json();
    assert_eq!(claims(&tokens["access_token"])["tenant_id"], NORDLYS);
}

#[tokio::test]
async fn max_age_0_asks_for_the_password_within_the_same_second() {
    for world in both() {
        let mut browser = Browser::new(&world);
        browser.approve(&Request::web().path()).await;
        assert_eq!(browser.open(&Request::web().with("max_age", "0").path()).await.path(), Some("/login"));
    }
}

#[tokio::test]
async fn refuses_a_form_of_another_browser() {
    let world = visma();
    let login = Browser::new(&world).open(&Request::web().path()).await;
    let mut other = Browser::new(&world);
    other.open(&Request::web().path()).await;
    let refused = other.log_in(&login, "anna@example.com", "correct horse").await;
    assert_eq!(refused.status(), 400);
    assert!(refused.html().contains("another browser"), "{}", refused.html());
}

#[tokio::test]
async fn refuses_consent_that_skips_the_login() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let login = browser.open(&Request::web().path()).await;
    let transaction = &crate::browser::hidden_fields(login.html())[0].1;
    let shown = browser.open(&format!("/consent?transaction={transaction}")).await;
    assert_eq!(shown.status(), 400);
    let form = format!("transaction={transaction}&action=accept");
    let posted = browser.post("/consent", form).await;
    assert_eq!(posted.status(), 400);
}

#[tokio::test]
async fn a_form_counts_once() {
    let world = World::changed("isv_web", |app| app.consent = grantline_emulator::Consent::Skip);
    let mut browser = Browser::new(&world);
    let login = browser.open(&Request::web().path()).await;
    assert!(browser.log_in(&login, "anna@example.com", "correct horse").await.path().is_none());
    assert_eq!(browser.log_in(&login, "anna@example.com", "correct horse").await.status(), 400);
}
