//! What is changed while the emulator runs: applications, tenants, users and approvals.

use grantline_emulator::{ClientType, Config, ControlError, Secret, TenantDetails};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::checks::assert_refused_by;
use crate::requests::{Request, refresh, send_as};
use crate::support::{Answer, FJORD, NORDLYS, NOT_APPROVED, World, visma};

async fn call(world: &World, method: Method, path: &str, body: &Value) -> Answer {
    world.send(method, path, &[("content-type", "application/json")], body.to_string()).await
}

async fn post(world: &World, path: &str, body: Value) -> Answer {
    call(world, Method::POST, path, &body).await
}

async fn delete(world: &World, path: &str) -> u16 {
    world.send(Method::DELETE, path, &[], "").await.status
}

fn exporter() -> Value {
    json!({
        "client_id": "isv_new", "name": "New Export", "type": "service", "scopes": ["visma_api:read"],
        "approved_tenants": [FJORD],
    })
}

async fn token_of(world: &World, client_id: &str, secret: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", secret)];
    world.token(&[&form[..], &[("tenant_id", FJORD)]].concat()).await
}

#[tokio::test]
async fn an_application_is_registered_and_its_secret_told_once() {
    let world = visma();
    assert_eq!(token_of(&world, "isv_new", "x").await.error(), "invalid_client");
    let registered = post(&world, "/admin/applications", exporter()).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let secret = registered.json()["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(token_of(&world, "isv_new", &secret).await.status, 200);
    let shown = world.get("/admin/applications/isv_new").await;
    assert!(!shown.body.contains(&secret) && !shown.body.contains("secret"), "{}", shown.body);
    assert_eq!(shown.json()["approved_tenants"], json!([FJORD]));
}

#[tokio::test]
async fn a_public_client_gets_no_secret() {
    let world = visma();
    let web = json!({
        "client_id": "isv_public", "name": "Public", "type": "web", "public": true, "scopes": ["openid"],
        "redirect_uris": ["http://localhost/callback"],
    });
    let registered = post(&world, "/admin/applications", web).await.json();
    assert_eq!((&registered["public"], registered.get("client_secret")), (&json!(true), None));
    let answer = post(&world, "/admin/applications/isv_public/secrets", json!({})).await;
    assert!(answer.status == 409 && answer.error().contains("is public"), "{}", answer.body);
}

#[tokio::test]
async fn a_registration_that_breaks_a_rule_is_refused_by_its_name_and_changes_nothing() {
    let world = visma();
    let before = world.get("/admin/applications").await.body;
    for (key, value, words) in [
        ("client_id", json!("isv_web"), "client_id occurs twice"),
        ("client_id", json!("with space"), "must not be empty or hold spaces"),
        ("scopes", json!(["other"]), "belongs to no API"),
        ("grace_s", json!(61), "grace_s is 61"),
        ("redirect_uris", json!(["http://localhost/"]), "never redirected to"),
        ("webhook_url", json!("https://app.example/"), "not on this machine"),
        ("default_tenant", json!(NOT_APPROVED), "has not approved it"),
        ("withdrawn_tenants", json!([FJORD]), "among approved_tenants as well"),
        ("colour", json!("blue"), "unknown field `colour`"),
        ("public", json!("yes"), "give true or false"),
        ("public", json!(true), "a service needs a secret"),
        ("type", json!("desktop"), "unknown variant"),
    ] {
        let mut wrong = exporter();
        wrong[key] = value;
        let answer = post(&world, "/admin/applications", wrong).await;
        assert!(answer.status == 422 && answer.error().contains(words), "{key}: {}", answer.body);
    }
    assert_eq!(world.get("/admin/applications").await.body, before);
}

#[tokio::test]
async fn a_refusal_names_the_key_that_a_form_points_at() {
    let world = visma();
    for (key, value) in [
        ("client_id", json!("isv_web")),
        ("scopes", json!([])),
        ("grace_s", json!(61)),
        ("secret", json!("")),
        ("redirect_uris", json!(["http://localhost/"])),
        ("post_logout_redirect_uris", json!(["http://localhost/"])),
        ("allowed_origins", json!(["http://localhost"])),
        ("backchannel_logout_uri", json!("http://localhost/")),
        ("webhook_url", json!("https://app.example/")),
        ("default_tenant", json!(NOT_APPROVED)),
        ("approved_tenants", json!(["x"])),
        ("withdrawn_tenants", json!(["x"])),
        ("id_token_signed_response_alg", json!("ES256")),
    ] {
        let mut wrong = exporter();
        wrong[key] = value;
        let answer = post(&world, "/admin/applications", wrong).await;
        assert_eq!(answer.json()["key"], key, "{}", answer.body);
    }
    for (key, body) in [
        ("username", json!({"username": "", "name": "C"})),
        ("password", json!({"username": "c", "password": "", "name": "C"})),
        ("sub", json!({"username": "c", "sub": "", "name": "C"})),
        ("tenants", json!({"username": "c", "name": "C", "tenants": ["x"]})),
    ] {
        let answer = post(&world, "/admin/users", body).await;
        assert_eq!(answer.json()["key"], key, "{}", answer.body);
    }
}

#[tokio::test]
async fn what_is_shown_of_an_application_can_be_put_back_and_keeps_its_secrets() {
    let world = visma();
    for application in world.get("/admin/applications").await.json()["applications"].as_array().unwrap() {
        let path = format!("/admin/applications/{}", application["client_id"].as_str().unwrap());
        let changed = call(&world, Method::PUT, &path, application).await;
        assert_eq!((changed.status, &changed.json()), (200, application));
    }
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn an_application_is_changed_for_the_next_request() {
    let world = visma();
    let mut shown = world.get("/admin/applications/isv_service").await.json();
    shown["access_token_s"] = json!(7);
    shown["webhook_url"] = json!("http://127.0.0.1:9/x");
    let changed = call(&world, Method::PUT, "/admin/applications/isv_service", &shown).await.json();
    assert!(changed["webhook_secret"].is_string() && changed.get("client_secret").is_none(), "{changed}");
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.json()["expires_in"], 7);
    shown["client_id"] = json!("another");
    let renamed = call(&world, Method::PUT, "/admin/applications/isv_service", &shown).await;
    assert!(renamed.status == 422 && renamed.error().contains("stays as it is"), "{}", renamed.body);
    shown["client_id"] = json!("nobody");
    assert_eq!(call(&world, Method::PUT, "/admin/applications/nobody", &shown).await.status, 404);
}

#[tokio::test]
async fn a_new_secret_takes_the_place_of_the_old_one() {
    let world = visma();
    let answer = post(&world, "/admin/applications/isv_service/secrets", json!({})).await;
    let secret = answer.json()["client_secret"].as_str().unwrap().to_owned();
    assert_eq!((answer.status, token_of(&world, "isv_service", &secret).await.status), (201, 200));
    assert_eq!(world.service_token(&[]).await.error(), "invalid_client");
    assert_eq!(post(&world, "/admin/applications/nobody/secrets", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_removed_application_is_unknown_and_its_grants_have_ended_for_good() {
    let world = visma();
    let application = world.emulator.config().application("isv_web").unwrap().clone();
    let token = Request::web().tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    assert_eq!(delete(&world, "/admin/applications/isv_web").await, 204);
    let mut as_before = form.to_vec();
    as_before.extend([("client_id", "isv_web"), ("client_secret", "web:secret+100%25&more")]);
    assert_eq!(world.token(&as_before).await.error(), "invalid_client");
    assert_eq!(world.get(&Request::web().path()).await.status, 303);
    assert_refused_by(&world, "client", "no application has the client_id \"isv_web\"").await;
    world.emulator.register_application(application, ClientType::Confidential).unwrap();
    assert_eq!(refresh(&world, "isv_web", &token).await.error(), "invalid_grant");
    assert_eq!(delete(&world, "/admin/applications/nobody").await, 404);
}

#[tokio::test]
async fn a_withdrawn_tenant_gets_no_tokens_until_it_approves_again() {
    let world = visma();
    let path = format!("/admin/approvals?client_id=isv_service&tenant_id={FJORD}");
    assert_eq!(delete(&world, &path).await, 204);
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.error(), "invalid_tenant");
    assert_eq!(world.service_token(&[("tenant_id", NORDLYS)]).await.status, 200);
    let again = world.send(Method::DELETE, &path, &[], "").await;
    assert!(again.status == 400 && again.error().contains("nothing to withdraw"), "{}", again.body);
    world.emulator.approve_tenant("isv_service", FJORD).unwrap();
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn a_tenant_is_added_approves_is_renamed_and_removed() {
    let world = visma();
    let added = post(&world, "/admin/tenants", json!({"name": "Harbour Hotel AS"})).await;
    let id = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(added.status, 201);
    world.emulator.approve_tenant("isv_service", &id).unwrap();
    assert_eq!(world.service_token(&[("tenant_id", &id)]).await.status, 200);
    let path = format!("/admin/tenants/{id}");
    let renamed = call(&world, Method::PUT, &path, &json!({"name": "Harbour"})).await;
    assert_eq!(renamed.json(), json!({"id": id, "name": "Harbour"}));
    assert_eq!(delete(&world, &path).await, 204);
    assert_eq!(world.service_token(&[("tenant_id", &id)]).await.error(), "invalid_tenant");
    assert_eq!(
        (delete(&world, &path).await, world.get("/admin/tenants").await.json()["count"].clone()),
        (404, json!(3))
    );
    for (body, words) in [
        (json!({"id": FJORD, "name": "Twice"}), "its id occurs twice"),
        (json!({"id": "fjord", "name": "Fjord"}), "lower-case UUID"),
    ] {
        let answer = post(&world, "/admin/tenants", body).await;
        assert!(answer.status == 422 && answer.error().contains(words), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_default_tenant_stays_until_another_is_chosen() {
    let world = visma();
    let refused = world.emulator.remove_tenant(NORDLYS).unwrap_err();
    assert!(
        matches!(&refused, ControlError::Rule(rule) if rule.to_string().contains("default tenant")),
        "{refused}"
    );
    assert_eq!(
        send_as(&world, "isv_service_default", &[("grant_type", "client_credentials")]).await.status,
        200
    );
}

#[tokio::test]
async fn a_user_is_added_logs_in_is_changed_and_removed() {
    let world = visma();
    let carl = json!({"username": "carl@example.com", "name": "Carl", "tenants": [FJORD]});
    let added = post(&world, "/admin/users", carl.clone()).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let password = added.json()["password"].as_str().unwrap().to_owned();
    assert!(!world.get("/admin/users").await.body.contains(&password));
    let mut browser = Browser::new(&world);
    let page = browser.open(&Request::web().path()).await;
    assert_eq!(browser.log_in(&page, "carl@example.com", &password).await.path(), Some("/consent"));
    let mut changed = carl;
    changed["name"] = json!("Carl Dahl");
    changed["password"] = json!("new password");
    let answer = call(&world, Method::PUT, "/admin/users/carl@example.com", &changed).await.json();
    assert_eq!((&answer["name"], &answer["sub"]), (&json!("Carl Dahl"), &added.json()["sub"]));
    let mut browser = Browser::new(&world);
    let page = browser.open(&Request::web().path()).await;
    assert_eq!(browser.log_in(&page, "carl@example.com", "new password").await.path(), Some("/consent"));
    assert_eq!(delete(&world, "/admin/users/carl@example.com").await, 204);
    assert_eq!(browser.open(&Request::web().path()).await.path(), Some("/login"));
    assert_eq!(delete(&world, "/admin/users/carl@example.com").await, 404);
}

#[tokio::test]
async fn a_user_that_breaks_a_rule_is_refused() {
    let world = visma();
    for (body, words) in [
        (json!({"username": "anna@example.com", "name": "Other"}), "occurs twice"),
        (json!({"username": "", "name": "Nobody"}), "username is empty"),
        (json!({"username": "c", "password": "", "name": "C"}), "password is empty"),
        (json!({"username": "c", "name": "C", "tenants": ["x"]}), "tenant \"x\" is not defined"),
    ] {
        let answer = post(&world, "/admin/users", body).await;
        assert!(answer.status == 422 && answer.error().contains(words), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_test_in_rust_changes_what_it_likes() {
    let world = World::with(Config::default());
    let mut application = world.emulator.config().application("isv_service").unwrap().clone();
    application.client_id = "isv_copy".into();
    application.secret = Some(Secret::new("of-my-own"));
    let made = world.emulator.register_application(application, ClientType::Confidential).unwrap();
    assert!(made.client_secret.is_none());
    assert_eq!(token_of(&world, "isv_copy", "of-my-own").await.status, 200);
    let tenant = world.emulator.add_tenant(TenantDetails { id: None, name: "New".into() }).unwrap();
    world.emulator.approve_tenant("isv_copy", &tenant.id).unwrap();
    assert_eq!(world.emulator.rename_tenant(&tenant.id, "Newer").unwrap().name, "Newer");
    let secret = world.emulator.new_secret("isv_copy").unwrap();
    assert_eq!(token_of(&world, "isv_copy", secret.expose_secret()).await.status, 200);
    let unknown = ControlError::Unknown { kind: "application", id: "nobody".into() };
    assert_eq!(world.emulator.remove_application("nobody"), Err(unknown));
}
