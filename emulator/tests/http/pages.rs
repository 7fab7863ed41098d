//! What every page keeps to: the keyboard, narrow screens, screen readers, and a policy that lets nothing foreign in.

use grantline_emulator::{Config, Mode};

use crate::browser::{Browser, Place};
use crate::requests::Request;
use crate::support::{World, both, visma};

/// One page of each kind, by name.
async fn pages(world: &World) -> Vec<(&'static str, Place)> {
    let mut browser = Browser::new(world);
    let login = browser.open(&Request::web().path()).await;
    let failed = browser.log_in(&login, "anna@example.com", "wrong").await;
    let consent = browser.log_in(&login, "anna@example.com", "correct horse").await;
    browser.submit(&consent, &[], "accept").await;
    let form_post = browser.open(&Request::web().with("response_mode", "form_post").path()).await;
    let error = browser.open(&Request::web().with("client_id", "nobody").path()).await;
    let confirm = browser.open("/connect/endsession").await;
    let ended = browser.submit(&confirm, &[], "logout").await;
    vec![
        ("login", login),
        ("failed login", failed),
        ("consent", consent),
        ("form_post", form_post),
        ("error", error),
        ("confirm logout", confirm),
        ("logged out", ended),
    ]
}

#[tokio::test]
async fn every_page_has_a_language_a_title_one_heading_and_a_width_of_its_screen() {
    for world in both() {
        for (name, page) in pages(&world).await {
            let html = page.html();
            assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
            assert!(html.contains("content=\"width=device-width, initial-scale=1\""), "{name}");
            for tag in ["<title>", "<h1>", "<main>"] {
                assert_eq!(html.matches(tag).count(), 1, "{name}: {tag}");
            }
            assert!(!html.contains("<title> -"), "{name}");
        }
    }
}

#[tokio::test]
async fn every_page_lets_in_no_foreign_content_and_only_its_own_style_and_script() {
    for (name, page) in pages(&visma()).await {
        let header = |field| page.answer().header(field).unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "style-src 'nonce-"] {
            assert!(policy.contains(rule), "{name}: {rule} is missing in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{name}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(header("cache-control"), "no-store", "{name}");
        let html = page.html();
        for inline in [" style=", " onclick=", " onfocus=", " onload=", " onsubmit="] {
            assert!(!html.contains(inline), "{name}: {inline}");
        }
        assert_eq!(html.contains("<script"), name == "form_post", "{name}");
        for foreign in [" src=", "<link", "<iframe", "@import"] {
            assert!(!html.contains(foreign), "{name}: {foreign}");
        }
    }
}

#[tokio::test]
async fn every_field_has_a_label_and_every_form_works_without_a_script() {
    for (name, page) in pages(&visma()).await {
        for field in
            page.html().split("<input ").skip(1).filter(|field| !field.starts_with("type=\"hidden\""))
        {
            let id = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
            assert!(page.html().contains(&format!("<label for=\"{id}\">")), "{name}: {id}");
        }
        for form in page.html().split("<form ").skip(1) {
            assert!(form.contains("<button type=\"submit\""), "{name}");
        }
        assert!(!page.html().contains("tabindex"), "{name}");
    }
}

#[tokio::test]
async fn the_focus_is_where_the_user_goes_on() {
    let world = visma();
    let mut browser = Browser::new(&world);
    let focused = |page: &Place| {
        let before = page.html().split(" autofocus").next().unwrap().to_owned();
        let field = before.rsplit("<input ").next().unwrap().to_owned();
        (page.html().matches(" autofocus").count(), field.contains("id=\"username\""))
    };
    assert_eq!(focused(&browser.open(&Request::web().path()).await), (1, true));
    let hinted = browser.open(&Request::web().with("login_hint", "anna@example.com").path()).await;
    assert_eq!(focused(&hinted), (1, false));
    let failed = browser.log_in(&hinted, "anna@example.com", "wrong").await;
    assert_eq!(focused(&failed), (1, true));
    assert!(failed.html().contains("<title>Error: Log in"), "{}", failed.html());
    assert!(
        failed.html().contains("role=\"alert\"") && failed.html().contains("aria-describedby=\"failure\"")
    );
}

#[tokio::test]
async fn text_from_outside_is_escaped_on_every_page() {
    let attack = "<script>alert('1')</script>&\"";
    let mut config = Config { mode: Mode::Standard, ..Config::default() };
    config.application_mut("isv_web").unwrap().name = attack.to_owned();
    config.users[0].name = attack.to_owned();
    config.tenants[0].name = attack.to_owned();
    let world = World::with(config);
    let mut all = pages(&world).await;
    let mut browser = Browser::new(&world);
    all.push(("error", browser.open(&Request::web().with("redirect_uri", attack).path()).await));
    let state = Request::web().with("response_mode", "form_post").with("state", attack);
    all.push(("form_post", browser.approve(&state.path()).await));
    let shown = all.iter().filter(|(_, page)| page.html().contains("alert(")).count();
    assert!(shown >= 6, "{shown}");
    for (name, page) in all {
        assert!(!page.html().contains("<script>alert"), "{name}: {}", page.html());
    }
}
