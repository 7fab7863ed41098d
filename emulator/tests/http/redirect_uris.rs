//! What redirect URIs must be like: a configuration file, the test controls and the portal tell the same rules.

use grantline_emulator::{Config, DEFAULT_TOML};
use reqwest::Method;
use serde_json::json;

use crate::portal::{assert_refused_at, post, with_defaults};
use crate::support::visma;

/// One for each rule, and its words.
fn broken() -> [(String, &'static str); 14] {
    let long = format!("https://app.example/{}", "a".repeat(400));
    [
        ("http://app.example/cb".to_owned(), "on loopback only"),
        ("javascript:alert(1)".to_owned(), "the scheme javascript: no browser brings an answer there"),
        ("data:text/html,x".to_owned(), "the scheme data: no browser brings an answer there"),
        ("file:///etc/passwd".to_owned(), "the scheme file: no browser brings an answer there"),
        ("ftp://app.example/cb".to_owned(), "an application of type web has https"),
        ("com.example.app:/cb".to_owned(), "are for type native"),
        ("https://*.app.example/cb".to_owned(), "holds a wildcard"),
        (long, "has 420 characters, 400 are allowed"),
        ("https://app.example/cb#x".to_owned(), "has a fragment"),
        ("https://bücher.example/cb".to_owned(), "is not ASCII"),
        ("https://anna@app.example/cb".to_owned(), "holds a user name"),
        ("https://app.example|evil/cb".to_owned(), "holds the character |, which no URI has"),
        ("/cb".to_owned(), "is not absolute"),
        ("https://app.example:99999/cb".to_owned(), "is no URI: invalid port number"),
    ]
}

const KEYS: [&str; 2] = ["redirect_uris", "post_logout_redirect_uris"];

#[tokio::test]
async fn each_rule_is_told_by_the_test_controls_and_nothing_is_registered() {
    let world = visma();
    for key in KEYS {
        for (uri, words) in broken() {
            let mut asked = json!({
                "client_id": "isv_new", "name": "New", "type": "web", "scopes": ["openid"],
                "redirect_uris": ["https://app.example/cb"],
            });
            asked[key] = json!([uri]);
            let json = [("content-type", "application/json")];
            let answer = world.send(Method::POST, "/admin/applications", &json, asked.to_string()).await;
            assert_eq!((answer.status, &answer.json()["key"]), (422, &json!(key)), "{uri}: {}", answer.body);
            assert!(answer.error().contains(words), "{uri}: {}", answer.body);
        }
    }
    assert!(world.emulator.config().application("isv_new").is_none());
}

#[tokio::test]
async fn each_rule_is_told_at_the_field_of_the_portal_with_what_was_typed() {
    let world = visma();
    for key in KEYS {
        for (uri, words) in broken() {
            let mut form = with_defaults(&[
                ("client_id", "isv_new"),
                ("name", "New"),
                ("type", "web"),
                ("scopes", "openid"),
            ]);
            form.extend(
                KEYS.map(|name| (name, if name == key { uri.as_str() } else { "https://app.example/cb" })),
            );
            let refused = post(&world, "/portal/applications/new", &form).await;
            assert_refused_at(&refused, key, words);
            assert!(refused.body.contains(&format!("\n{uri}</textarea>")), "{uri} is gone");
        }
    }
    assert!(world.emulator.config().application("isv_new").is_none());
}

#[test]
fn each_rule_is_told_of_a_configuration_file() {
    for (uri, words) in broken() {
        let text = DEFAULT_TOML.replace("https://app.example/callback", &uri);
        let refused = Config::from_toml(&text).unwrap_err().to_string();
        assert!(refused.starts_with("application \"isv_web\": redirect URI \""), "{refused}");
        assert!(refused.contains(words), "{refused}");
    }
}
