//! The journal: what a request, its checks and its answer look like in it, and that no secret does.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::requests::{Request, VERIFIER, refresh};
use crate::support::{FJORD, FORM, World, encode, visma};

#[tokio::test]
async fn a_request_has_a_number_a_time_its_parameters_checks_and_answer() {
    let world = visma();
    world.emulator.set_clock_offset(-86_400);
    world.service_token(&[("tenant_id", FJORD)]).await;
    let request = world.get("/admin/requests/1").await.json();
    let now = world.emulator.clock().now_s();
    assert!(request["time_ms"].as_u64().unwrap() / 1000 <= now && request["took_us"].is_u64(), "{request}");
    assert_eq!(request["parameters"][2], json!({"name": "client_secret", "value": "(14 characters)"}));
    assert_eq!(request["parameters"][3], json!({"name": "tenant_id", "value": FJORD}));
    let checks: Vec<&str> =
        request["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(checks, ["request", "client", "client_authentication", "scope", "tenant"]);
    assert_eq!(request["checks"][1]["words"], "isv_service, of type service");
    assert_eq!(request["checks"][4]["words"], format!("Fjord Bakery AS ({FJORD})"));
    assert_eq!((&request["answer"]["status"], &request["answer"]["error"]), (&json!(200), &Value::Null));
    assert_eq!(member(&request, "expires_in"), "3600");
    assert!(member(&request, "access_token").contains("characters, the last are "), "{request}");
}

fn member(request: &Value, name: &str) -> String {
    let members = request["answer"]["members"].as_array().unwrap();
    let found = members.iter().find(|member| member["name"] == name).expect(name);
    found["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_answer_is_told_whether_json_redirect_form_or_challenge() {
    let world = visma();
    let mut browser = Browser::new(&world);
    browser.approve(&Request::web().path()).await;
    browser.open(&Request::web().with("response_mode", "form_post").path()).await;
    let all = world.get("/admin/requests").await.json()["requests"].clone();
    let of_login = &all.as_array().unwrap()[all.as_array().unwrap().len() - 2];
    assert_eq!(member(of_login, "state"), "the-state");
    let by_form = all.as_array().unwrap().last().unwrap();
    assert!(member(by_form, "code").contains("43 characters"), "{by_form}");
    world.service_token(&[("tenant_id", "x")]).await;
    world.get_with_token("/api/invoices", "x").await;
    let all = world.emulator.find_requests(&grantline_emulator::RequestFilter::default());
    let errors: Vec<_> =
        all.iter().rev().take(2).map(|request| request.answer.as_ref().unwrap().error.as_deref()).collect();
    assert_eq!(errors, [Some("invalid_token"), Some("invalid_request")]);
}

#[tokio::test]
async fn the_newest_requests_can_be_asked_for() {
    let world = visma();
    for _ in 0..3 {
        world.service_token(&[]).await;
        world.get("/api/invoices").await;
    }
    let newest = world.get("/admin/requests?last=2&path=/connect/token").await.json();
    let numbers: Vec<&Value> =
        newest["requests"].as_array().unwrap().iter().map(|request| &request["number"]).collect();
    assert_eq!(numbers, [3, 5]);
}

#[tokio::test]
async fn a_request_that_is_not_remembered_is_not_found() {
    let world = visma();
    let answer = world.get("/admin/requests/1").await;
    assert!(answer.status == 404 && answer.error().contains("request 1"), "{}", answer.body);
}

#[tokio::test]
async fn no_secret_code_token_password_or_verifier_is_in_it_wherever_it_was_sent() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let page = browser.open(&Request::web().path()).await;
    browser.log_in(&page, "anna@example.com", "incorrect horse").await;
    let code = browser.approve(&Request::web().path()).await.response()["code"].clone();
    let tokens = Request::web().exchange(&world, &code).await.json();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refreshing, id) = (text("access_token"), text("refresh_token"), text("id_token"));
    let rotated = refresh(&world, "isv_web", &refreshing).await.json()["refresh_token"].clone();
    world.get_with_token("/connect/userinfo", &access).await;
    world.get(&format!("/connect/endsession?{}", encode(&[("id_token_hint", &id)]))).await;
    let secrets = [
        "service-secret",
        "web:secret+100%25&more",
        "correct horse",
        "incorrect horse",
        "not-registered-at-all",
        VERIFIER,
        &code,
        &access,
        &refreshing,
        &id,
        rotated.as_str().unwrap(),
    ];
    for secret in secrets {
        send_everywhere(&world, secret).await;
    }
    let journal = world.get("/admin/requests").await;
    for secret in secrets {
        for form in [
            secret.to_owned(),
            encode(&[("", secret)])[1..].to_owned(),
            secret[..20.min(secret.len())].to_owned(),
        ] {
            assert!(!journal.body.contains(&form), "{form}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_in_a_path_however_it_is_encoded() {
    let world = visma();
    let hidden = "/foo/(22 characters)";
    for (path, shown) in [
        ("/foo/web:secret+100%25&more", hidden),
        ("/foo/web:secret+100%2525&more", hidden),
        ("/foo/web%3Asecret%2B100%2525%26more", hidden),
        ("/foo/%77eb%3asecret+100%2525&more", hidden),
        ("/foo/correct%20horse", "/foo/(13 characters)"),
        ("/foo/correct+horse", "/foo/(13 characters)"),
        ("/foo/service-secret/correct%20horse", "/foo/(14 characters)/(13 characters)"),
        ("/foo/a%20b%3A", "/foo/a%20b%3A"),
    ] {
        world.get(path).await;
        let newest = world.get("/admin/requests?last=1").await.json();
        assert_eq!(newest["requests"][0]["path"], shown, "{path}");
    }
}

/// As every parameter that holds a secret or a token, under an unheard-of name, and, where the server can know it,
/// as what is shown.
async fn send_everywhere(world: &World, secret: &str) {
    let hidden = [
        "client_secret",
        "code",
        "refresh_token",
        "code_verifier",
        "token",
        "id_token_hint",
        "password",
        "clientSecret",
    ];
    let mut params: Vec<(&str, &str)> = hidden.iter().map(|name| (*name, secret)).collect();
    if !matches!(secret, "not-registered-at-all" | "incorrect horse") {
        params.extend(
            ["scope", "state", "tenant_id", "resource", "username", "redirect_uri"]
                .map(|name| (name, secret)),
        );
    }
    for path in
        ["/connect/token", "/connect/revocation", "/connect/introspect", "/login", "/connect/authorize"]
    {
        for client_id in ["isv_web", secret] {
            let mut form = params.clone();
            form.push((
                "client_id",
                if secret.contains("at-all") || secret.contains("incorrect") { "isv_web" } else { client_id },
            ));
            form.push(("grant_type", "authorization_code"));
            world.send(Method::POST, path, &[("content-type", FORM)], encode(&form)).await;
            world.send(Method::GET, &format!("{path}?{}", encode(&form)), &[], "").await;
        }
    }
    world.token_with_basic(&format!("isv_web:{secret}"), &[("grant_type", "refresh_token")]).await;
    world.get_with_token("/api/invoices", secret).await;
}
