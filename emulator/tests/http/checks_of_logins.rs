//! What the journal tells of each refusal where a browser comes: which check failed, and in words why.

use grantline_emulator::{Fault, FaultKind};

use crate::browser::Browser;
use crate::checks::assert_refused_by;
use crate::requests::Request;
use crate::support::{World, encode, standard, visma};

#[tokio::test]
async fn tells_why_an_authorization_request_has_nowhere_to_go() {
    let web = Request::web;
    for (request, check, words) in [
        (web().without("client_id"), "client", "client_id is missing"),
        (web().with("client_id", "isv_wbe"), "client", "\"isv_wbe\"; \"isv_web\" is known"),
        (web().with("client_id", "isv_service"), "client", "of type service has no users"),
        (web().without("redirect_uri"), "redirect_uri", "redirect_uri is missing"),
        (
            web().with("redirect_uri", "https://app.example/callback/"),
            "redirect_uri",
            "the nearest that is: \"https://app.example/callback\"; what differs: the slash at its end",
        ),
        (
            web().with("redirect_uri", "http://localhost:8081/callback"),
            "redirect_uri",
            "what differs: the port (\"8081\", registered \"8080\")",
        ),
        (
            web().with("redirect_uri", &format!("https://app.example/{}", "x".repeat(400))),
            "redirect_uri",
            "longer than 400",
        ),
    ] {
        let world = standard();
        world.get(&request.path()).await;
        assert_refused_by(&world, check, words).await;
    }
    let world = standard();
    world.get(&format!("{}&state=again", web().path())).await;
    assert_refused_by(&world, "parameters", "\"state\" occurs twice").await;
    world.get(&web().with("redirect_uri", "https://app.example/CALLBACK").path()).await;
    assert_refused_by(&world, "redirect_uri", "what differs: the letter case").await;
}

#[tokio::test]
async fn tells_which_parameter_of_an_authorization_request_is_wrong() {
    let web = Request::web;
    let world = visma();
    for (request, check, words) in [
        (web().without("response_type"), "response_type", "is missing"),
        (web().with("response_type", "token"), "response_type", "only response_type=code"),
        (web().with("response_mode", "carrier_pigeon"), "response_mode", "is not query"),
        (web().without("scope"), "scope", "scope is missing"),
        (web().with("scope", "openid unknown:read"), "scope", "is not allowed for isv_web; allowed: openid"),
        (web().with("scope", &"openid ".repeat(50)), "scope", "longer than 300"),
        (web().with("prompt", "none login"), "prompt", "excludes every other"),
        (web().with("prompt", "please"), "prompt", "\"please\" is unknown"),
        (web().with("max_age", "-1"), "max_age", "not a number of seconds"),
        (web().with("nonce", &"n".repeat(301)), "nonce", "longer than 300"),
        (web().with("ui_locales", &"l".repeat(101)), "ui_locales", "longer than 100"),
        (web().with("code_challenge", "short"), "code_challenge", "43 to 128"),
        (web().with("code_challenge_method", "S512"), "code_challenge", "neither S256 nor plain"),
        (web().without("code_challenge"), "code_challenge", "without a code_challenge"),
        (
            Request::native().without("code_challenge").without("code_challenge_method"),
            "code_challenge",
            "a public client must use PKCE",
        ),
        (web().with("request", "a.b.c"), "request", "request objects"),
        (web().with("request_uri", "urn:x"), "request_uri", "request objects"),
    ] {
        world.get(&request.path()).await;
        assert_refused_by(&world, check, words).await;
    }
}

#[tokio::test]
async fn the_error_page_and_the_journal_have_the_same_error_id() {
    let world = visma();
    let answer = world.get(&Request::web().without("scope").path()).await;
    let id = answer.header("location").unwrap().strip_prefix("/error?errorId=").unwrap();
    let request = world.get("/admin/requests/1").await.json();
    assert_eq!(request["error_id"], id);
    assert_eq!(request["answer"]["error"], "invalid_scope");
    world.get("/error?errorId=unknown").await;
    assert_refused_by(&world, "errorId", "no such errorId").await;
}

async fn login(world: &World, username: &str, password: &str) {
    let mut browser = Browser::new(world);
    let page = browser.open(&Request::web().path()).await;
    browser.log_in(&page, username, password).await;
}

#[tokio::test]
async fn tells_whether_the_user_or_the_password_was_wrong() {
    let world = visma();
    login(&world, "ana@example.com", "x").await;
    assert_refused_by(
        &world,
        "login",
        "no user is called \"ana@example.com\"; \"anna@example.com\" is known",
    )
    .await;
    login(&world, "anna@example.com", "battery").await;
    assert_refused_by(&world, "login", "wrong password for anna@example.com: 7 characters came").await;
}

#[tokio::test]
async fn tells_who_cancelled_and_what_the_user_lacks() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let page = browser.open(&Request::web().path()).await;
    browser.submit(&page, &[], "cancel").await;
    assert_refused_by(&world, "login", "the user cancelled the login").await;
    browser.submit(&page, &[], "cancel").await;
    assert_refused_by(&world, "transaction", "this login was finished").await;
    let page = browser.open(&Request::web().path()).await;
    let consent = browser.log_in(&page, "anna@example.com", "correct horse").await;
    browser.submit(&consent, &[], "neither").await;
    assert_refused_by(&world, "consent", "neither accept nor cancel").await;
    browser.submit(&consent, &[], "cancel").await;
    assert_refused_by(&world, "consent", "the user cancelled the consent").await;
    let mfa = Request::web().with("acr_values", "urn:idp:vismaconnect:mfa").with("prompt", "login");
    let page = browser.open(&mfa.path()).await;
    browser.log_in(&page, "bo@example.com", "battery staple").await;
    assert_refused_by(&world, "mfa", "this user has none").await;
}

#[tokio::test]
async fn tells_why_a_silent_request_needs_the_user() {
    let world = visma();
    let silent = Request::web().with("prompt", "none");
    let mut browser = Browser::new(&world);
    browser.open(&silent.path()).await;
    assert_refused_by(&world, "login", "prompt=none, and the browser has no session").await;
    browser.approve(&Request::web().with("client_id", "isv_web_reuse").path()).await;
    browser.open(&silent.path()).await;
    assert_refused_by(&world, "consent", "has not consented").await;
    browser.open(&silent.with("max_age", "0").path()).await;
    assert_refused_by(&world, "login", "older than max_age").await;
    world.emulator.remove_user("anna@example.com").unwrap();
    browser.open(&Request::web().with("prompt", "none").path()).await;
    assert_refused_by(&world, "login", "the user of the browser's session was removed").await;
}

#[tokio::test]
async fn tells_what_is_wrong_with_a_logout_request() {
    for world in [visma(), standard()] {
        let hint = Request::web().tokens(&world).await["id_token"].as_str().unwrap().to_owned();
        let landing = "https://app.example";
        for (params, check, words) in [
            (vec![("id_token_hint", "x")], "id_token_hint", "it is no JWT"),
            (
                vec![("id_token_hint", &*hint), ("client_id", "isv_spa")],
                "client",
                "the ID token is of isv_web",
            ),
            (
                vec![("id_token_hint", &hint), ("post_logout_redirect_uri", landing)],
                "post_logout_redirect_uri",
                "what differs: the slash at its end",
            ),
            (
                vec![("post_logout_redirect_uri", landing)],
                "post_logout_redirect_uri",
                "without an id_token_hint",
            ),
        ] {
            world.get(&format!("/connect/endsession?{}", encode(&params))).await;
            assert_refused_by(&world, check, words).await;
        }
        world.get("/connect/endsession?state=a&state=b").await;
        assert_refused_by(&world, "parameters", "\"state\" occurs twice").await;
    }
}

#[tokio::test]
async fn tells_that_a_fault_was_met() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::Html).times(1)).unwrap();
    world.token(&[("client_id", "isv_web")]).await;
    assert_refused_by(&world, "fault", "a prepared fault was answered").await;
    for (fault, words) in [
        (FaultKind::LostRequest, "the request was not looked at"),
        (FaultKind::LostReply, "in the place of the answer"),
    ] {
        world.emulator.add_fault(Fault::new(fault).times(1)).unwrap();
        world.token_without_answer(&[("client_id", "isv_native")]).await;
        let requests = world.get("/admin/requests?client_id=isv_native").await.json();
        let checks = requests["requests"].as_array().unwrap().last().unwrap()["checks"].clone();
        let told = checks.as_array().unwrap().last().unwrap()["words"].as_str().unwrap().to_owned();
        assert!(told.contains(words), "{told}");
    }
}
