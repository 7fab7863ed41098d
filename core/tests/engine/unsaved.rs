//! Tokens that the store does not take: they are good all the same, and saving is tried until it is done.

use std::time::Duration;

use grantline_core::{CallId, Event, Generation, Outcome, Output};
use serde_json::json;

use crate::clients::{error, form, key, session_token, user_tokens, web};
use crate::refresh::at_the_refresh;
use crate::scenario::Scenario;

/// A session that was refreshed into a store that takes nothing.
fn not_saved(lifetime: u64) -> Scenario {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    let mut tokens = user_tokens("unsaved");
    tokens["expires_in"] = json!(lifetime);
    world.answer(request, 200, &tokens);
    world.store_never_takes_it();
    assert!(!is_saved(world.outcome(call)), "its caller is told");
    world
}

fn is_saved(outcome: Option<Outcome>) -> bool {
    match outcome {
        Some(Ok(Output::Token(token))) => token.is_saved(),
        other => panic!("expected a token, got {other:?}"),
    }
}

fn ask(world: &mut Scenario) -> CallId {
    world.call(session_token(&web()))
}

fn names(world: &Scenario) -> Vec<&'static str> {
    std::iter::from_fn(|| world.engine.next_event()).map(|event| event.name()).collect()
}

#[test]
fn saving_is_tried_again_by_itself_until_it_is_done() {
    let mut world = not_saved(3600);
    assert_eq!(names(&world), ["not_saved"]);
    world.pass_until_woken();
    world.store_never_takes_it();
    assert_eq!(world.store.row(&key(&web())).record.generation, Generation(1));
    world.pass_until_woken();
    world.nothing_to_do();
    assert_eq!(world.store.row(&key(&web())).record.generation, Generation(2));
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "unsaved-refresh");
    assert_eq!(names(&world), ["saved_late"]);
    let call = ask(&mut world);
    assert!(is_saved(world.outcome(call)));
    assert!(world.engine.is_idle());
}

#[test]
fn an_engine_whose_flights_sleep_has_nothing_to_lose_unless_they_hold_what_is_not_saved() {
    let (mut world, _) = at_the_refresh();
    world.store_performs();
    assert!(!world.engine.has_nothing_to_lose(), "the lease is asked for");
    let (request, _) = world.request();
    assert!(!world.engine.has_nothing_to_lose(), "a refresh was sent");
    world.answer(request, 200, &user_tokens("unsaved"));
    world.store_fails();
    assert_eq!(world.engine.next(), None);
    assert!(!world.engine.has_nothing_to_lose(), "it is tried again in half a second");

    let mut world = crate::refresh::with_expired_session(&web());
    let until = world.now.boot.plus(Duration::from_secs(9));
    world.store.row(&key(&web())).lease = Some(crate::store::lease_of(98, until));
    ask(&mut world);
    world.nothing_to_do();
    assert!(world.engine.has_nothing_to_lose(), "it waits for another");
}

#[test]
fn an_engine_with_something_to_save_is_not_idle_and_saves_it_when_told() {
    let mut world = not_saved(3600);
    assert!(!world.engine.is_idle());
    world.engine.save_now(world.now);
    world.nothing_to_do();
    assert!(world.engine.is_idle());
    assert_eq!(world.store.row(&key(&web())).record.generation, Generation(2));
}

#[test]
fn a_refresh_spends_the_token_in_memory_and_not_the_stored_one_that_is_spent() {
    let mut world = not_saved(3);
    world.now = later(&world, 4);
    let call = ask(&mut world);
    world.store_never_takes_it();
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "unsaved-refresh");
    world.answer(request, 200, &user_tokens("second"));
    assert_eq!(world.token(call), "second-access");
    world.pass_until_woken();
    world.nothing_to_do();
    let row = world.store.row(&key(&web()));
    assert_eq!((row.record.generation, row.mark), (Generation(3), None));
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "second-refresh");
}

/// Without the engine's timers: nothing was tried again meanwhile.
fn later(world: &Scenario, seconds: u64) -> grantline_core::Now {
    let passed = Duration::from_secs(seconds);
    grantline_core::Now { wall: world.now.wall.plus(passed), boot: world.now.boot.plus(passed) }
}

#[test]
fn a_refresh_in_memory_that_fails_loses_nothing() {
    let mut world = not_saved(3);
    world.now = later(&world, 4);
    let call = ask(&mut world);
    world.store_never_takes_it();
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert_eq!(world.error(call), "connect_failed");
    world.pass_until_woken();
    world.grant(&user_tokens("second"));
    world.nothing_to_do();
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "second-refresh");
}

#[test]
fn a_refresh_in_memory_is_repeated_at_once_when_its_answer_is_lost() {
    let mut world = not_saved(3);
    world.now = later(&world, 4);
    let call = ask(&mut world);
    world.store_never_takes_it();
    let (request, _) = world.request();
    world.lose_answer(request);
    assert_eq!(form(&world.grant(&user_tokens("second")))["refresh_token"], "unsaved-refresh");
    assert_eq!(world.token(call), "second-access");
}

#[test]
fn a_dead_refresh_token_in_memory_ends_nothing_before_the_store_was_read() {
    let mut world = not_saved(3);
    world.now = later(&world, 4);
    let call = ask(&mut world);
    world.store_never_takes_it();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "store_full");
    world.pass(Duration::from_secs(30));
    let call = ask(&mut world);
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "refresh_outcome_unknown");
    assert_eq!(names(&world), ["not_saved", "refresh_failed", "session_ended", "refresh_failed"]);
}

#[test]
fn a_newer_session_in_the_store_takes_the_place_of_an_unsaved_one() {
    let mut world = not_saved(3600);
    world.store.put(&key(&web()), 9, crate::clients::record(&json!({"access_token": "other-host"})));
    world.pass_until_woken();
    world.nothing_to_do();
    let call = ask(&mut world);
    assert_eq!(world.token(call), "other-host");
}

#[test]
fn an_event_of_tokens_that_are_not_saved_names_the_session_and_no_token() {
    let world = not_saved(3600);
    let event = world.engine.next_event().unwrap();
    assert!(matches!(&event, Event::NotSaved { generation: Generation(2), .. }));
    let printed = format!("{event:?}");
    assert!(printed.contains("anna") && !printed.contains("unsaved-"), "{printed}");
}

#[test]
fn a_generation_that_another_host_saved_meanwhile_gives_way_to_a_later_one_in_memory() {
    let mut world = not_saved(3);
    world.now = later(&world, 4);
    let call = ask(&mut world);
    world.store_never_takes_it();
    world.grant(&user_tokens("second"));
    assert_eq!(world.token(call), "second-access");
    world.store.put(&key(&web()), 2, crate::clients::record(&json!({"refresh_token": "spent-in-memory"})));
    world.pass_until_woken();
    world.nothing_to_do();
    assert_eq!(world.store.row(&key(&web())).record.generation, Generation(3));
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "second-refresh");
}

#[test]
fn a_tombstone_that_a_refusal_left_gives_way_and_nothing_is_revoked() {
    let mut world = not_saved(3600);
    let row = world.store.row(&key(&web()));
    row.record.generation = Generation(2);
    row.ended = true;
    world.pass_until_woken();
    world.nothing_to_do();
    let row = world.store.row(&key(&web()));
    assert!(!row.ended);
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "unsaved-refresh");
}

#[test]
fn a_session_that_the_application_ended_is_not_saved_late_but_revoked() {
    let mut world = not_saved(3600);
    let row = world.store.row(&key(&web()));
    row.record.generation = Generation((1 << 32) + 1);
    row.ended = true;
    world.pass_until_woken();
    assert_eq!(form(&world.grant(&json!({})))["token"], "unsaved-refresh");
    world.nothing_to_do();
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn tokens_of_an_earlier_grant_never_take_the_place_of_a_new_login_s() {
    let mut world = not_saved(3600);
    let begun = crate::logins::begin(&mut world, &web(), crate::clients::login_request());
    let (query, cookie) = (crate::logins::query(&begun), crate::logins::cookie(&begun));
    crate::logins::complete(&mut world, &begun, &query, cookie);
    world.grant(&user_tokens("another-user"));
    world.nothing_to_do();
    world.pass_until_woken();
    world.nothing_to_do();
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "another-user-refresh");
    let call = ask(&mut world);
    assert_eq!(world.token(call), "another-user-access");
}
