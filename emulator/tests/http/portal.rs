//! The portal's pages for applications, customers and users: what a form does, and how it is refused.

use reqwest::Method;

use crate::receiver::Receiver;
use crate::support::{Answer, FJORD, FORM, NORDLYS, NOT_APPROVED, World, encode, visma};

/// Posts a form as a page of the portal does.
pub async fn post(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    let origin = world.emulator.url();
    world.send(Method::POST, path, &[("content-type", FORM), ("origin", &origin)], encode(form)).await
}

/// Where a form leads.
pub fn target(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").unwrap().to_owned()
}

/// The message at the field, which the field names as its description.
pub fn assert_refused_at(answer: &Answer, field: &str, words: &str) {
    assert_eq!(answer.status, 422, "{field}: {}", answer.body);
    assert!(answer.body.contains("<title>Error: "), "{field}");
    let at_field = format!("<p class=\"problem\" id=\"{field}-problem\">");
    let problem = answer.body.split(&at_field).nth(1).unwrap_or_else(|| panic!("{field}: {}", answer.body));
    let problem = problem.split("</p>").next().unwrap();
    assert!(problem.contains(words), "{field}: {problem}");
    assert!(answer.body.contains(&format!("aria-describedby=\"{field}-problem")), "{field}");
    assert!(answer.body.contains(&format!("<a href=\"#{field}\">")), "{field}: no way to the field");
}

const DEFAULTS: [(&str, &str); 8] = [
    ("consent", "ask"),
    ("refresh", "one-time"),
    ("grace_s", "0"),
    ("access_token_s", "3600"),
    ("id_token_s", "300"),
    ("code_s", "300"),
    ("refresh_token_s", "1296000"),
    ("refresh_token_absolute_s", "31536000"),
];

/// The defaults of the form with these fields.
pub fn with_defaults<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let left = DEFAULTS.into_iter().filter(|(name, _)| fields.iter().all(|(known, _)| known != name));
    fields.iter().copied().chain(left).collect()
}

fn service() -> Vec<(&'static str, &'static str)> {
    with_defaults(&[
        ("client_id", "isv_new"),
        ("name", "New Export"),
        ("type", "service"),
        ("scopes", "visma_api:read"),
        ("approved_tenants", FJORD),
    ])
}

/// The secret on the page that `answer` leads to.
async fn secret(world: &World, answer: &Answer) -> String {
    let page = world.get(&target(answer)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page.body.split("<code class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

async fn token(world: &World, secret: &str) -> Answer {
    let credentials =
        [("grant_type", "client_credentials"), ("client_id", "isv_new"), ("client_secret", secret)];
    world.token(&[&credentials[..], &[("tenant_id", FJORD)]].concat()).await
}

#[tokio::test]
async fn an_application_that_is_registered_gets_a_token_with_the_secret_that_is_shown_once() {
    let world = visma();
    let registered = post(&world, "/portal/applications/new", &service()).await;
    let once = target(&registered);
    let secret = secret(&world, &registered).await;
    assert_eq!(token(&world, &secret).await.status, 200);
    let again = world.get(&once).await;
    assert_eq!(again.status, 410);
    assert!(!again.body.contains(&secret));
    let page = world.get("/portal/application?id=isv_new").await;
    assert!(page.status == 200 && !page.body.contains(&secret) && page.body.contains("New Export"));
}

#[tokio::test]
async fn a_secret_that_nobody_looked_at_is_gone_after_five_minutes() {
    let world = visma();
    let once = target(&post(&world, "/portal/applications/new", &service()).await);
    world.emulator.advance_clock(std::time::Duration::from_secs(301));
    assert_eq!(world.get(&once).await.status, 410);
}

#[tokio::test]
async fn each_rule_is_told_at_its_field_with_what_was_typed_and_changes_nothing() {
    let world = visma();
    for (field, value, at, words) in [
        ("client_id", "isv_web", "client_id", "occurs twice"),
        ("client_id", "", "client_id", "must not be empty"),
        ("name", "", "name", "give it a name"),
        ("scopes", "other", "scopes", "belongs to no API"),
        ("redirect_uris", "http://localhost/", "redirect_uris", "never redirected to"),
        ("post_logout_redirect_uris", "http://localhost/", "post_logout_redirect_uris", "no users"),
        ("allowed_origins", "http://localhost", "allowed_origins", "of type spa"),
        ("backchannel_logout_uri", "http://localhost/", "backchannel_logout_uri", "no users"),
        ("webhook_url", "https://app.example/", "webhook_url", "not on this machine"),
        ("default_tenant", NOT_APPROVED, "default_tenant", "has not approved it"),
        ("grace_s", "61", "grace_s", "give 0 for none"),
        ("access_token_s", "soon", "access_token_s", "&#34;soon&#34; is no number"),
        ("type", "desktop", "type", "unknown variant"),
        ("public", "on", "public", "needs a secret"),
    ] {
        let mut form: Vec<_> = service().into_iter().filter(|(name, _)| *name != field).collect();
        form.push((field, value));
        let refused = post(&world, "/portal/applications/new", &form).await;
        let words = words.replace("&#34;", "\"");
        let escaped = html(&words);
        assert_refused_at(&refused, at, &escaped);
        if field != "name" {
            assert!(refused.body.contains("value=\"New Export\""), "{field}: what was typed is gone");
        }
        assert!(world.emulator.config().application("isv_new").is_none(), "{field}");
    }
}

/// As askama escapes it.
fn html(text: &str) -> String {
    text.replace('&', "&#38;").replace('"', "&#34;").replace('<', "&#60;").replace('>', "&#62;")
}

#[tokio::test]
async fn a_web_application_takes_uris_one_a_line_and_may_be_public() {
    let world = visma();
    let form = with_defaults(&[
        ("client_id", "isv_pages"),
        ("name", "Pages"),
        ("type", "web"),
        ("public", "on"),
        ("scopes", "openid"),
        ("scopes", "offline_access"),
        ("redirect_uris", "http://localhost:1/a\r\n\r\n  http://localhost:1/b \r\n"),
        ("grace_s", "30"),
        ("consent", "skip"),
        ("refresh", "re-use"),
        ("revoke_family_on_reuse", "on"),
    ]);
    let registered = target(&post(&world, "/portal/applications/new", &form).await);
    assert_eq!(registered, "/portal/application?id=isv_pages&done=registered");
    assert!(world.get(&registered).await.body.contains("The application is registered."));
    let config = world.emulator.config();
    let known = config.application("isv_pages").unwrap();
    assert_eq!(known.redirect_uris, ["http://localhost:1/a", "http://localhost:1/b"]);
    assert_eq!(known.scopes, ["openid", "offline_access"]);
    assert!(known.is_public() && known.revoke_family_on_reuse && known.grace_s == 30);
}

#[tokio::test]
async fn a_change_keeps_the_secret_and_the_approvals() {
    let world = visma();
    let form = with_defaults(&[("name", "Renamed"), ("type", "service"), ("scopes", "visma_api:read")]);
    let changed = post(&world, "/portal/application/change?id=isv_service", &form).await;
    assert_eq!(target(&changed), "/portal/application?id=isv_service&done=changed");
    assert_eq!(world.emulator.config().application("isv_service").unwrap().name, "Renamed");
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
    let wrong = with_defaults(&[("name", "X"), ("type", "service"), ("scopes", "openid")]);
    let refused = post(&world, "/portal/application/change?id=isv_service", &wrong).await;
    assert_refused_at(&refused, "scopes", "needs a user");
}

#[tokio::test]
async fn a_webhook_that_is_added_gets_a_secret_which_is_shown_once() {
    let world = visma();
    let mut form = service();
    form.push(("webhook_url", "http://127.0.0.1:1/told"));
    let registered = post(&world, "/portal/applications/new", &form).await;
    let page = world.get(&target(&registered)).await;
    assert!(page.body.contains("Client secret") && page.body.contains("Webhook secret"), "{}", page.body);
    let change = post(&world, "/portal/application/change?id=isv_new", &form).await;
    assert_eq!(target(&change), "/portal/application?id=isv_new&done=changed");
}

#[tokio::test]
async fn a_new_secret_and_a_removal_ask_first_and_the_old_secret_is_worth_nothing() {
    let world = visma();
    let registered = post(&world, "/portal/applications/new", &service()).await;
    let old = secret(&world, &registered).await;
    let asked = world.get("/portal/application/secret?id=isv_new").await;
    assert!(asked.body.contains("A new secret for isv_new?"), "{}", asked.body);
    assert_eq!(token(&world, &old).await.status, 200);
    let made = post(&world, "/portal/application/secret?id=isv_new", &[]).await;
    let new = secret(&world, &made).await;
    assert_eq!(token(&world, &old).await.error(), "invalid_client");
    assert_eq!(token(&world, &new).await.status, 200);
    assert!(world.get("/portal/application/remove?id=isv_new").await.body.contains("Remove isv_new?"));
    assert_eq!(token(&world, &new).await.status, 200);
    let removed = post(&world, "/portal/application/remove?id=isv_new", &[]).await;
    assert_eq!(target(&removed), "/portal/applications?done=removed");
    assert_eq!(token(&world, &new).await.error(), "invalid_client");
    assert_eq!(world.get("/portal/application?id=isv_new").await.status, 404);
}

#[tokio::test]
async fn a_public_application_has_no_secret_to_renew() {
    let refused = post(&visma(), "/portal/application/secret?id=isv_native", &[]).await;
    assert!(refused.status == 409 && refused.body.contains("is public"), "{}", refused.body);
}

#[tokio::test]
async fn a_customer_approves_a_service_which_is_told_and_withdraws() {
    let told = Receiver::answering("200 OK");
    let world = World::changed("isv_service", |service| {
        service.webhook_url = Some(told.url.clone());
        service.webhook_secret = Some(grantline_emulator::Secret::new("of-webhooks"));
    });
    let page = format!("/portal/customer?id={NOT_APPROVED}");
    assert!(world.get(&page).await.body.contains("not approved"));
    let approve = format!("/portal/customer/approve?id={NOT_APPROVED}");
    let service = [("client_id", "isv_service")];
    assert_eq!(target(&post(&world, &approve, &service).await), format!("{page}&done=approved"));
    assert!(told.next().body.contains(NOT_APPROVED));
    assert_eq!(world.service_token(&[("tenant_id", NOT_APPROVED)]).await.status, 200);
    let withdraw = format!("/portal/customer/withdraw?id={NOT_APPROVED}");
    assert_eq!(target(&post(&world, &withdraw, &service).await), format!("{page}&done=withdrawn"));
    assert_eq!(world.service_token(&[("tenant_id", NOT_APPROVED)]).await.status, 400);
    let again = post(&world, &withdraw, &service).await;
    assert!(again.status == 422 && again.body.contains("nothing to withdraw"), "{}", again.body);
    assert_eq!(post(&world, &approve, &[("client_id", "isv_web")]).await.status, 422);
}

#[tokio::test]
async fn a_customer_is_added_renamed_and_removed() {
    let world = visma();
    let added =
        target(&post(&world, "/portal/customers/new", &[("name", "Harbour Hotel AS"), ("id", "")]).await);
    let id = added.split("id=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let renamed =
        post(&world, &format!("/portal/customer/change?id={id}"), &[("name", "Harbour Inn AS")]).await;
    assert!(world.get(&target(&renamed)).await.body.contains("<h1>Harbour Inn AS</h1>"));
    assert!(
        world.get(&format!("/portal/customer/remove?id={id}")).await.body.contains("Remove Harbour Inn AS?")
    );
    let removed = post(&world, &format!("/portal/customer/remove?id={id}"), &[]).await;
    assert!(!world.get(&target(&removed)).await.body.contains("Harbour Inn AS"));
    for (name, id, field, words) in [
        ("", "", "name", "give it a name"),
        ("Twice", FJORD, "id", "occurs twice"),
        ("Odd", "one", "id", "lower-case UUID"),
    ] {
        let refused = post(&world, "/portal/customers/new", &[("name", name), ("id", id)]).await;
        assert_refused_at(&refused, field, words);
    }
    let rename = post(&world, &format!("/portal/customer/change?id={FJORD}"), &[("name", " ")]).await;
    assert_refused_at(&rename, "name", "give it a name");
    let default = post(&world, &format!("/portal/customer/remove?id={NORDLYS}"), &[]).await;
    assert!(default.status == 422 && default.body.contains("default tenant"), "{}", default.body);
}

#[tokio::test]
async fn a_user_is_added_with_a_password_that_is_shown_once_changed_and_removed() {
    let world = visma();
    let carl = [("username", "carl@example.com"), ("name", "Carl"), ("tenants", FJORD)];
    let added = post(&world, "/portal/users/new", &carl).await;
    let password = secret(&world, &added).await;
    assert_eq!(world.get(&target(&added)).await.status, 410);
    let known = |username: &str| world.emulator.config().user(username).cloned();
    let before = known("carl@example.com").unwrap();
    assert_eq!(before.password.expose_secret(), password);
    let changed = [("username", "carl@example.com"), ("name", "Carla"), ("tenants", NORDLYS), ("mfa", "on")];
    let change = "/portal/user/change?id=carl%40example.com";
    assert!(world.get(change).await.body.contains("value=\"Carl\""));
    assert_eq!(target(&post(&world, change, &changed).await), "/portal/users?done=changed");
    let after = known("carl@example.com").unwrap();
    assert_eq!((after.name.as_str(), after.tenants, after.mfa), ("Carla", vec![NORDLYS.to_owned()], true));
    assert_eq!(after.password.expose_secret(), password);
    let remove = "/portal/user/remove?id=carl%40example.com";
    assert!(world.get(remove).await.body.contains("Remove carl@example.com?"));
    assert_eq!(target(&post(&world, remove, &[]).await), "/portal/users?done=removed");
    assert!(known("carl@example.com").is_none());
}

#[tokio::test]
async fn a_user_is_refused_at_the_field_and_the_password_is_not_shown_again() {
    let world = visma();
    for (username, name, sub, tenants, field, words) in [
        ("anna@example.com", "Anna", "", FJORD, "username", "occurs twice"),
        ("", "Anna", "", FJORD, "username", "is empty"),
        ("new@example.com", "", "", FJORD, "name", "give the user a name"),
        ("new@example.com", "New", "a0a0a0a0-0000-4000-8000-000000000001", FJORD, "sub", "occurs twice"),
        ("new@example.com", "New", "", "nowhere", "tenants", "is not defined"),
    ] {
        let form = [
            ("username", username),
            ("name", name),
            ("sub", sub),
            ("tenants", tenants),
            ("password", "hush-hush"),
        ];
        let refused = post(&world, "/portal/users/new", &form).await;
        assert_refused_at(&refused, field, words);
        assert!(!refused.body.contains("hush-hush"), "{field}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_so() {
    let world = visma();
    for path in ["application", "application/change", "application/secret", "application/remove"] {
        assert_eq!(world.get(&format!("/portal/{path}?id=nobody")).await.status, 404, "{path}");
    }
    for path in ["customer", "customer/change", "customer/remove", "user/change", "user/remove"] {
        assert_eq!(world.get(&format!("/portal/{path}?id=nobody")).await.status, 404, "{path}");
    }
    for path in
        ["application/change", "application/secret", "application/remove", "customer/remove", "user/remove"]
    {
        let form = with_defaults(&[("name", "X"), ("type", "web")]);
        assert_eq!(post(&world, &format!("/portal/{path}?id=nobody"), &form).await.status, 404, "{path}");
    }
}
