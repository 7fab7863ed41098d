//! What holds for all routes that there are.

use std::collections::BTreeSet;

use axum::body::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, Response};
use roas::v3_1::spec::Spec;
use roas::validation::{Options, Validate as _};
use serde_json::{Map, Value};

use super::{ANY_LOOPBACK_PORT, Server, router};
use crate::config::Config;
use crate::emulator::Emulator;
use crate::journal::RequestFilter;

const DESCRIPTION: &str = "/admin/openapi.json";

/// The paths of the router as it is: its `Debug` has them, and there is no other way to ask for them.
fn paths() -> BTreeSet<String> {
    let server = Server::bind(ANY_LOOPBACK_PORT, Config::default()).unwrap();
    let shown = format!("{:?}", router(server.shared()));
    let (_, routes) = shown.split_once("paths: {").expect("a list of paths");
    let (routes, _) = routes.split_once("\"}").expect("the end of the list");
    let paths = routes.split("RouteId(").filter_map(|route| route.split_once('"'));
    paths.map(|(_, path)| path.split('"').next().unwrap().to_owned()).collect()
}

/// The same without what stands for parts of it.
fn url(emulator: &Emulator, path: &str) -> String {
    let path = path.replace("{number}", "1").replace("{client_id}", "isv_web").replace("{id}", "nobody");
    format!("{}{}", emulator.url(), path.replace("{username}", "nobody"))
}

fn emulator() -> (Emulator, Client) {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    (Emulator::start(Config::default()).unwrap(), client)
}

async fn json(client: &Client, method: Method, url: String) -> Response {
    client.request(method, url).header(CONTENT_TYPE, "application/json").body("{}").send().await.unwrap()
}

async fn described(emulator: &Emulator, client: &Client) -> Value {
    let response = client.get(url(emulator, DESCRIPTION)).send().await.unwrap();
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

#[test]
fn the_list_of_paths_has_those_of_every_part() {
    let paths = paths();
    for known in
        ["/connect/token", "/login", "/health", "/admin/users/{username}", "/portal/requests", DESCRIPTION]
    {
        assert!(paths.contains(known), "{known} is missing in {paths:?}");
    }
}

#[tokio::test]
async fn ten_mebibytes_are_refused_at_every_path_and_the_emulator_goes_on() {
    let (emulator, client) = emulator();
    let body = Bytes::from(vec![b'a'; 10 << 20]);
    for path in paths().iter().map(String::as_str).chain(["/no/such/path"]) {
        let response = client.post(url(&emulator, path)).body(body.clone()).send().await.unwrap();
        assert_eq!(response.status(), 413, "{path}");
    }
    for path in ["/health", "/admin/users", "/portal/users", "/login", "/connect/token"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let request = client.request(method.clone(), url(&emulator, path)).body(body.clone());
            assert_eq!(request.send().await.unwrap().status(), 413, "{method} {path}");
        }
    }
    assert_eq!(client.get(url(&emulator, "/health")).send().await.unwrap().status(), 200);
    let keys = client.get(url(&emulator, crate::discovery::JWKS_PATH)).send().await.unwrap();
    assert_eq!(keys.status(), 200);
}

#[tokio::test]
async fn every_test_control_is_described_and_nothing_else() {
    let (emulator, client) = emulator();
    let description = described(&emulator, &client).await;
    let described: BTreeSet<&str> =
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routed = paths();
    let routed: BTreeSet<&str> =
        routed.iter().map(String::as_str).filter(|path| path.starts_with("/admin")).collect();
    assert_eq!(described, routed);
    for (path, operations) in description["paths"].as_object().unwrap() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = json(&client, method.clone(), url(&emulator, path)).await;
            let is_described = operations.get(method.as_str().to_lowercase()).is_some();
            assert_eq!(answer.status() != 405, is_described, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_operation_answers_with_a_status_and_a_body_that_are_described() {
    let (emulator, client) = emulator();
    let description = described(&emulator, &client).await;
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = json(&client, method.clone(), url(&emulator, path)).await;
            let status = answer.status().as_u16().to_string();
            let content_type =
                answer.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
            let response = operation["responses"].get(&status);
            let response = response.unwrap_or_else(|| panic!("{method} {path}: {status} is not described"));
            let body = body(answer).await;
            assert_eq!(body.is_empty(), response.get("content").is_none(), "{method} {path}: {status}");
            if let Some(content_type) = content_type {
                let content = response["content"].get(&content_type);
                let content =
                    content.unwrap_or_else(|| panic!("{method} {path}: {content_type} is not described"));
                assert_described(&description, &content["schema"], &body);
            }
        }
    }
}

/// Of a stream that goes on, the data of its first event.
async fn body(mut answer: Response) -> Vec<u8> {
    if answer.headers().get(CONTENT_TYPE).is_none_or(|value| value != "text/event-stream") {
        return answer.bytes().await.unwrap().into();
    }
    let mut event = Vec::new();
    while !event.ends_with(b"\n\n") {
        event.extend(answer.chunk().await.unwrap().expect("the stream goes on"));
    }
    event.strip_prefix(b"data: ").unwrap().to_vec()
}

/// The members of an object are those of its schema.
fn assert_described(description: &Value, schema: &Value, body: &[u8]) {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return };
    let schema = &description["components"]["schemas"][reference.rsplit('/').next().unwrap()];
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap();
    let known = schema["properties"].as_object().unwrap();
    for member in members.keys() {
        assert!(known.contains_key(member), "{member} is not described in {schema}");
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(required.as_str().unwrap()), "{required} is missing");
    }
}

#[tokio::test]
async fn what_is_shown_of_an_application_is_described_member_by_member() {
    let (emulator, client) = emulator();
    let description = described(&emulator, &client).await;
    let shown = client.get(url(&emulator, "/admin/applications/{client_id}")).send().await.unwrap();
    let shown: Map<String, Value> = serde_json::from_slice(&shown.bytes().await.unwrap()).unwrap();
    let schema = &description["components"]["schemas"]["ShownApplication"]["properties"];
    let mut described: BTreeSet<&String> = schema.as_object().unwrap().keys().collect();
    described.retain(|name| !["client_secret", "webhook_secret"].contains(&name.as_str()));
    assert_eq!(described, shown.keys().collect());
}

#[tokio::test]
async fn the_description_is_openapi_3_1() {
    let (emulator, client) = emulator();
    let description = described(&emulator, &client).await;
    assert_eq!(description["openapi"], "3.1.0");
    let document: Spec = serde_json::from_value(description).unwrap();
    document.validate(Options::empty(), None).unwrap();
}

#[tokio::test]
async fn a_method_that_the_router_does_not_take_is_told_with_those_that_it_does() {
    let (emulator, client) = emulator();
    // These judge the method themselves.
    let own = ["/connect/token", "/connect/revocation", "/connect/introspect"];
    let is_unobserved =
        |path: &str| ["/admin", "/portal", "/health"].iter().any(|part| path.starts_with(part));
    for path in
        paths().iter().filter(|path| *path != "/" && !is_unobserved(path) && !own.contains(&path.as_str()))
    {
        let refused = client.patch(url(&emulator, path)).send().await.unwrap();
        assert_eq!(refused.status(), 405, "{path}");
        let allowed = refused.headers()["allow"].to_str().unwrap().replace(',', ", ");
        let told = emulator.find_requests(&RequestFilter::default()).pop().unwrap().reason.unwrap();
        assert!(told.starts_with(&format!("the method is PATCH; {allowed} ")), "{path}: {told}");
    }
}
