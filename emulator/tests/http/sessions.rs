//! The sessions of users: seen over the test controls and on the portal's page, and ended there.

use std::time::Duration;

use grantline_emulator::GrantRequest;
use serde_json::json;

use crate::browser::Browser;
use crate::logout::{log_in, world_that_tells};
use crate::portal::{post, target};
use crate::receiver::Receiver;
use crate::requests::Request;
use crate::support::{World, claims, visma};

const ANNA: &str = "anna@example.com";
const PAGE: &str = "/portal/user/sessions?id=anna@example.com";
const END: &str = "/portal/user/sessions/end?id=anna@example.com";
const ENDED: &str = "/portal/user/sessions?id=anna%40example.com&done=ended";

async fn sid_of_a_login(world: &World) -> String {
    let id_token = log_in(world, &mut Browser::new(world)).await;
    claims(&json!(id_token))["sid"].as_str().unwrap().to_owned()
}

async fn sessions(world: &World, query: &str) -> Vec<serde_json::Value> {
    let list = world.get(&format!("/admin/sessions{query}")).await.json();
    assert_eq!(list["count"], list["sessions"].as_array().unwrap().len());
    list["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_session_is_listed_with_its_applications_until_it_ends() {
    let world = visma();
    assert_eq!(sessions(&world, "").await.len(), 0);
    let sid = sid_of_a_login(&world).await;
    let [session] = &sessions(&world, "?username=anna@example.com&client_id=isv_web").await[..] else {
        panic!("one session");
    };
    assert_eq!((&session["sid"], &session["client_ids"]), (&json!(sid), &json!(["isv_web"])));
    assert_eq!(session["in_browser"], true);
    let left_s = session["ends_at_ms"].as_u64().unwrap() / 1000 - world.emulator.clock().now_s();
    assert!((35_000..=36_000).contains(&left_s), "{left_s}");
    assert_eq!(sessions(&world, "?client_id=isv_native").await.len(), 0);
    assert_eq!(sessions(&world, "?username=bo@example.com").await.len(), 0);
    let unknown = world.get("/admin/sessions?username=nobody").await;
    assert!(unknown.status == 400 && unknown.error().contains("\"nobody\""), "{}", unknown.body);
    assert_eq!(world.emulator.sessions(ANNA)[0].sid, sid);
    world.emulator.advance_clock(Duration::from_secs(36_001));
    assert!(sessions(&world, "").await.is_empty() && world.emulator.sessions(ANNA).is_empty());
}

#[tokio::test]
async fn a_login_without_a_browser_and_one_without_tokens_are_sessions_too() {
    let world = visma();
    world.emulator.begin_grants(&GrantRequest::new("isv_web", ANNA)).unwrap();
    let mut browser = Browser::new(&world);
    let page = browser.open(&Request::web().path()).await;
    browser.log_in(&page, ANNA, "correct horse").await;
    let [of_a_grant, of_a_browser] = &sessions(&world, "").await[..] else { panic!("two sessions") };
    assert_eq!((&of_a_grant["in_browser"], &of_a_grant["client_ids"]), (&json!(false), &json!(["isv_web"])));
    assert_eq!((&of_a_browser["in_browser"], &of_a_browser["client_ids"]), (&json!(true), &json!([])));
    let page = world.get(PAGE).await;
    assert!(page.body.contains(">without a browser<") && page.body.contains(">a browser<"), "{}", page.body);
}

#[tokio::test]
async fn the_page_ends_a_session_tells_its_application_and_leaves_the_grant() {
    let receiver = Receiver::answering("200 OK");
    let world = world_that_tells(&receiver);
    let (first, second) = (sid_of_a_login(&world).await, sid_of_a_login(&world).await);
    let page = world.get(PAGE).await;
    assert!(page.body.contains(&format!("value=\"{first}\"")), "{}", page.body);
    assert!(page.body.contains("Invoice Portal") && page.body.contains("in 9 h 5"), "{}", page.body);
    assert_eq!(target(&post(&world, END, &[("sid", &first)]).await), ENDED);
    let told = claims(&json!(receiver.next().form()["logout_token"]));
    assert_eq!(told["sid"], first);
    let page = world.get(ENDED).await;
    assert!(page.body.contains("It is over;") && !page.body.contains(&first), "{}", page.body);
    assert!(page.body.contains(&format!("value=\"{second}\"")), "{}", page.body);
    assert_eq!(
        page.body.matches("<td data-label=\"Session (sid)\">is over</td>").count(),
        1,
        "{}",
        page.body
    );
    assert_eq!(world.emulator.deliveries()[0].status, Some(200));
}

#[tokio::test]
async fn the_page_ends_all_sessions_of_a_user() {
    let receiver = Receiver::answering("200 OK");
    let world = world_that_tells(&receiver);
    for _ in 0..3 {
        sid_of_a_login(&world).await;
    }
    assert!(world.get(PAGE).await.body.contains("End all 3"));
    assert_eq!(target(&post(&world, END, &[]).await), ENDED);
    assert_eq!(world.emulator.deliveries().len(), 3);
    assert!(world.get(PAGE).await.body.contains("is logged in nowhere"));
}

#[tokio::test]
async fn a_session_that_is_not_the_users_is_not_ended_on_its_page() {
    let world = visma();
    let sid = sid_of_a_login(&world).await;
    let others = "/portal/user/sessions/end?id=bo@example.com";
    let refused = post(&world, others, &[("sid", &sid)]).await;
    assert!(refused.status == 404 && refused.body.contains("Nothing was ended"), "{}", refused.body);
    assert_eq!(post(&world, "/portal/user/sessions/end?id=nobody", &[]).await.status, 404);
    assert_eq!(world.get("/portal/user/sessions?id=nobody").await.status, 404);
    assert_eq!(world.emulator.sessions(ANNA).len(), 1);
}

#[tokio::test]
async fn of_very_many_sessions_the_page_shows_the_newest() {
    let world = visma();
    world.emulator.begin_grants(&GrantRequest::new("isv_web", ANNA).count(150)).unwrap();
    let page = world.get(PAGE).await;
    assert_eq!(page.body.matches("The newest 100 of 150").count(), 2, "{}", page.body);
    assert!(
        page.body.contains("<th scope=\"row\">150</th>") && !page.body.contains("<th scope=\"row\">50</th>")
    );
}
