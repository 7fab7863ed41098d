//! Who may use the portal, and what every page of it keeps to.

use grantline_emulator::Config;
use reqwest::Method;

use crate::support::{FJORD, FORM, World, visma};

const PAGES: [&str; 19] = [
    "/portal",
    "/portal/applications",
    "/portal/applications/new",
    "/portal/application?id=isv_web",
    "/portal/application/change?id=isv_web",
    "/portal/application/secret?id=isv_web",
    "/portal/application/remove?id=isv_web",
    "/portal/customers",
    "/portal/customers/new",
    "/portal/customer?id=11111111-1111-4111-8111-111111111111",
    "/portal/users",
    "/portal/users/new",
    "/portal/user/change?id=anna@example.com",
    "/portal/user/sessions?id=anna@example.com",
    "/portal/requests",
    "/portal/requests/1",
    "/portal/deliveries",
    "/portal/controls",
    "/portal/controls/faults/new",
];

const CHANGES: [&str; 18] = [
    "/portal/applications/new",
    "/portal/application/change?id=isv_web",
    "/portal/application/secret?id=isv_web",
    "/portal/application/remove?id=isv_web",
    "/portal/customers/new",
    "/portal/customer/change?id=11111111-1111-4111-8111-111111111111",
    "/portal/customer/approve?id=11111111-1111-4111-8111-111111111111",
    "/portal/customer/withdraw?id=11111111-1111-4111-8111-111111111111",
    "/portal/customer/remove?id=11111111-1111-4111-8111-111111111111",
    "/portal/users/new",
    "/portal/user/change?id=anna@example.com",
    "/portal/user/remove?id=anna@example.com",
    "/portal/user/sessions/end?id=anna@example.com",
    "/portal/deliveries/repeat",
    "/portal/controls/clock",
    "/portal/controls/keys",
    "/portal/controls/faults/new",
    "/portal/controls/faults/clear",
];

#[tokio::test]
async fn the_address_alone_leads_to_the_start_page_with_the_issuer() {
    let world = visma();
    let root = world.get("/").await;
    assert_eq!((root.status, root.header("location")), (303, Some("/portal")));
    let start = world.get("/portal").await;
    assert!(start.body.contains(&format!("<code id=\"issuer\">{}</code>", world.emulator.issuer())));
    assert!(start.body.contains("What to do first"));
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_and_a_page_of_another_site_are_refused() {
    let world = visma();
    let port = world.emulator.address().port();
    for path in PAGES.into_iter().chain(["/", "/portal/requests/live", "/portal/assets/portal.js"]) {
        for (name, value, allowed) in [
            ("host", "evil.example".to_owned(), false),
            ("host", format!("evil.example:{port}"), false),
            ("host", format!("localhost:{}", port ^ 1), false),
            ("origin", "https://evil.example".to_owned(), false),
            ("origin", "null".to_owned(), false),
            ("host", format!("localhost:{port}"), true),
        ] {
            if allowed && path.ends_with("/live") {
                continue;
            }
            let answer = world.send(Method::GET, path, &[(name, &value)], "").await;
            assert_eq!(answer.status != 403, allowed, "{path}: {name}: {value}");
        }
    }
}

#[tokio::test]
async fn a_change_that_no_page_of_the_portal_asked_for_is_refused_and_changes_nothing() {
    let world = visma();
    let before = world.get("/admin/applications").await.body;
    let port = world.emulator.address().port();
    for path in CHANGES {
        for headers in [
            vec![],
            vec![("origin", "null".to_owned())],
            vec![("origin", "https://evil.example".to_owned())],
            vec![("origin", format!("http://127.0.0.1:{}", port ^ 1))],
            // Another name of the same machine is another origin.
            vec![("origin", format!("http://localhost:{port}"))],
            vec![("sec-fetch-site", "cross-site".to_owned())],
            vec![("sec-fetch-site", "same-site".to_owned())],
            vec![("sec-fetch-site", "none".to_owned())],
        ] {
            let mut sent: Vec<(&str, &str)> = vec![("content-type", FORM)];
            sent.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
            let answer = world.send(Method::POST, path, &sent, "client_id=isv_service&rotate=add").await;
            assert_eq!(answer.status, 403, "{path}: {headers:?}");
        }
    }
    assert_eq!(world.get("/admin/applications").await.body, before);
    assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
}

#[tokio::test]
async fn a_browser_without_an_origin_field_says_by_fetch_metadata_that_the_page_is_ours() {
    let world = visma();
    let fields = [("content-type", FORM), ("sec-fetch-site", "same-origin")];
    let answer = world.send(Method::POST, "/portal/customers/new", &fields, "name=Harbour").await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn what_is_no_form_or_too_large_is_refused() {
    let world = visma();
    let origin = world.emulator.url();
    let json = [("content-type", "application/json"), ("origin", origin.as_str())];
    assert_eq!(world.send(Method::POST, "/portal/customers/new", &json, "{}").await.status, 415);
    let form = [("content-type", FORM), ("origin", origin.as_str())];
    let large = "x".repeat(64 * 1024 + 1);
    assert_eq!(world.send(Method::POST, "/portal/customers/new", &form, large).await.status, 413);
    assert_eq!(world.get("/portal/deliveries/repeat").await.status, 405);
}

#[tokio::test]
async fn every_page_lets_in_nothing_foreign_and_says_what_it_is() {
    let world = visma();
    world.token(&[]).await;
    for path in PAGES {
        let page = world.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert_eq!(
            page.header("content-security-policy"),
            Some(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                 form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            ),
            "{path}"
        );
        for (field, value) in [
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(field), Some(value), "{path}: {field}");
        }
        for (tag, count) in [
            ("<html lang=\"en\">", 1),
            ("<title>", 1),
            ("<h1>", 1),
            ("<main id=\"main\">", 1),
            ("<nav aria-label", 1),
        ] {
            assert_eq!(page.body.matches(tag).count(), count, "{path}: {tag}");
        }
        for inline in [" style=", " onclick=", "<style", "src=\"http", "href=\"http", "tabindex"] {
            assert!(!page.body.contains(inline), "{path}: {inline}");
        }
        assert!(
            !page.body.contains("secret+100") && !page.body.contains("correct horse"),
            "{path}: a secret"
        );
    }
}

#[tokio::test]
async fn text_from_outside_is_escaped() {
    let attack = "<script>alert('1')</script>\"";
    let mut config = Config::default();
    config.application_mut("isv_web").unwrap().name = attack.to_owned();
    config.users[0].name = attack.to_owned();
    config.tenants[0].name = attack.to_owned();
    let world = World::with(config);
    world.token(&[("client_id", attack), ("grant_type", attack), (attack, attack)]).await;
    let live = world.follow("/portal/requests/live").await.chunk().await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&live).contains("<script>alert"));
    let mut shown = 0;
    for path in PAGES {
        let page = world.get(path).await;
        assert!(!page.body.contains("<script>alert"), "{path}");
        shown += usize::from(page.body.contains("alert("));
    }
    assert!(shown >= 8, "{shown}");
}

#[tokio::test]
async fn the_pages_are_not_among_the_requests() {
    let world = visma();
    world.get("/portal").await;
    world.get("/portal/assets/portal.css").await;
    assert_eq!(world.get("/admin/requests").await.json()["count"], 0);
}
