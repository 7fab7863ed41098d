//! Deadlines, and replies that nobody waits for.

use std::time::Duration;

use grantline_core::{
    Effect, Error, HttpFailureKind, Outcome, Receipt, Reply, Sent, StoreReply, Todo, Transport,
};

use crate::clients::{key, record, service_token, session_token, token, user_tokens, web};
use crate::refresh::{at_the_refresh, with_expired_session};
use crate::scenario::{Scenario, failure, json_response};

fn transport(outcome: Option<Outcome>) -> Transport {
    match outcome {
        Some(Err(Error::Transport(transport))) => transport,
        other => panic!("expected a transport error, got {other:?}"),
    }
}

#[test]
fn an_overdue_request_has_timed_out_and_may_have_been_sent() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.pass_until_overdue();
    world.nothing_to_do();
    let transport = transport(world.outcome(call));
    assert_eq!(transport.failure.kind, HttpFailureKind::TimedOut);
    assert_eq!(transport.failure.sent, Sent::Maybe);
    assert_eq!(transport.to, "https://connect.visma.com/connect/token");
    assert_eq!(world.cancelled, [request]);
    assert!(world.engine.is_idle());
}

#[test]
fn an_overdue_request_that_was_never_handed_out_was_not_sent_and_never_will_be() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    for _ in 0..2 {
        world.pass_until_woken();
    }
    assert_eq!(world.engine.next(), None);
    assert_eq!(transport(world.outcome(call)).failure.sent, Sent::CertainlyNot);
}

#[test]
fn a_request_that_nobody_came_to_in_time_is_asked_for_once_more_where_no_lease_is_at_stake() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    world.pass(Duration::from_secs(2));
    world.grant(&token("after-a-pause"));
    assert_eq!(world.token(call), "after-a-pause");

    let mut world = Scenario::new();
    let call = world.call(service_token());
    for _ in 0..2 {
        let (request, _) = world.request();
        world.pass(Duration::from_secs(2));
        world.reply(request, Err(failure(HttpFailureKind::NotPerformed, Sent::CertainlyNot)));
    }
    assert_eq!(world.error(call), "not_performed");

    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.reply(request, Err(failure(HttpFailureKind::NotPerformed, Sent::CertainlyNot)));
    assert_eq!(world.error(call), "not_performed", "who closes says so at once");
}

#[test]
fn the_performer_s_own_failure_comes_before_the_engine_s() {
    let mut world = Scenario::new();
    world.call(service_token());
    let Some(Todo::Do { effect: Effect::Http(request), deadline, .. }) = world.engine.next() else {
        panic!("a request is to be sent");
    };
    assert!(world.engine.wake_at() > Some(deadline.plus(request.timeout)), "also of one that begins last");
}

#[test]
fn nothing_happens_before_the_deadline() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    let due = world.engine.wake_at().unwrap();
    world.pass(due.since(world.now.boot).checked_sub(Duration::from_millis(1)).unwrap());
    assert!(world.outcome(call).is_none());
    world.answer(request, 200, &token("just-in-time"));
    assert_eq!(world.token(call), "just-in-time");
}

#[test]
fn a_late_reply_is_stale_and_changes_nothing() {
    let mut world = Scenario::new();
    world.call(service_token());
    let (request, _) = world.request();
    world.pass_until_overdue();
    let late = Reply::Http(Ok(json_response(200, &token("late"))));
    assert_eq!(world.engine.reply(request, late, world.now), Receipt::Stale);
    world.call(service_token());
    world.request();
}

#[test]
fn a_repeated_reply_is_stale_and_changes_nothing() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.answer(request, 200, &token("first"));
    let again = Reply::Http(Ok(json_response(200, &token("second"))));
    assert_eq!(world.engine.reply(request, again, world.now), Receipt::Stale);
    assert_eq!(world.token(call), "first");
    assert!(world.outcome(call).is_none());
}

#[test]
fn a_reply_of_another_kind_is_stale_and_the_flow_still_waits() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    for wrong in [Reply::Start, Reply::Slept, Reply::Store(StoreReply::Done)] {
        assert_eq!(world.engine.reply(request, wrong, world.now), Receipt::Stale);
    }
    world.answer(request, 200, &token("right"));
    assert_eq!(world.token(call), "right");
}

#[test]
fn a_store_that_never_answers_fails_the_call_and_not_the_session() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&serde_json::json!({})));
    let call = world.call(session_token(&web()));
    let Some(Todo::Do { effect: Effect::Store(_), .. }) = world.engine.next() else {
        panic!("the store is asked first");
    };
    world.pass_until_overdue();
    assert_eq!(world.error(call), "store_unavailable");
    let again = world.call(session_token(&web()));
    assert_eq!(world.token(again), "stored-access");
}

#[test]
fn an_engine_with_nothing_to_wait_for_wants_no_waking() {
    let mut world = Scenario::new();
    assert_eq!(world.engine.wake_at(), None);
    let call = world.call(service_token());
    world.grant(&token("done"));
    assert_eq!(world.token(call), "done");
    assert_eq!(world.engine.wake_at(), None);
    world.pass(Duration::from_secs(1_000_000));
    world.nothing_to_do();
}

#[test]
fn waking_too_early_or_twice_changes_nothing() {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.engine.advance(world.now);
    world.engine.advance(world.now);
    let before = world.engine.wake_at();
    world.reply(request, Err(failure(HttpFailureKind::Dns, Sent::CertainlyNot)));
    assert!(before.is_some());
    assert_eq!(world.error(call), "dns_failed");
}

#[test]
fn an_answer_that_came_while_the_host_slept_is_taken_although_its_time_is_over() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.pass(Duration::from_secs(3600));
    world.nothing_to_do();
    world.answer(request, 200, &user_tokens("slept"));
    assert_eq!(world.token(call), "slept-access");
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "slept-refresh");
}

#[test]
fn a_store_that_was_stopped_with_its_host_is_given_its_time_once_more() {
    let mut world = with_expired_session(&web());
    let call = world.call(session_token(&web()));
    let Some(Todo::Do { id, effect: Effect::Store(request), .. }) = world.engine.next() else {
        panic!("the store is asked first");
    };
    world.pass(Duration::from_secs(3600));
    world.pass(Duration::from_secs(5));
    let reply = world.store.perform(request, world.now.boot);
    assert_eq!(world.engine.reply(id, Reply::Store(reply), world.now), Receipt::Accepted);
    world.grant(&user_tokens("awake"));
    assert_eq!(world.token(call), "awake-access");
}

#[test]
fn a_host_that_slept_waits_for_no_answer_twice() {
    let (mut world, call) = at_the_refresh();
    world.request();
    world.pass(Duration::from_secs(3600));
    world.pass(Duration::from_secs(3600));
    assert_eq!(world.error(call), "timed_out");
}

#[test]
fn a_host_that_slept_between_the_decision_and_the_send_begins_again() {
    let (mut world, call) = at_the_refresh();
    world.store_performs();
    world.store_performs();
    world.pass(Duration::from_secs(3600));
    let (request, _) = world.request();
    assert_eq!(world.store.log, ["load", "begin", "end", "load", "begin"]);
    world.answer(request, 200, &user_tokens("awake"));
    assert_eq!(world.token(call), "awake-access");
}

#[test]
fn a_request_that_nobody_begins_is_tried_once_more_and_not_for_ever() {
    let (mut world, call) = at_the_refresh();
    for _ in 0..2 {
        world.store_performs();
        world.store_performs();
        world.pass(Duration::from_secs(3600));
        world.store_performs();
    }
    assert_eq!(world.error(call), "not_performed");
}
