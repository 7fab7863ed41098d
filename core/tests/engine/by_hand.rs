//! One flow at a time, stepped without an engine.

use grantline_core::{
    AccessToken, Binding, Callback, Effect, Flow, Now, RefreshToken, Reply, Seed, ServiceTokenRequest, Stale,
    Step, StoreReply, TenantChoice, UnixMillis,
};
use serde_json::{Value, json};

use crate::clients::{TENANT, error, form, login_request, scopes, service, token, user_tokens, web};
use crate::scenario::{START, json_response};

fn seed() -> Seed {
    Seed::new([1; 32])
}

fn answer(status: u16, body: &Value) -> Reply {
    Reply::Http(Ok(json_response(status, body)))
}

fn service_flow() -> Flow<AccessToken> {
    let request = ServiceTokenRequest::new(TenantChoice::tenant(TENANT).unwrap(), scopes(&["api:read"]));
    service("isv_service").request_token(request, seed())
}

fn is_ignored<T: std::fmt::Debug>(step: Step<T>, why: Stale) {
    match step {
        Step::Ignored(reason) => assert_eq!(reason, why),
        other => panic!("expected it to be ignored, got {other:?}"),
    }
}

#[test]
fn a_flow_that_has_not_begun_ignores_all_but_the_start() {
    let mut flow = service_flow();
    for reply in [answer(200, &token("x")), Reply::Slept, Reply::Store(StoreReply::Done)] {
        is_ignored(flow.step(reply, START), Stale::NotAwaited);
    }
    assert!(matches!(flow.step(Reply::Start, START), Step::Do(Effect::Http(_))));
}

#[test]
fn a_flow_ignores_what_it_does_not_wait_for_and_goes_on() {
    let mut flow = service_flow();
    flow.step(Reply::Start, START);
    for reply in [Reply::Start, Reply::Slept, Reply::Store(StoreReply::Missing)] {
        is_ignored(flow.step(reply, START), Stale::NotAwaited);
    }
    let Step::Done(Ok(done)) = flow.step(answer(200, &token("x")), START) else { panic!("it ends") };
    assert_eq!(done.expose_secret(), "x");
}

#[test]
fn a_flow_that_ended_ignores_everything() {
    let mut flow = service_flow();
    flow.step(Reply::Start, START);
    flow.step(answer(400, &error("invalid_client")), START);
    is_ignored(flow.step(answer(200, &token("late")), START), Stale::Finished);
    is_ignored(flow.step(Reply::Start, START), Stale::NotAwaited);
}

#[test]
fn the_same_seed_and_the_same_inputs_give_the_same_bytes() {
    let begin = || {
        let Step::Done(Ok(begun)) = web().begin_login(login_request(), seed()).step(Reply::Start, START)
        else {
            panic!("a login begins at once")
        };
        begun
    };
    assert_eq!(begin(), begin());
}

#[test]
fn a_life_counts_from_the_moment_the_request_was_sent() {
    let mut flow = service_flow();
    flow.step(Reply::Start, START);
    let later = Now { wall: UnixMillis(START.wall.0 + 9_000), boot: START.boot };
    let Step::Done(Ok(token)) = flow.step(answer(200, &token("x")), later) else { panic!("it ends") };
    assert_eq!(token.expires_at(), Some(UnixMillis(START.wall.0 + 3_600_000)));
}

#[test]
fn a_refresh_by_hand_gives_the_next_refresh_token_or_none() {
    let refresh = |body| {
        let mut flow = web().refresh(RefreshToken::new("old"), scopes(&["openid", "api:read"]), None, seed());
        let Step::Do(Effect::Http(sent)) = flow.step(Reply::Start, START) else {
            panic!("it asks the server")
        };
        assert_eq!(form(&sent)["refresh_token"], "old");
        match flow.step(answer(200, &body), START) {
            Step::Done(Ok(grant)) => grant,
            other => panic!("expected a grant, got {other:?}"),
        }
    };
    let rotated = refresh(user_tokens("new"));
    assert_eq!(rotated.refresh_token.unwrap().expose_secret(), "new-refresh");
    let same = refresh(json!({"access_token": "x", "token_type": "Bearer"}));
    assert!(same.refresh_token.is_none());
    assert_eq!(same.access_token.scopes().iter().collect::<Vec<_>>(), ["openid", "api:read"]);
}

#[test]
fn a_callback_may_be_judged_any_number_of_times() {
    let Step::Done(Ok(begun)) = web().begin_login(login_request(), seed()).step(Reply::Start, START) else {
        panic!("a login begins at once")
    };
    let callback = Callback::query(format!(
        "code=c&state={}&iss=https%3A%2F%2Fconnect.visma.com",
        begun.pending.state()
    ));
    assert_eq!(callback.state().as_deref(), Some(begun.pending.state()));
    let binding = Binding::cookie_value(begun.binding.as_ref().unwrap().expose_value());
    for _ in 0..2 {
        assert!(web().check_callback(&begun.pending, &callback, &binding, START.wall).is_ok());
    }
}
