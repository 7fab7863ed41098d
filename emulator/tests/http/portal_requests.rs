//! The portal's requests: the list, the live view, and each request with its checks.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use crate::requests::Request;
use crate::support::{FJORD, World, visma};

/// Reads the events of the live view.
pub struct Live {
    response: reqwest::Response,
    text: String,
}

impl Live {
    async fn follow(world: &World, query: &str) -> Self {
        Self::at(world, &format!("/portal/requests/live{query}")).await
    }

    pub async fn at(world: &World, path: &str) -> Self {
        let response = world.follow(path).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event that is no comment.
    pub async fn next(&mut self) -> Value {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                if let Some(data) = event.strip_prefix("data: ") {
                    return serde_json::from_str(data).unwrap();
                }
            }
            let limit = Duration::from_secs(60);
            let chunk = tokio::time::timeout(limit, self.response.chunk()).await.expect("an event").unwrap();
            self.text.push_str(std::str::from_utf8(&chunk.expect("the stream goes on")).unwrap());
        }
    }
}

fn rows(event: &Value) -> Vec<&str> {
    event["rows"].as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_list_shows_the_newest_first_and_can_be_narrowed_to_one_client_and_to_the_refused() {
    let world = visma();
    world.service_token(&[("tenant_id", FJORD)]).await;
    world.service_token(&[("tenant_id", "nowhere")]).await;
    world.token(&[("client_id", "isv_web")]).await;
    let shown = async |query: &str| {
        let page = world.get(&format!("/portal/requests{query}")).await.body;
        page.split("<tr id=\"r")
            .skip(1)
            .map(|row| row.split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(shown("").await, ["3", "2", "1"]);
    assert_eq!(shown("?client_id=isv_service").await, ["2", "1"]);
    assert_eq!(shown("?client_id=isv_service&refused=on").await, ["2"]);
    assert_eq!(shown("?client_id=&refused=on").await, ["3", "2"]);
    assert!(shown("?client_id=nobody").await.is_empty());
}

#[tokio::test]
async fn a_request_shows_its_parameters_every_check_and_the_answer_but_no_secret() {
    let world = visma();
    world.service_token(&[("tenant_id", "99999999-9999-4999-8999-999999999999")]).await;
    let page = world.get("/portal/requests/1").await.body;
    for part in
        ["client_authentication", "passed", "failed", "Not Approved Oy", "invalid_tenant", "grant_type"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("service-secret"), "{page}");
    for number in ["0", "2", "x"] {
        assert_eq!(world.get(&format!("/portal/requests/{number}")).await.status, 404, "{number}");
    }
}

#[tokio::test]
async fn the_error_page_leads_to_the_request_that_it_is_about() {
    let world = visma();
    world.get(&Request::web().path()).await;
    let refused = world.get(&Request::web().with("client_id", "nobody").path()).await;
    let page = world.get(refused.header("location").unwrap()).await.body;
    let link = page.split("href=\"/portal").nth(1).unwrap().split('"').next().unwrap();
    let led = world.get(&format!("/portal{link}")).await;
    assert_eq!((led.status, led.header("location")), (303, Some("/portal/requests/2")));
    let unknown = world.get("/portal/requests/find?error_id=nothing").await;
    assert!(unknown.status == 404 && unknown.body.contains("id=\"error_id-problem\""), "{}", unknown.body);
    assert!(!world.get("/error?errorId=nothing").await.body.contains("/portal"));
}

#[tokio::test]
async fn the_live_view_begins_with_what_there_is_and_goes_on_with_what_comes() {
    let world = visma();
    world.service_token(&[("tenant_id", FJORD)]).await;
    let mut live = Live::follow(&world, "").await;
    let first = live.next().await;
    assert_eq!((first["whole"].as_bool(), rows(&first).len()), (Some(true), 1));
    world.service_token(&[("tenant_id", "nowhere")]).await;
    let second = live.next().await;
    assert_eq!((second["whole"].as_bool(), &second["refused"]), (Some(false), &Value::from(1)));
    assert!(rows(&second)[0].starts_with("<tr id=\"r2\" class=\"refused\">"), "{second}");
}

#[tokio::test]
async fn the_live_view_keeps_to_its_filter() {
    let world = visma();
    let mut live = Live::follow(&world, "?client_id=isv_web&refused=on").await;
    assert!(rows(&live.next().await).is_empty());
    world.service_token(&[("tenant_id", "nowhere")]).await;
    world.token(&[("client_id", "isv_web")]).await;
    let event = live.next().await;
    assert!(rows(&event).len() == 1 && rows(&event)[0].contains("isv_web"), "{event}");
}

#[tokio::test]
async fn a_thousand_requests_come_in_batches_that_fit_the_page_and_the_last_one_is_among_them() {
    let world = visma();
    let mut live = Live::follow(&world, "").await;
    live.next().await;
    let begun = Instant::now();
    for _ in 0..20 {
        join_all((0..50).map(|_| world.get("/.well-known/openid-configuration"))).await;
    }
    let sent = begun.elapsed();
    let mut events = 0_u128;
    loop {
        let event = live.next().await;
        events += 1;
        assert!(rows(&event).len() <= 200, "{}", rows(&event).len());
        if rows(&event).iter().any(|row| row.starts_with("<tr id=\"r1000\"") && !row.contains("waiting")) {
            break;
        }
    }
    // One every 200 ms at most.
    assert!(events <= sent.as_millis() / 200 + 10, "{events} events in {sent:?}");
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_nobody_up_and_is_told_the_whole_list_later() {
    let world = visma();
    let mut live = Live::follow(&world, "").await;
    live.next().await;
    for _ in 0..60 {
        join_all((0..50).map(|_| world.get("/.well-known/openid-configuration"))).await;
    }
    loop {
        let event = live.next().await;
        assert!(rows(&event).len() <= 200);
        if rows(&event).iter().any(|row| row.starts_with("<tr id=\"r3000\"") && !row.contains("waiting")) {
            break;
        }
    }
}
