//! The example, started and used by browsers: what it promises, and what it refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use grantline_emulator::CannedReply;
use grantline_scripted_browser::{Browser, Page, User};
use support::{World, log_in, log_in_up_to_the_callback};

const LIMIT: Duration = Duration::from_secs(20);
const COOKIE: &str = "__Host-portal";

async fn user(browser: &mut Browser, world: &World) -> Option<String> {
    let page = browser.open(&world.url("/")).await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    let (_, rest) = page.body.split_once("<strong id=\"user\">")?;
    Some(rest.split('<').next().unwrap().to_owned())
}

fn assert_refused(page: &Page, status: u16, code: &str) {
    assert!(page.body.contains(&format!("<code id=\"code\">{code}</code>")), "{page:?}");
    assert_eq!(page.status, status);
}

#[tokio::test]
async fn a_login_by_form_post_leads_back_to_the_page_that_asked_for_it() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let page = log_in(&mut browser, &world.url("/invoices"), User::Anna).await;
    assert_eq!(page.url.as_str(), world.url("/invoices"));
    assert!(page.body.contains("1001: Harbour Hotel, 1250.00 NOK"), "{page:?}");
    assert_eq!(user(&mut browser, &world).await.as_deref(), Some("Anna Berg"));
}

#[tokio::test]
async fn another_server_completes_a_login_and_knows_its_session() {
    let world = World::with_servers(2).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login?next=/invoices");
    let callback = log_in_up_to_the_callback(&mut browser, &login, User::Anna).await;
    world.serve_by(1);
    assert!(browser.submit(&callback).await.unwrap().body.contains("Harbour Hotel"));
    world.serve_by(0);
    assert_eq!(user(&mut browser, &world).await.as_deref(), Some("Anna Berg"));
}

#[tokio::test]
async fn two_tabs_log_in_side_by_side() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login?next=/invoices");
    let first = log_in_up_to_the_callback(&mut browser, &login, User::Anna).await;
    let second = browser.open(&login).await.unwrap().form().unwrap();
    assert_eq!(browser.submit(&second).await.unwrap().path(), "/invoices");
    assert_eq!(browser.submit(&first).await.unwrap().path(), "/invoices");
}

#[tokio::test]
async fn a_user_who_cancels_is_told_so_and_may_begin_again() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login");
    let callback = log_in_up_to_the_callback(&mut browser, &login, User::AnnaWhoCancels).await;
    let page = browser.submit(&callback).await.unwrap();
    assert_refused(&page, 403, "access_denied");
    assert!(page.body.contains("The login was cancelled"));
    assert_eq!(log_in(&mut browser, &login, User::Anna).await.path(), "/");
}

#[tokio::test]
async fn a_callback_is_taken_once() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login");
    let callback = log_in_up_to_the_callback(&mut browser, &login, User::Anna).await;
    assert_eq!(browser.submit(&callback).await.unwrap().status, 200);
    assert_refused(&browser.submit(&callback).await.unwrap(), 400, "login_unknown");
    assert_eq!(user(&mut browser, &world).await.as_deref(), Some("Anna Berg"));
}

#[tokio::test]
async fn an_attacker_s_callback_logs_nobody_else_in() {
    let world = World::with_servers(1).await;
    let (mut attacker, mut victim) = (Browser::new().unwrap(), Browser::new().unwrap());
    let login = world.url("/login");
    let callback = log_in_up_to_the_callback(&mut attacker, &login, User::Bo).await;
    assert_refused(&victim.submit(&callback).await.unwrap(), 400, "browser_mismatch");
    assert_eq!(user(&mut victim, &world).await, None);
    // A victim who is about to log in has a cookie too, and of another login.
    victim.open(&login).await.unwrap();
    assert_refused(&victim.submit(&callback).await.unwrap(), 400, "browser_mismatch");
    attacker.submit(&callback).await.unwrap();
    assert_eq!(user(&mut attacker, &world).await.as_deref(), Some("Bo Lund"));
}

#[tokio::test]
async fn a_callback_by_get_or_of_another_content_type_is_refused_and_the_login_waits_on() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login");
    let callback = log_in_up_to_the_callback(&mut browser, &login, User::Anna).await;
    let mut by_get = callback.action.clone();
    by_get.query_pairs_mut().extend_pairs(&callback.fields);
    assert_refused(&browser.open(by_get.as_str()).await.unwrap(), 400, "response_mode_mismatch");
    let json =
        reqwest::Client::new().post(callback.action.clone()).header("content-type", "application/json");
    assert_eq!(json.body("{}").send().await.unwrap().status(), 415);
    let long = reqwest::Client::new().post(callback.action.clone()).body("x".repeat(128 * 1024 + 1));
    let long = long.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(long.send().await.unwrap().status(), 413);
    assert_eq!(browser.submit(&callback).await.unwrap().path(), "/");
    assert_refused(&browser.open(&world.url("/callback")).await.unwrap(), 400, "state_missing");
}

#[tokio::test]
async fn a_login_leads_to_no_other_site() {
    let world = World::with_servers(1).await;
    for wish in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/%09/evil.example"] {
        let login = world.url(&format!("/login?next={wish}"));
        let page = log_in(&mut Browser::new().unwrap(), &login, User::Anna).await;
        assert_eq!(page.url.as_str(), world.url("/"), "{wish}");
    }
}

#[tokio::test]
async fn a_session_begins_with_a_cookie_that_nobody_knew_before() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    browser.plant_cookie("localhost", COOKIE, "planted");
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let first = browser.cookie(COOKIE).unwrap().to_owned();
    assert_ne!(first, "planted");
    let again = browser.open(&world.url("/login")).await.unwrap().form().unwrap();
    browser.submit(&again).await.unwrap();
    assert_ne!(browser.cookie(COOKIE).unwrap(), first);
    let mut planter = Browser::new().unwrap();
    planter.plant_cookie("localhost", COOKIE, "planted");
    assert_eq!(user(&mut planter, &world).await, None);
}

#[tokio::test]
async fn a_provider_that_fails_or_says_odd_things_is_told_apart_and_escaped() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    let login = world.url("/login");
    let callback = log_in_up_to_the_callback(&mut browser, &login, User::Anna).await;
    let odd = r#"{"error":"<script>alert(1)</script>","error_description":"<b>boo</b>"}"#;
    world.emulator.reply_next(CannedReply::json("/connect/token", 400, odd)).unwrap();
    let page = browser.submit(&callback).await.unwrap();
    assert!(!page.body.contains("<script>") && !page.body.contains("boo"), "{page:?}");
    assert_ne!(page.status, 200);
    let callback = browser.open(&login).await.unwrap().form().unwrap();
    world.emulator.reply_next(CannedReply::json("/connect/token", 503, "{}")).unwrap();
    let page = browser.submit(&callback).await.unwrap();
    assert!(page.body.contains("Please log in again"), "the code is spent: {page:?}");
    assert_eq!(user(&mut browser, &world).await, None);
}

#[tokio::test]
async fn a_provider_that_is_down_means_later_and_a_session_that_is_over_means_log_in() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    world.emulator.set_access_token_lifetime("isv_web", 0);
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let down = CannedReply::json("/connect/token", 503, "{}").header("Retry-After", "7").times(9);
    world.emulator.reply_next(down).unwrap();
    let page = browser.open(&world.url("/invoices")).await.unwrap();
    assert!(page.status == 503 && page.body.contains("Please try again in a minute"), "{page:?}");
    assert!(user(&mut browser, &world).await.is_some(), "nothing is lost");

    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    world.emulator.set_access_token_lifetime("isv_web", 0);
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let over = CannedReply::json("/connect/token", 400, r#"{"error":"invalid_grant"}"#);
    world.emulator.reply_next(over).unwrap();
    let page = browser.open(&world.url("/invoices")).await.unwrap();
    assert_eq!(page.form().unwrap().action.path(), "/callback", "the provider knows the user: {page:?}");
}

#[tokio::test]
async fn a_logout_ends_the_session_here_and_at_the_provider_and_returns() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let cookie = browser.cookie(COOKIE).unwrap().to_owned();
    let logout = browser.open(&world.url("/")).await.unwrap().form().unwrap();
    let page = browser.submit(&logout).await.unwrap();
    assert_eq!((page.path(), page.status), ("/signed-out", 200));
    assert!(page.url.query().unwrap().contains("state="));
    assert_eq!(browser.cookie(COOKIE), None);
    browser.plant_cookie("localhost", COOKIE, &cookie);
    assert_eq!(user(&mut browser, &world).await, None, "the cookie is worth nothing any more");
    let page = browser.open(&world.url("/login")).await.unwrap();
    assert!(page.body.contains("password"), "the provider asks again: {page:?}");
}

/// Which of the grants are no longer good at the provider, in the order of the logins.
fn revoked(world: &World) -> Vec<bool> {
    world.emulator.grants("isv_web").iter().map(|grant| grant.ended.is_some()).collect()
}

#[tokio::test]
async fn a_login_ends_the_grant_of_the_session_that_it_replaces_and_of_those_whose_time_is_over() {
    let world = World::with_servers(1).await;
    let (mut browser, mut other) = (Browser::new().unwrap(), Browser::new().unwrap());
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    log_in(&mut other, &world.url("/login"), User::Bo).await;
    let again = browser.open(&world.url("/login")).await.unwrap().form().unwrap();
    browser.submit(&again).await.unwrap();
    assert_eq!(revoked(&world), [true, false, false]);
    assert_eq!(user(&mut other, &world).await.as_deref(), Some("Bo Lund"));

    world.all_sessions_are_over();
    log_in(&mut Browser::new().unwrap(), &world.url("/login"), User::Anna).await;
    assert_eq!(revoked(&world), [true, true, true, false]);
}

// Waiting for the emulator's deliveries holds a thread up.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_does_not_end_keeps_its_name_and_none_of_the_others_alive() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    for _ in 0..2 {
        // The same session at the provider, and another one here.
        browser.plant_cookie("localhost", COOKIE, "lost");
        let again = browser.open(&world.url("/login")).await.unwrap().form().unwrap();
        browser.submit(&again).await.unwrap();
    }
    world.damage_the_first_grant();
    world.emulator.end_session(&world.emulator.grants("isv_web")[0].sid);
    assert_eq!(world.emulator.wait_for_deliveries(1, LIMIT)[0].status, Some(400));
    assert_eq!(revoked(&world), [false, true, true]);
    assert_eq!(world.sessions(), 1, "of the damaged one the name is known still");
}

#[tokio::test]
async fn another_site_cannot_log_a_user_out() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let forged = browser
        .open(&world.url("/"))
        .await
        .unwrap()
        .form()
        .unwrap()
        .on_page("https://evil.example/")
        .unwrap();
    browser.submit(&forged).await.unwrap();
    assert_eq!(user(&mut browser, &world).await.as_deref(), Some("Anna Berg"));
    assert_eq!(browser.open(&world.url("/logout")).await.unwrap().status, 405);
}

// Waiting for the emulator's deliveries holds a thread up.
#[tokio::test(flavor = "multi_thread")]
async fn the_provider_ends_one_session_or_all_of_a_user() {
    let world = World::with_servers(2).await;
    let (mut first, mut second, mut bo) =
        (Browser::new().unwrap(), Browser::new().unwrap(), Browser::new().unwrap());
    log_in(&mut first, &world.url("/login"), User::Anna).await;
    let sid = world.emulator.grants("isv_web")[0].sid.clone();
    log_in(&mut second, &world.url("/login"), User::Anna).await;
    log_in(&mut bo, &world.url("/login"), User::Bo).await;
    world.serve_by(1);

    world.emulator.end_session(&sid);
    assert_eq!(world.emulator.wait_for_deliveries(1, LIMIT)[0].status, Some(200));
    assert_eq!(user(&mut first, &world).await, None);
    assert_eq!(user(&mut second, &world).await.as_deref(), Some("Anna Berg"));

    world.emulator.log_out("anna@example.com");
    assert_eq!(world.emulator.wait_for_deliveries(2, LIMIT)[1].status, Some(200));
    assert_eq!(user(&mut second, &world).await, None);
    assert_eq!(user(&mut bo, &world).await.as_deref(), Some("Bo Lund"));
}

#[tokio::test]
async fn a_forged_logout_token_ends_nothing() {
    let world = World::with_servers(1).await;
    let mut browser = Browser::new().unwrap();
    log_in(&mut browser, &world.url("/login"), User::Anna).await;
    let request = reqwest::Client::new().post(world.url("/backchannel-logout"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body("logout_token=eyJhbGciOiJub25lIn0.e30.").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(user(&mut browser, &world).await.as_deref(), Some("Anna Berg"));
}
