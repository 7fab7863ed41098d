//! Cross-origin requests of single-page applications.

use grantline_emulator::RequestFilter;
use reqwest::Method;

use crate::support::{Answer, World, both, encode, visma};

const REGISTERED: &str = "http://localhost:5173";

const OPEN: [&str; 6] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/jwks",
    "/connect/token",
    "/connect/userinfo",
    "/connect/revocation",
];

async fn preflight(world: &World, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    world.send(Method::OPTIONS, path, &headers, "").await
}

#[tokio::test]
async fn a_registered_origin_may_call_the_endpoints_that_pages_need() {
    for world in both() {
        for path in OPEN {
            let answer = preflight(&world, path, REGISTERED).await;
            assert_eq!(answer.status, 204, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(REGISTERED));
            assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
            assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
            let answer = world.send(Method::POST, path, &[("origin", REGISTERED)], encode(&[])).await;
            assert_eq!(answer.header("access-control-allow-origin"), Some(REGISTERED), "{path}");
            assert_eq!(answer.header("vary"), Some("origin"));
        }
        assert!(
            world
                .emulator
                .find_requests(&RequestFilter::default())
                .iter()
                .all(|request| request.status != Some(204))
        );
    }
}

#[tokio::test]
async fn other_origins_are_told_nothing() {
    let world = visma();
    for origin in ["https://evil.example", "http://localhost:5174", "https://localhost:5173", "null"] {
        for path in OPEN {
            for answer in [
                preflight(&world, path, origin).await,
                world.send(Method::GET, path, &[("origin", origin)], "").await,
            ] {
                let told = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
                assert!(!told, "{path} {origin}");
            }
        }
    }
}

#[tokio::test]
async fn pages_and_other_endpoints_are_not_open_to_scripts() {
    let world = visma();
    for path in
        ["/connect/authorize", "/connect/introspect", "/connect/endsession", "/login", "/admin/requests"]
    {
        let answer = preflight(&world, path, REGISTERED).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}
