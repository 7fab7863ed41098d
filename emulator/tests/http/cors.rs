//! Cross-origin requests of single-page applications.

use grantline_emulator::{Fault, FaultKind, RequestFilter};
use reqwest::Method;

use crate::checks::refusal;
use crate::support::{Answer, FORM, World, both, encode, visma};

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
        let preflights = world.emulator.find_requests(&RequestFilter::default());
        let preflights: Vec<_> = preflights.iter().filter(|request| request.method == "OPTIONS").collect();
        assert_eq!(preflights.len(), OPEN.len());
        for preflight in preflights {
            assert_eq!(
                (preflight.status, &preflight.client_id, &preflight.reason),
                (Some(204), &None, &None)
            );
            assert_eq!(
                preflight.checks[0].words,
                format!("{REGISTERED} is among the allowed origins of isv_spa")
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_origin_is_told_in_the_journal_with_the_one_that_is_near() {
    let world = visma();
    let other = "http://localhost:5174";
    let words = "http://localhost:5174 is in no application's allowed origins, so a browser keeps the answer from its \
                 page; http://localhost:5173 of isv_spa is near";
    for path in OPEN {
        preflight(&world, path, other).await;
        assert_eq!(refusal(&world).await, ("origin".to_owned(), words.to_owned()), "{path}");
    }
    world.send(Method::GET, OPEN[0], &[("origin", other)], "").await;
    assert_eq!(refusal(&world).await.1, words, "of a request that is served");
    world.send(Method::GET, OPEN[0], &[("origin", "null")], "").await;
    assert!(refusal(&world).await.1.ends_with("from its page"), "nothing is near");
}

#[tokio::test]
async fn an_error_of_the_endpoint_is_told_before_the_unknown_origin() {
    let world = visma();
    let headers = [("origin", "http://localhost:5174"), ("content-type", FORM)];
    world.send(Method::POST, "/connect/token", &headers, encode(&[("client_id", "isv_sap")])).await;
    assert_eq!(refusal(&world).await.0, "client");
    let request = world.emulator.find_requests(&RequestFilter::default()).remove(0);
    let last = request.checks.last().unwrap();
    assert_eq!((last.name, last.passed), ("origin", false));
}

#[tokio::test]
async fn the_emulators_own_pages_are_of_no_other_origin() {
    let world = visma();
    world.send(Method::GET, OPEN[0], &[("origin", &world.emulator.url())], "").await;
    let request = world.emulator.find_requests(&RequestFilter::default()).remove(0);
    assert_eq!((request.checks[0].name, request.checks[0].passed), ("origin", true));
}

#[tokio::test]
async fn no_preflight_meets_a_fault() {
    let world = visma();
    world
        .emulator
        .add_fault(Fault::new(FaultKind::Status { code: 503, retry_after: None }).times(1))
        .unwrap();
    assert_eq!(preflight(&world, "/connect/token", REGISTERED).await.status, 204);
    assert_eq!(preflight(&world, "/connect/token", "null").await.status, 403);
    let answer = world.send(Method::POST, "/connect/token", &[("origin", REGISTERED)], "").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (503, Some(REGISTERED)));
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
