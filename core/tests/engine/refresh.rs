//! A session's token: from the store, or by a refresh that goes well.

use std::time::Duration;

use grantline_core::{CallId, Freshness, Generation, LoginApp, Operation, SecretBytes, UnixMillis};
use serde_json::{Value, json};

use crate::clients::{form, key, record, session, session_token, user_tokens, web};
use crate::scenario::{START, Scenario};
use crate::store::{lease_of, mark_of};

/// A session that another host left in the store, refreshed so long ago that its access token is dead.
pub fn with_expired_session(app: &LoginApp) -> Scenario {
    let mut world = Scenario::new();
    world.store.put(&key(app), 1, record(&json!({"obtained_ms": hours_ago(2)})));
    world
}

fn hours_ago(hours: u64) -> u64 {
    START.wall.0 - hours * 3_600_000
}

/// As above, with the refresh on its way.
pub fn at_the_refresh() -> (Scenario, CallId) {
    let mut world = with_expired_session(&web());
    let call = world.call(session_token(&web()));
    (world, call)
}

fn without_refresh_token(tokens: &Value) -> Value {
    let mut tokens = tokens.clone();
    tokens.as_object_mut().unwrap().remove("refresh_token");
    tokens
}

#[test]
fn a_token_that_is_fresh_in_the_store_is_taken_without_a_request() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(&json!({})));
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "stored-access");
    let again = world.call(session_token(&web()));
    assert_eq!(world.token(again), "stored-access");
    assert_eq!(world.store.log, ["load"], "nothing is written, and the second time it is in memory");
}

#[test]
fn a_refresh_is_marked_before_it_is_sent_and_saved_before_it_is_seen() {
    let (mut world, call) = at_the_refresh();
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["grant_type"], "refresh_token");
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    let row = world.store.row(&key(&web()));
    assert!(row.mark.is_some() && row.lease.is_some());
    world.answer(request, 200, &user_tokens("new"));
    assert!(world.outcome(call).is_none(), "nobody sees the token before it is saved");
    assert_eq!(world.token(call), "new-access");
    assert_eq!(world.store.log, ["load", "begin", "commit"]);
    let row = world.store.row(&key(&web()));
    assert_eq!((row.record.generation, row.mark, row.lease), (Generation(2), None, None));
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "new-refresh");
}

#[test]
fn the_lease_outlasts_two_requests_and_the_save() {
    let (mut world, _) = at_the_refresh();
    let (_, sent) = world.request();
    let end = world.store.row(&key(&web())).lease.unwrap().until;
    assert!(end.since(world.now.boot) > 2 * sent.timeout);
}

#[test]
fn a_hundred_callers_share_one_refresh() {
    let (mut world, first) = at_the_refresh();
    let others: Vec<CallId> = (0..99).map(|_| world.call(session_token(&web()))).collect();
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(first), "new-access");
    assert!(others.into_iter().all(|call| world.token(call) == "new-access"));
}

#[test]
fn a_refresh_that_everybody_left_is_saved_all_the_same() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.engine.forget(call);
    world.answer(request, 200, &user_tokens("new"));
    world.nothing_to_do();
    assert!(world.cancelled.is_empty());
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "new-refresh");
    let late = world.call(session_token(&web()));
    assert_eq!(world.token(late), "new-access");
}

#[test]
fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let mut answers = vec![without_refresh_token(&user_tokens("new"))];
    for given in [json!(null), json!(""), json!("stored-refresh")] {
        answers.push(user_tokens("new"));
        answers.last_mut().unwrap()["refresh_token"] = given;
    }
    for answer in answers {
        let (mut world, call) = at_the_refresh();
        world.grant(&answer);
        assert_eq!(world.token(call), "new-access");
        assert_eq!(world.store.member(&key(&web()), "refresh_token"), "stored-refresh", "{answer}");
        world.pass(Duration::from_secs(3600));
        world.call(session_token(&web()));
        let (_, sent) = world.request();
        assert_eq!(form(&sent)["refresh_token"], "stored-refresh", "{answer}");
    }
}

#[test]
fn a_new_refresh_token_is_the_one_that_is_spent_next() {
    let (mut world, _) = at_the_refresh();
    world.grant(&user_tokens("second"));
    world.nothing_to_do();
    world.pass(Duration::from_secs(3600));
    world.call(session_token(&web()));
    let (_, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "second-refresh");
}

#[test]
fn a_narrower_scope_and_what_the_application_said_are_recorded() {
    let mut world = Scenario::new();
    let stored = json!({"obtained_ms": hours_ago(2), "app_data": "next=/"});
    world.store.put(&key(&web()), 1, record(&stored));
    world.call(session_token(&web()));
    let mut tokens = user_tokens("new");
    tokens["scope"] = json!("api:read");
    world.grant(&tokens);
    world.nothing_to_do();
    assert_eq!(world.store.member(&key(&web()), "scope"), "api:read");
    assert_eq!(world.store.member(&key(&web()), "app_data"), "next=/");
}

#[test]
fn a_held_lease_is_waited_for_and_the_other_host_s_token_is_taken() {
    let mut world = with_expired_session(&web());
    world.store.row(&key(&web())).lease = Some(lease_of(99, world.now.boot.plus(Duration::from_secs(20))));
    let call = world.call(session_token(&web()));
    world.nothing_to_do();
    assert!(world.outcome(call).is_none());
    world.store.put(&key(&web()), 2, record(&json!({"access_token": "of-the-other-host"})));
    world.pass_until_woken();
    assert!(
        world.now.boot < START.boot.plus(Duration::from_secs(1)),
        "the holder is not waited for to the end"
    );
    assert_eq!(world.token(call), "of-the-other-host");
}

#[test]
fn a_lease_whose_holder_is_gone_is_taken_over() {
    let mut world = with_expired_session(&web());
    let row = world.store.row(&key(&web()));
    row.lease = Some(lease_of(99, START.boot.plus(Duration::from_secs(20))));
    row.mark = Some(mark_of(99));
    let call = world.call(session_token(&web()));
    world.nothing_to_do();
    world.pass(Duration::from_secs(20));
    world.grant(&user_tokens("rescued"));
    assert_eq!(world.token(call), "rescued-access");
}

#[test]
fn a_holder_that_comes_too_late_adopts_the_newer_session() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.store.put(&key(&web()), 2, record(&json!({"access_token": "of-the-other-host"})));
    world.answer(request, 200, &user_tokens("too-late"));
    assert_eq!(world.token(call), "of-the-other-host");
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "stored-refresh");
}

#[test]
fn a_good_answer_is_saved_although_the_lease_has_ended_and_another_has_it() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    let row = world.store.row(&key(&web()));
    row.lease = Some(lease_of(99, START.boot.plus(Duration::from_secs(90))));
    row.mark = Some(mark_of(99));
    world.answer(request, 200, &user_tokens("late-but-good"));
    assert_eq!(world.token(call), "late-but-good-access");
    assert_eq!(world.store.row(&key(&web())).mark, None);
}

#[test]
fn a_good_answer_revives_a_session_that_another_ended() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.store.row(&key(&web())).ended = true;
    world.answer(request, 200, &user_tokens("late-but-good"));
    assert_eq!(world.token(call), "late-but-good-access");
    assert!(!world.store.row(&key(&web())).ended);
}

#[test]
fn tokens_are_handed_out_although_the_store_cannot_save_them() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 200, &user_tokens("unsaved"));
    world.store_never_takes_it();
    assert_eq!(world.token(call), "unsaved-access");
    assert!(world.store.row(&key(&web())).mark.is_some(), "the next attempt knows that a token was spent");
}

#[test]
fn a_fresh_token_is_given_although_the_lease_cannot_be_given_back() {
    let mut world = with_expired_session(&web());
    let call = world.call(session_token(&web()));
    world.store_performs();
    // Another host has refreshed it since.
    world.store.put(&key(&web()), 4, record(&json!({})));
    world.store_performs();
    world.store_fails();
    assert_eq!(world.token(call), "stored-access");
}

#[test]
fn a_save_that_fails_is_tried_again() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 200, &user_tokens("new"));
    world.store_fails();
    world.pass_until_woken();
    assert_eq!(world.token(call), "new-access");
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "new-refresh");
}

#[test]
fn nothing_is_sent_on_a_lease_that_is_too_short() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    // The host slept with the request on its way: another may have the lease by now.
    world.now.boot = world.now.boot.plus(Duration::from_secs(20));
    world.lose_answer(request);
    assert_eq!(world.error(call), "connection_lost");
}

#[test]
fn a_lease_that_is_held_without_end_is_the_store_s_fault() {
    let mut world = with_expired_session(&web());
    let for_ever = world.now.boot.plus(Duration::from_secs(1 << 40));
    world.store.row(&key(&web())).lease = Some(lease_of(99, for_ever));
    let call = world.call(session_token(&web()));
    world.nothing_to_do();
    world.pass(Duration::from_secs(100));
    assert_eq!(world.error(call), "store_misbehaved");
}

#[test]
fn a_usable_token_is_given_although_its_refresh_ahead_fails() {
    let mut world = Scenario::new();
    let nearly_over = json!({"obtained_ms": START.wall.0 - 3_400_000});
    world.store.put(&key(&web()), 1, record(&nearly_over));
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert_eq!(world.token(call), "stored-access");
}

#[test]
fn a_newer_session_whose_token_is_past_its_time_too_is_refreshed_in_turn() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    let newer = json!({"obtained_ms": hours_ago(1), "refresh_token": "newer-refresh"});
    world.store.put(&key(&web()), 2, record(&newer));
    world.answer(request, 200, &user_tokens("too-late"));
    let sent = world.grant(&user_tokens("third"));
    assert_eq!(form(&sent)["refresh_token"], "newer-refresh");
    assert_eq!(world.token(call), "third-access");
    assert_eq!(world.store.row(&key(&web())).record.generation, Generation(3));
}

#[test]
fn a_token_that_an_api_refused_is_replaced() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(&json!({})));
    let refused = world.call(session_token(&web()));
    assert_eq!(world.token(refused), "stored-access");
    let newer_than = Some(Generation(4));
    let call = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
}

#[test]
fn a_token_that_another_host_replaced_already_is_taken_from_the_store() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(&json!({})));
    let first = world.call(session_token(&web()));
    assert_eq!(world.token(first), "stored-access");
    world.store.put(&key(&web()), 5, record(&json!({"access_token": "of-the-other-host"})));
    let newer_than = Some(Generation(4));
    let call = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    assert_eq!(world.token(call), "of-the-other-host");
}

#[test]
fn a_stored_token_from_the_future_is_refreshed_and_not_trusted() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({"obtained_ms": START.wall.0 + 60_000})));
    let call = world.call(session_token(&web()));
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
}

#[test]
fn a_wall_clock_that_was_set_back_does_not_keep_a_token_alive() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({})));
    let first = world.call(session_token(&web()));
    assert_eq!(world.token(first), "stored-access");
    world.pass(Duration::from_secs(3600));
    world.now.wall = UnixMillis(START.wall.0);
    let slot = world.engine.session_slot(&key(&web()));
    assert!(slot.look(world.now).is_none());
}

#[test]
fn who_reads_a_token_that_is_being_replaced_is_not_asked_to_have_that_done_again() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({})));
    let first = world.call(session_token(&web()));
    assert_eq!(world.token(first), "stored-access");
    world.pass(Duration::from_secs(3500));
    let slot = world.engine.session_slot(&key(&web()));
    let look = |world: &Scenario| slot.look(world.now).map(|(_, freshness)| freshness);
    assert_eq!(look(&world), Some(Freshness::RefreshAhead));
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    assert_eq!(look(&world), Some(Freshness::Fresh));
    let other = world.call(session_token(&web()));
    assert_eq!(world.token(other), "stored-access", "and nobody waits");
    world.answer(request, 200, &user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
    assert_eq!(look(&world), Some(Freshness::Fresh));
}

#[test]
fn the_first_release_s_session_is_read_and_refreshed() {
    let frozen = include_str!("../../../tests/vectors/fixtures/session_v1.json").trim_end();
    let bytes = || SecretBytes::new(frozen.as_bytes().to_vec());
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, bytes());
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "first-access");
    world.pass(Duration::from_secs(3600));
    let call = world.call(session_token(&web()));
    let sent = world.grant(&without_refresh_token(&user_tokens("new")));
    assert_eq!(form(&sent)["refresh_token"], "first-refresh");
    assert_eq!(world.token(call), "new-access");
    assert_eq!(world.store.member(&key(&web()), "app_data"), "{\"next\":\"/\"}");
    assert_eq!(world.store.member(&key(&web()), "v"), 1);
}
