//! What ends a session, and what a refused token is replaced by.

use grantline_core::{
    Effect, EndReason, Event, Generation, Operation, Output, Provider, Registration, Reply, Revocation,
    StoreFailure, StoreFailureKind, StoreReply, Todo, WebApp,
};
use serde_json::{Value, json};

use crate::clients::{error, form, key, login_request, record, session, session_token, user_tokens, web};
use crate::refresh::{at_the_refresh, with_expired_session};
use crate::scenario::Scenario;
use crate::store::mark_of;

fn with_session(members: &Value) -> Scenario {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(members));
    world
}

fn end() -> Operation {
    Operation::EndSession { app: web(), session: session("anna") }
}

fn revocation(world: &mut Scenario, call: grantline_core::CallId) -> Revocation {
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(Output::Ended(ended))) => ended.revocation,
        other => panic!("expected the end of a session, got {other:?}"),
    }
}

#[test]
fn a_session_that_the_application_ends_is_revoked_and_no_answer_revives_it() {
    let mut world = with_session(&json!({}));
    let call = world.call(end());
    let (request, sent) = world.request();
    assert!(sent.url.ends_with("/connect/revocation"), "{}", sent.url);
    assert_eq!(form(&sent)["token"], "stored-refresh");
    assert!(world.store.row(&key(&web())).ended, "it is over here before the server is told");
    world.answer(request, 200, &json!({}));
    assert_eq!(revocation(&mut world, call), Revocation::Done);
    let row = world.store.row(&key(&web()));
    assert_eq!(row.record.generation, Generation((1 << 32) + 4));
    let after = world.call(session_token(&web()));
    assert_eq!(world.error(after), "session_ended");
}

#[test]
fn a_session_is_over_although_the_server_cannot_be_told() {
    let mut world = with_session(&json!({}));
    let call = world.call(end());
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert!(matches!(revocation(&mut world, call), Revocation::Failed(_)));
    let after = world.call(session_token(&web()));
    assert_eq!(world.error(after), "session_ended");
}

#[test]
fn a_session_without_a_refresh_token_has_nothing_to_revoke() {
    let mut world = with_session(&json!({"refresh_token": null}));
    let call = world.call(end());
    assert_eq!(revocation(&mut world, call), Revocation::NothingToRevoke);
    let again = world.call(end());
    assert_eq!(revocation(&mut world, again), Revocation::NothingToRevoke);
}

#[test]
fn a_session_that_cannot_be_read_is_not_ended() {
    let mut world = with_session(&json!({"v": 99}));
    let call = world.call(end());
    assert_eq!(world.error(call), "record_too_new");
    assert!(!world.store.row(&key(&web())).ended);
}

#[test]
fn a_refresh_under_way_is_waited_for_and_its_new_token_is_the_one_that_is_revoked() {
    let (mut world, refresh) = at_the_refresh();
    let (request, _) = world.request();
    let call = world.call(end());
    world.answer(request, 200, &user_tokens("new"));
    let (revoking, sent) = world.request();
    assert_eq!(form(&sent)["token"], "new-refresh");
    world.answer(revoking, 200, &json!({}));
    assert_eq!(revocation(&mut world, call), Revocation::Done);
    assert_eq!(world.token(refresh), "new-access");
}

#[test]
fn a_session_that_is_over_here_gives_no_token_while_the_server_is_still_asked() {
    let mut world = with_session(&json!({}));
    let before = world.call(session_token(&web()));
    assert_eq!(world.token(before), "stored-access", "one is in memory");
    let slot = world.engine.session_slot(&key(&web()));
    let ending = world.call(end());
    let (request, _) = world.request();
    assert!(slot.look(world.now).is_none());
    let call = world.call(session_token(&web()));
    assert_eq!(world.error(call), "session_ended");
    world.answer(request, 200, &json!({}));
    assert_eq!(revocation(&mut world, ending), Revocation::Done);
}

#[test]
fn who_asks_for_a_token_before_the_session_is_over_waits_no_longer_than_for_that() {
    let mut world = with_session(&json!({"obtained_ms": 0}));
    let ending = world.call(end());
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    assert_eq!(world.error(call), "session_ended");
    world.answer(request, 200, &json!({}));
    assert_eq!(revocation(&mut world, ending), Revocation::Done);
}

#[test]
fn a_login_of_the_same_name_outlives_the_end_of_the_session_before_it() {
    let mut world = with_session(&json!({}));
    let ending = world.call(end());
    let (revoking, _) = world.request();
    let begun = crate::logins::begin(&mut world, &web(), login_request());
    let (query, cookie) = (crate::logins::query(&begun), crate::logins::cookie(&begun));
    crate::logins::complete(&mut world, &begun, &query, cookie);
    world.grant(&user_tokens("second"));
    world.answer(revoking, 200, &json!({}));
    assert_eq!(revocation(&mut world, ending), Revocation::Done);
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "second-access");
}

#[test]
fn a_session_is_revoked_although_the_store_s_word_that_it_is_over_was_lost() {
    let mut world = with_session(&json!({}));
    let call = world.call(end());
    world.store_performs();
    let Some(Todo::Do { id, effect: Effect::Store(close), .. }) = world.engine.next() else {
        panic!("the session is closed");
    };
    world.store.perform(close, world.now.boot);
    let lost = StoreFailure::new(StoreFailureKind::Unavailable, "the connection broke");
    world.engine.reply(id, Reply::Store(StoreReply::Failed(lost)), world.now);
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["token"], "stored-refresh");
    world.answer(request, 200, &json!({}));
    assert_eq!(revocation(&mut world, call), Revocation::Done);
    let told = std::iter::from_fn(|| world.engine.next_event()).map(|event| event.name());
    assert_eq!(told.collect::<Vec<_>>(), ["session_ended"]);
}

#[test]
fn an_answer_that_comes_after_another_process_ended_the_session_is_revoked() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    let row = world.store.row(&key(&web()));
    row.ended = true;
    row.record.generation = Generation((1 << 32) + 1);
    world.answer(request, 200, &user_tokens("late"));
    assert_eq!(form(&world.grant(&json!({})))["token"], "late-refresh");
    assert_eq!(world.error(call), "session_ended");
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn the_end_is_told_once_with_its_reason() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    world.error(call);
    let again = world.call(session_token(&web()));
    world.error(again);
    let ends: Vec<Event> = std::iter::from_fn(|| world.engine.next_event())
        .filter(|event| matches!(event, Event::SessionEnded { .. }))
        .collect();
    let why = EndReason::RefusedByServer { error: "invalid_grant".to_owned() };
    assert_eq!(ends, [Event::SessionEnded { key: key(&web()), why }]);
}

#[test]
fn a_holder_whose_lease_went_to_another_does_not_end_the_session() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    let until = world.now.boot.plus(std::time::Duration::from_secs(5));
    world.store.row(&key(&web())).lease = Some(crate::store::lease_of(99, until));
    world.answer(request, 400, &error("invalid_grant"));
    world.nothing_to_do();
    assert!(world.outcome(call).is_none(), "the other's word is waited for");
    world.store.put(&key(&web()), 2, record(&json!({"access_token": "other-host"})));
    world.pass_until_woken();
    assert_eq!(world.token(call), "other-host");
}

#[test]
fn a_lease_that_may_have_been_taken_is_given_back() {
    let mut world = with_expired_session(&web());
    let call = world.call(session_token(&web()));
    world.store_performs();
    world.store_fails();
    assert_eq!(world.error(call), "store_full");
    assert_eq!(world.store.log, ["load", "end", "load"]);
}

#[test]
fn a_refused_token_is_not_handed_out_again() {
    let mut world = with_session(&json!({}));
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "stored-access");
    world.engine.session_slot(&key(&web())).invalidate(Generation(4));
    let call = world.call(session_token(&web()));
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
    world.engine.session_slot(&key(&web())).invalidate(Generation(4));
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "new-access", "the refusal was of the one before");
}

#[test]
fn a_lost_answer_asks_for_a_new_login_where_the_registration_says_so() {
    let registration = Registration::new(Provider::visma_connect(), "isv_portal")
        .redirect_uri("https://app.example/callback")
        .ask_for_login_after_lost_answer();
    let app = WebApp::new(registration).unwrap().into();
    let mut world = with_expired_session(&app);
    world.store.row(&key(&app)).mark = Some(mark_of(99));
    let call = world.call(session_token(&app));
    assert_eq!(world.error(call), "refresh_outcome_unknown");
    assert!(world.store.row(&key(&app)).ended);

    let mut world = with_expired_session(&app);
    let call = world.call(session_token(&app));
    let (request, _) = world.request();
    world.lose_answer(request);
    assert_eq!(world.error(call), "connection_lost", "and it is not sent again");
    assert!(world.store.row(&key(&app)).mark.is_some());

    let mut world = with_expired_session(&app);
    let call = world.call(session_token(&app));
    let (request, _) = world.request();
    world.answer(request, 503, &json!({}));
    assert_eq!(world.error(call), "server_unavailable", "a server that rests logs nobody out");
    assert_eq!(world.store.row(&key(&app)).mark, None);
}

#[test]
fn a_known_grace_shortens_the_time_limits_so_that_another_host_can_take_over() {
    let grace = std::time::Duration::from_secs(31);
    let registration = Registration::new(Provider::visma_connect(), "isv_portal")
        .redirect_uri("https://app.example/callback")
        .refresh_grace(grace);
    let app = WebApp::new(registration).unwrap().into();
    let mut world = with_expired_session(&app);
    world.call(session_token(&app));
    let (_, sent) = world.request();
    let lease = world.store.row(&key(&app)).lease.unwrap().until.since(world.now.boot);
    assert!(lease + sent.timeout <= grace, "{lease:?} and {:?}", sent.timeout);
}

#[test]
fn a_mark_from_beyond_the_grace_gives_its_host_the_time_to_come_back() {
    let registration = Registration::new(Provider::visma_connect(), "isv_portal")
        .redirect_uri("https://app.example/callback")
        .refresh_grace(std::time::Duration::from_secs(60));
    let app = WebApp::new(registration).unwrap().into();
    let mut world = with_expired_session(&app);
    world.store.row(&key(&app)).mark = Some(mark_of(99));
    let call = world.call(session_token(&app));
    world.nothing_to_do();
    world.store.put(&key(&app), 2, record(&json!({"access_token": "came-back"})));
    world.pass_until_woken();
    assert_eq!(world.token(call), "came-back");

    let mut world = with_expired_session(&app);
    world.store.row(&key(&app)).mark = Some(mark_of(99));
    let call = world.call(session_token(&app));
    world.nothing_to_do();
    world.pass_until_woken();
    world.grant(&user_tokens("rescued"));
    assert_eq!(world.token(call), "rescued-access");
}
