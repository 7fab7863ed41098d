//! Servers whose names come from outside fill no memory up.

use std::time::Duration;

use crate::clients::{registration, scopes, token};
use crate::scenario::Scenario;
use grantline_core::{Method, Operation, Provider, ServiceApp, ServiceTokenRequest, TenantChoice};

/// Of so many servers the documents are kept.
const DOCUMENTS: usize = 1000;

/// Asks a server for a token. What is sent first?
fn first_request(world: &mut Scenario, issuer: usize, client_id: &str) -> Method {
    let provider = Provider::discover(&format!("https://{issuer:04}.example")).unwrap();
    let app = ServiceApp::new(registration(provider, client_id)).unwrap();
    let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes(&["api:read"]));
    world.call(Operation::ServiceToken { app, request, newer_than: None });
    let (id, request) = world.request();
    if request.method == Method::Post {
        world.answer(id, 200, &token("t"));
    }
    world.nothing_to_do();
    request.method
}

#[test]
fn of_a_thousand_servers_documents_the_oldest_gives_way_to_the_next() {
    let mut world = Scenario::new();
    for issuer in 0..=DOCUMENTS {
        assert_eq!(first_request(&mut world, issuer, "one"), Method::Post);
        world.pass(Duration::from_millis(1));
    }
    world.serves_documents = false;
    for known in [1, DOCUMENTS / 2, DOCUMENTS] {
        assert_eq!(first_request(&mut world, known, "another"), Method::Post, "{known} is known");
    }
    assert_eq!(first_request(&mut world, 0, "another"), Method::Get, "the oldest is fetched again");
}
