//! What the journal tells of each refusal at the token endpoint: which check failed, and in words why.

use std::time::Duration;

use grantline_emulator::Config;
use reqwest::Method;
use serde_json::Value;

use crate::browser::Browser;
use crate::requests::{CHALLENGE, Request, VERIFIER, plain_proof_key, refresh, send_as};
use crate::support::{FJORD, FORM, NORDLYS, NOT_APPROVED, World, encode, standard, visma};

/// The failed check of the newest request that has one: its name and its words.
pub async fn refusal(world: &World) -> (String, String) {
    let journal = world.get("/admin/requests").await.json();
    let requests = journal["requests"].as_array().unwrap();
    let failed = |request: &Value| {
        let checks = request["checks"].as_array().unwrap();
        let failed = checks.iter().find(|check| check["passed"] == false)?;
        assert_eq!(request["reason"], failed["words"]);
        Some((failed["name"].as_str()?.to_owned(), failed["words"].as_str()?.to_owned()))
    };
    requests.iter().rev().find_map(failed).unwrap_or_else(|| panic!("nothing was refused: {journal}"))
}

/// The newest refusal is by this check, in such words.
pub async fn assert_refused_by(world: &World, check: &str, words: &str) {
    let (name, told) = refusal(world).await;
    assert_eq!(name, check, "{told}");
    assert!(told.contains(words), "\"{told}\" does not tell \"{words}\"");
}

/// The same with `#` for a number of seconds, which is this one or, on a slow machine, up to a minute more.
pub async fn assert_refused_after(world: &World, check: &str, words: &str, seconds: u64) {
    let (before, after) = words.split_once('#').unwrap();
    assert_refused_by(world, check, before).await;
    let told = refusal(world).await.1;
    let (number, rest) = told.split_once(before).unwrap().1.split_once(' ').unwrap();
    assert!(rest.starts_with(after.trim_start()), "\"{told}\" does not tell \"{words}\"");
    assert!((seconds..seconds + 60).contains(&number.parse().unwrap()), "{told}");
}

async fn code(world: &World, request: &Request) -> String {
    Browser::new(world).approve(&request.path()).await.response()["code"].clone()
}

async fn refresh_token(world: &World) -> String {
    Request::web().tokens(world).await["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tells_why_a_client_is_not_authenticated() {
    let world = visma();
    let service = "isv_service";
    for (id, secret, check, words) in [
        ("isv_servce", "service-secret", "client", "\"isv_servce\"; \"isv_service\" is known"),
        ("quite another", "x", "client", "no application has the client_id \"quite another\""),
        (
            service,
            "",
            "client_authentication",
            "no secret came, and isv_service, of type service, has one of 14",
        ),
        (service, "service-secre", "client_authentication", "13 characters came, 14 are registered"),
        (service, "service-secret\n", "client_authentication", "a line break; without it, it is right"),
        (service, " wrong", "client_authentication", "it is wrong without it, too"),
        (
            service,
            "service-default-secret",
            "client_authentication",
            "it is the secret of isv_service_default",
        ),
        ("isv_web", "web%3Asecret%2B100%2525%26more", "client_authentication", "is right when it is decoded"),
        ("isv_native", "x", "client_authentication", "a public client"),
        (service, &"s".repeat(101), "client_authentication", "the secret 101: 100 are allowed"),
        (&"c".repeat(101), "x", "client", "the client id has 101 characters"),
    ] {
        world.token(&[("client_id", id), ("client_secret", secret)]).await;
        assert_refused_by(&world, check, words).await;
    }
    world.token(&[("grant_type", "client_credentials")]).await;
    assert_refused_by(&world, "client", "neither in the form nor in an Authorization header").await;
}

#[tokio::test]
async fn tells_why_basic_authentication_failed() {
    let world = visma();
    world.token_with_basic("isv_web:web:secret+100%25&more", &[]).await;
    assert_refused_by(&world, "client_authentication", "has to be form-encoded first").await;
    world.token_with_basic("no-colon", &[]).await;
    assert_refused_by(&world, "client_authentication", "not well-formed Basic").await;
    world.token_with_basic("isv_service:service-secret", &[("client_id", "isv_web")]).await;
    assert_refused_by(&world, "client_authentication", "client_id in the form is \"isv_web\"").await;
    world.token_with_basic("isv_service:service-secret", &[("client_secret", "service-secret")]).await;
    assert_refused_by(&world, "client_authentication", "the secret came twice").await;
}

#[tokio::test]
async fn tells_what_is_wrong_with_the_form_of_a_token_request() {
    let world = visma();
    world.get("/connect/token").await;
    assert_refused_by(&world, "request", "a GET with no content type").await;
    world.send(Method::POST, "/connect/token", &[("content-type", "application/json")], "{}").await;
    assert_refused_by(&world, "request", "the content type application/json").await;
    world.service_token(&[("scope", "a"), ("scope", "b")]).await;
    assert_refused_by(&world, "request", "\"scope\" occurs twice").await;
    let world = standard();
    for path in ["/connect/token", "/connect/revocation", "/connect/introspect"] {
        world.get(path).await;
        assert_refused_by(&world, "request", "the method is GET: send a POST").await;
    }
}

#[tokio::test]
async fn tells_which_grant_type_does_not_work_and_for_whom() {
    let world = visma();
    let service = [("client_id", "isv_service"), ("client_secret", "service-secret")];
    world.token(&service).await;
    assert_refused_by(&world, "grant_type", "grant_type is missing").await;
    world.token(&[service[0], service[1], ("grant_type", "password")]).await;
    assert_refused_by(&world, "grant_type", "\"password\" does not work here").await;
    send_as(&world, "isv_web", &[("grant_type", "client_credentials")]).await;
    assert_refused_by(&world, "grant_type", "isv_web is of type web").await;
    refresh(&world, "isv_service", "x").await;
    assert_refused_by(&world, "grant_type", "\"offline_access\" is not allowed for isv_service").await;
}

#[tokio::test]
async fn tells_which_scope_is_not_allowed_and_which_are() {
    let world = visma();
    for (scope, words) in [
        ("visma_api:raed", "\"visma_api:raed\" is not allowed for isv_service; \"visma_api:read\" is known"),
        ("visma_api:read,visma_api:write", "separated by spaces, not by commas"),
        ("other", "allowed: visma_api:read visma_api:write"),
        ("openid", "\"openid\" needs a user"),
        (" ", "scope holds no scope"),
        (&"s".repeat(301), "longer than 300"),
    ] {
        world.service_token(&[("tenant_id", FJORD), ("scope", scope)]).await;
        assert_refused_by(&world, "scope", words).await;
    }
}

#[tokio::test]
async fn tells_why_a_tenant_is_refused() {
    let world = visma();
    for (tenant, words) in [
        ("fjord", "tenant_id \"fjord\" is not a UUID"),
        ("11111111-1111-4111-8111-111111111112", "; \"11111111-1111-4111-8111-111111111111\" is known"),
        (NOT_APPROVED, "Not Approved Oy is known, but has not approved isv_service"),
    ] {
        world.service_token(&[("tenant_id", tenant)]).await;
        assert_refused_by(&world, "tenant", words).await;
    }
    world.service_token(&[]).await;
    assert_refused_by(&world, "tenant", "the scope \"visma_api:read\" needs it").await;
    world.emulator.withdraw_tenant("isv_service", FJORD).unwrap();
    world.service_token(&[("tenant_id", FJORD)]).await;
    assert_refused_by(&world, "tenant", "Fjord Bakery AS withdrew its approval of isv_service").await;
    world.emulator.withdraw_tenant("isv_service_default", NORDLYS).unwrap();
    send_as(&world, "isv_service_default", &[("grant_type", "client_credentials")]).await;
    assert_refused_by(&world, "tenant", "the default tenant Nordlys Shipping AB withdrew").await;
}

#[tokio::test]
async fn tells_why_a_code_is_worth_nothing() {
    let world = visma();
    let request = Request::web();
    request.exchange(&world, "no-such-code").await;
    assert_refused_by(&world, "code", "it was not issued here").await;
    let token = refresh_token(&world).await;
    request.exchange(&world, &token).await;
    assert_refused_by(&world, "code", "it is a refresh token").await;
    let (used, expired) = (code(&world, &request).await, code(&world, &request).await);
    Request::web().with("client_id", "isv_web_reuse").exchange(&world, &used).await;
    assert_refused_by(&world, "code", "it was issued to isv_web").await;
    request.exchange(&world, &used).await;
    world.emulator.advance_clock(Duration::from_secs(400));
    request.exchange(&world, &used).await;
    assert_refused_after(&world, "code", "the code was used # s ago", 400).await;
    request.exchange(&world, &expired).await;
    assert_refused_after(&world, "code", "the code expired # s ago", 100).await;
    request.exchange(&world, &"c".repeat(101)).await;
    assert_refused_by(&world, "code", "longer than 100 characters").await;
    send_as(&world, "isv_web", &[("grant_type", "authorization_code")]).await;
    assert_refused_by(&world, "code", "code is missing").await;
}

#[tokio::test]
async fn tells_in_what_the_exchange_differs_from_the_login() {
    let world = visma();
    let request = Request::web();
    let other = request.clone().with("redirect_uri", "http://localhost:8080/callback");
    other.exchange(&world, &code(&world, &request).await).await;
    assert_refused_by(&world, "redirect_uri", "the code was issued to \"https://app.example/callback\"")
        .await;
    for (further, words) in [
        (&[("code_verifier", CHALLENGE)][..], "it is the challenge itself"),
        (&[("code_verifier", &"v".repeat(43))], "the challenge with E9Melhoa"),
        (&[("code_verifier", "short")], "it has 5 characters, and needs 43 to 128"),
        (&[], "code_verifier is missing"),
    ] {
        request.exchange_with(&world, &code(&world, &request).await, further).await;
        assert_refused_by(&world, "code_verifier", words).await;
    }
    let bare = request.without("code_challenge").without("code_challenge_method");
    bare.exchange_with(&world, &code(&world, &bare).await, &[("code_verifier", VERIFIER)]).await;
    assert_refused_by(&world, "code_verifier", "had no code_challenge").await;
    let plain =
        Request::web().with("code_challenge", &plain_proof_key()).with("code_challenge_method", "plain");
    plain.exchange(&world, &code(&world, &plain).await).await;
    assert_refused_by(&world, "code_verifier", "the method is plain").await;
    let form = [("grant_type", "authorization_code"), ("code", &*code(&world, &bare).await)];
    send_as(&world, "isv_web", &form).await;
    assert_refused_by(&world, "redirect_uri", "redirect_uri is missing").await;
}

#[tokio::test]
async fn tells_why_a_refresh_token_is_worth_nothing() {
    let world = visma();
    refresh(&world, "isv_web", "unknown").await;
    assert_refused_by(&world, "refresh_token", "it was not issued here").await;
    refresh(&world, "isv_web", &format!("eyJ{}", "x".repeat(100))).await;
    assert_refused_by(&world, "refresh_token", "it looks like an access or ID token").await;
    refresh(&world, "isv_web", "").await;
    assert_refused_by(&world, "refresh_token", "refresh_token is missing").await;
    let token = refresh_token(&world).await;
    refresh(&world, "isv_web_reuse", &token).await;
    assert_refused_by(&world, "refresh_token", "it was issued to isv_web").await;
    refresh(&world, "isv_web", &token).await;
    world.emulator.advance_clock(Duration::from_secs(85));
    refresh(&world, "isv_web", &token).await;
    assert_refused_after(&world, "refresh_token", "was used # s ago, and the grace window is 60 s", 85).await;
    let unused = refresh_token(&world).await;
    world.emulator.advance_clock(Duration::from_secs(16 * 86_400));
    refresh(&world, "isv_web", &unused).await;
    assert_refused_after(
        &world,
        "refresh_token",
        "expired # s ago, after 1296000 s without a refresh",
        86_400,
    )
    .await;
}

#[tokio::test]
async fn tells_what_ended_a_refresh_token() {
    let world = World::changed("isv_web", |app| {
        app.revoke_family_on_reuse = true;
        app.grace_s = 0;
    });
    let old = refresh_token(&world).await;
    let next = refresh(&world, "isv_web", &old).await.json()["refresh_token"].clone();
    refresh(&world, "isv_web", &old).await;
    assert_refused_by(&world, "refresh_token", "there is no grace window; revoke_family_on_reuse ends").await;
    refresh(&world, "isv_web", next.as_str().unwrap()).await;
    assert_refused_by(&world, "refresh_token", "a used refresh token of the same login came back").await;
    let revoked = refresh_token(&world).await;
    world
        .send(Method::POST, "/connect/revocation", &[("content-type", FORM)], own_token("isv_web", &revoked))
        .await;
    refresh(&world, "isv_web", &revoked).await;
    assert_refused_after(&world, "refresh_token", "its client revoked the grant # s ago", 0).await;
    let aged = World::changed("isv_web", |app| app.refresh_token_absolute_s = 100);
    let token = refresh_token(&aged).await;
    aged.emulator.advance_clock(Duration::from_secs(110));
    refresh(&aged, "isv_web", &token).await;
    assert_refused_after(&aged, "refresh_token", "reached its absolute lifetime # s ago", 10).await;
    let of_anna = refresh_token(&world).await;
    world.emulator.remove_user("anna@example.com").unwrap();
    refresh(&world, "isv_web", &of_anna).await;
    assert_refused_by(&world, "refresh_token", "its application or user was removed").await;
}

/// A form with a token, of a client that authenticates rightly.
pub fn own_token(client_id: &str, token: &str) -> String {
    let secret = Config::default().application(client_id).unwrap().secret.clone().unwrap();
    encode(&[("client_id", client_id), ("client_secret", secret.expose_secret()), ("token", token)])
}
