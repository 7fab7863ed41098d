//! The end of sessions: the end session endpoint, and the logout tokens that applications get.

use std::time::Duration;

use grantline_emulator::{Config, Fault, FaultKind, LogoutTokenFault, Mode, NoticeKind, RequestFilter};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::receiver::Receiver;
use crate::requests::Request;
use crate::support::{Answer, World, both, claims, encode, jwt_header, standard, visma};

const LANDING: &str = "https://app.example/bye";

fn config(mode: Mode) -> Config {
    let mut config = Config { mode, ..Config::default() };
    config.application_mut("isv_web").unwrap().post_logout_redirect_uris = vec![LANDING.to_owned()];
    config
}

fn worlds() -> [World; 2] {
    [World::with(config(Mode::VismaConnect)), World::with(config(Mode::Standard))]
}

pub fn world_that_tells(receiver: &Receiver) -> World {
    let mut config = config(Mode::VismaConnect);
    config.application_mut("isv_web").unwrap().backchannel_logout_uri = Some(receiver.url.clone());
    World::with(config)
}

fn path(params: &[(&str, &str)]) -> String {
    format!("/connect/endsession?{}", encode(params))
}

/// Logs Anna in with this browser: her ID token.
pub async fn log_in(world: &World, browser: &mut Browser<'_>) -> String {
    let back = browser.approve(&Request::web().path()).await;
    let tokens = Request::web().exchange(world, &back.response()["code"]).await.json();
    tokens["id_token"].as_str().unwrap().to_owned()
}

async fn is_logged_in(browser: &mut Browser<'_>) -> bool {
    browser.open(&Request::web().path()).await.path() != Some("/login")
}

#[tokio::test]
async fn a_logout_with_the_id_token_ends_the_session_and_returns_with_state() {
    for world in worlds() {
        let mut browser = Browser::new(&world);
        let hint = log_in(&world, &mut browser).await;
        world.emulator.advance_clock(Duration::from_secs(3000));
        let params = [("id_token_hint", &*hint), ("post_logout_redirect_uri", LANDING), ("state", "a b&c")];
        let back = browser.open(&path(&params)).await;
        assert_eq!(back.location(), "https://app.example/bye?state=a+b%26c");
        assert!(!is_logged_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_logout_request_can_be_posted() {
    let world = World::with(config(Mode::Standard));
    let mut browser = Browser::new(&world);
    let hint = log_in(&world, &mut browser).await;
    let form = encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", LANDING)]);
    assert_eq!(browser.post("/connect/endsession", form).await.location(), LANDING);
}

#[tokio::test]
async fn without_an_id_token_the_user_is_asked_and_stays_here() {
    for world in worlds() {
        let mut browser = Browser::new(&world);
        log_in(&world, &mut browser).await;
        let asked = browser.open("/connect/endsession?state=x").await;
        assert!(asked.html().contains("Log out?") && asked.html().contains("Anna Berg"), "{}", asked.html());
        let stayed = browser.submit(&asked, &[], "stay").await;
        assert!(stayed.html().contains("still logged in"), "{}", stayed.html());
        assert!(is_logged_in(&mut browser).await);
        let ended = browser.submit(&asked, &[], "logout").await;
        assert!(ended.html().contains("You are logged out"), "{}", ended.html());
        assert!(!is_logged_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_form_of_another_site_which_comes_without_cookies_takes_none_away() {
    for world in worlds() {
        let mut anybody = Browser::new(&world);
        for path in ["/connect/endsession", "/connect/endsession/confirm"] {
            let page = anybody.post(path, encode(&[("action", "logout")])).await;
            assert_eq!((page.status(), page.answer().header("set-cookie")), (200, None), "{path}");
        }
    }
}

#[tokio::test]
async fn an_id_token_of_another_user_asks_too() {
    let world = World::with(config(Mode::Standard));
    let mut others = Browser::new(&world);
    let login = others.open(&Request::web().path()).await;
    let consent = others.log_in(&login, "bo@example.com", "battery staple").await;
    let back = others.submit(&consent, &[], "accept").await;
    let hint = Request::web().exchange(&world, &back.response()["code"]).await.json()["id_token"].clone();
    let mut browser = Browser::new(&world);
    log_in(&world, &mut browser).await;
    let asked = browser.open(&path(&[("id_token_hint", hint.as_str().unwrap())])).await;
    assert!(asked.html().contains("Log out?"), "{}", asked.html());
    assert!(is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn nobody_is_sent_to_an_unregistered_uri_or_without_an_id_token() {
    for (world, status) in
        [(World::with(config(Mode::VismaConnect)), 200), (World::with(config(Mode::Standard)), 400)]
    {
        let mut browser = Browser::new(&world);
        let hint = log_in(&world, &mut browser).await;
        let evil = [("id_token_hint", &*hint), ("post_logout_redirect_uri", "https://evil.example/bye")];
        let page = browser.open(&path(&evil)).await;
        assert_eq!(page.status(), status);
        assert!(page.html().contains("not registered"), "{}", page.html());
        let page = Browser::new(&world).open(&path(&[("post_logout_redirect_uri", LANDING)])).await;
        assert_eq!(page.status(), status);
        assert!(page.html().contains("without an id_token_hint"), "{}", page.html());
        let reason = world.emulator.find_requests(&RequestFilter::default()).pop().unwrap().reason.unwrap();
        assert!(reason.contains("without an id_token_hint"), "{reason}");
    }
}

#[tokio::test]
async fn a_foreign_hint_is_refused_by_the_standard_and_counts_for_nothing_at_visma() {
    let hint = Request::web().tokens(&visma()).await["id_token"].as_str().unwrap().to_owned();
    for (world, status) in [(visma(), 200), (standard(), 400)] {
        let page = Browser::new(&world).open(&path(&[("id_token_hint", &hint)])).await;
        assert_eq!(page.status(), status);
    }
    let world = standard();
    let hint = Request::web().tokens(&world).await["id_token"].as_str().unwrap().to_owned();
    let page =
        Browser::new(&world).open(&path(&[("id_token_hint", &hint), ("client_id", "isv_native")])).await;
    assert!(page.status() == 400 && page.html().contains("client_id"), "{}", page.html());
}

#[tokio::test]
async fn a_form_of_another_site_ends_nothing() {
    let world = visma();
    let mut browser = Browser::new(&world);
    log_in(&world, &mut browser).await;
    // A browser sends no SameSite=Lax cookie with a cross-site POST.
    Browser::new(&world).post("/connect/endsession/confirm", "action=logout".to_owned()).await;
    assert!(is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn the_application_is_told_with_a_logout_token() {
    let receiver = Receiver::answering("200 OK");
    let world = world_that_tells(&receiver);
    let mut browser = Browser::new(&world);
    let hint = log_in(&world, &mut browser).await;
    browser.open(&path(&[("id_token_hint", &hint)])).await;
    let received = receiver.next();
    assert_eq!(received.header("content-type"), Some("application/x-www-form-urlencoded"));
    let token = json!(received.form()["logout_token"]);
    assert_eq!(jwt_header(&token)["typ"], "logout+jwt");
    let (told, id_token) = (claims(&token), claims(&json!(hint)));
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(told[name], id_token[name], "{name}");
    }
    assert_eq!(told["exp"].as_u64().unwrap() - told["iat"].as_u64().unwrap(), 300);
    assert_eq!(told["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(told["jti"].is_string() && told.get("nonce").is_none(), "{told}");
    let delivery = world.get("/admin/deliveries").await.json()["deliveries"][0].clone();
    assert_eq!((&delivery["kind"], &delivery["status"]), (&json!("logout-token"), &json!(200)));
    let key = world.get("/.well-known/openid-configuration/jwks").await.json()["keys"][0].clone();
    crate::discovery::verify_rs256(&key, &token).unwrap();
}

async fn end(world: &World, whom: Value) -> Answer {
    world
        .send(Method::POST, "/admin/logouts", &[("content-type", "application/json")], whom.to_string())
        .await
}

#[tokio::test]
async fn a_test_ends_the_sessions_of_a_user_or_one_by_its_sid() {
    let receiver = Receiver::answering("200 OK");
    let world = world_that_tells(&receiver);
    let mut browser = Browser::new(&world);
    let hint = log_in(&world, &mut browser).await;
    let sid = claims(&json!(hint))["sid"].clone();
    assert_eq!(end(&world, json!({"sid": sid})).await.json()["count"], 1);
    assert!(!is_logged_in(&mut browser).await);
    assert_eq!(end(&world, json!({"sid": sid})).await.json()["count"], 0);
    log_in(&world, &mut browser).await;
    let answer = end(&world, json!({"username": "anna@example.com"})).await.json();
    assert_eq!((&answer["count"], &answer["deliveries"][0]["client_id"]), (&json!(1), &json!("isv_web")));
    assert!(!is_logged_in(&mut browser).await);
    log_in(&world, &mut browser).await;
    assert_eq!(world.emulator.log_out("anna@example.com"), 1);
    let told = world.emulator.wait_for_deliveries(3, Duration::from_secs(30));
    assert_eq!((told[2].kind, told[2].status), (NoticeKind::LogoutToken, Some(200)));
    let hint = log_in(&world, &mut browser).await;
    assert_eq!(world.emulator.end_session(claims(&json!(hint))["sid"].as_str().unwrap()), 1);
    assert_eq!(world.emulator.end_session("unknown"), 0);
    assert!(!is_logged_in(&mut browser).await);
    for whom in
        [json!({}), json!({"username": "nobody"}), json!({"username": "anna@example.com", "sid": "x"})]
    {
        assert_eq!(end(&world, whom).await.status, 400);
    }
}

#[tokio::test]
async fn a_logout_token_can_be_wrong_in_many_ways() {
    let receiver = Receiver::answering("400 Bad Request");
    let world = world_that_tells(&receiver);
    let told = async |fault| {
        world
            .emulator
            .add_fault(Fault::new(FaultKind::LogoutToken(fault)).for_client("isv_web").times(1))
            .unwrap();
        log_in(&world, &mut Browser::new(&world)).await;
        end(&world, json!({"username": "anna@example.com"})).await;
        json!(receiver.next().form()["logout_token"])
    };
    for (fault, claim, expected) in [
        (LogoutTokenFault::WrongIssuer, "iss", json!("https://other-issuer.example")),
        (LogoutTokenFault::WrongAudience, "aud", json!("another-client")),
        (LogoutTokenFault::NoEvents, "events", Value::Null),
        (LogoutTokenFault::OtherEvent, "events", json!({"https://events.example/other": {}})),
        (LogoutTokenFault::NoSubjectAndSession, "sub", Value::Null),
        (LogoutTokenFault::NoSubjectAndSession, "sid", Value::Null),
        (LogoutTokenFault::NoJti, "jti", Value::Null),
    ] {
        let claims = claims(&told(fault).await);
        assert_eq!(claims.get(claim).cloned().unwrap_or_default(), expected, "{fault:?}");
    }
    assert!(claims(&told(LogoutTokenFault::WithNonce).await)["nonce"].is_string());
    let expired = claims(&told(LogoutTokenFault::Expired).await);
    assert!(expired["exp"].as_u64().unwrap() < world.emulator.clock().now_s());
    assert_eq!(jwt_header(&told(LogoutTokenFault::IdTokenType).await)["typ"], "JWT");
    let none = told(LogoutTokenFault::AlgNone).await;
    assert!(jwt_header(&none)["alg"] == "none" && none.as_str().unwrap().ends_with('.'));
    let key = world.get("/.well-known/openid-configuration/jwks").await.json()["keys"][0].clone();
    assert!(crate::discovery::verify_rs256(&key, &told(LogoutTokenFault::BrokenSignature).await).is_err());
}

#[tokio::test]
async fn a_logout_leaves_refresh_tokens_alone() {
    for world in both() {
        let tokens = Request::web().tokens(&world).await;
        end(&world, json!({"username": "anna@example.com"})).await;
        let refreshed =
            crate::requests::refresh(&world, "isv_web", tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.status, 200);
    }
}
