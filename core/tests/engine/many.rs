//! Many tokens at once: turns, lists, and what is looked after when a store is opened.

use std::time::Duration;

use grantline_core::{
    CallId, EffectId, Engine, LoginRequest, Operation, Output, Reply, Rescue, SealingKey, SealingKeys,
    SessionKey, Settings, StoreFailure, StoreFailureKind, StoreReply, TenantChoice, Todo,
};
use serde_json::json;

use crate::clients::{
    form, key, login_request, record, service_token_for, session, session_token, token, user_tokens, web,
};
use crate::scenario::{START, Scenario};
use crate::store::mark_of;

fn tenant_token(tenant: u32) -> Operation {
    let id = format!("{tenant:08x}-1111-4111-8111-111111111111");
    service_token_for(TenantChoice::tenant(&id).unwrap(), &["api:read"])
}

/// A session by that name, whose access token is dead.
fn put_expired(world: &mut Scenario, name: &str) -> SessionKey {
    let key = web().session_key(session(name));
    let obtained = START.wall.0 - 7_200_000;
    world.store.put(&key, 1, record(&json!({"obtained_ms": obtained, "refresh_token": name})));
    key
}

fn drain(world: &mut Scenario) -> Vec<EffectId> {
    std::iter::from_fn(|| world.next()).map(|(id, _)| id).collect()
}

#[test]
fn a_storm_is_fetched_a_few_at_a_time_with_one_request_for_each_key() {
    let mut world = Scenario::new();
    world.engine = Engine::with(&Settings::default().concurrency(8).unwrap());
    let calls: Vec<CallId> = (0..200).map(|n| world.call(tenant_token(n % 100))).collect();
    let (mut requests, mut most) = (0, 0);
    loop {
        let under_way = drain(&mut world);
        most = most.max(under_way.len());
        requests += under_way.len();
        if under_way.is_empty() {
            break;
        }
        for id in under_way {
            world.answer(id, 200, &token("t"));
        }
    }
    assert_eq!((most, requests), (8, 100));
    assert!(calls.into_iter().all(|call| world.token(call) == "t"));
    assert!(world.engine.is_idle());
}

#[test]
fn a_storm_of_service_tokens_does_not_hold_up_a_user_s_session_or_a_login() {
    let mut world = Scenario::new();
    world.engine = Engine::with(&Settings::default().concurrency(2).unwrap());
    put_expired(&mut world, "anna");
    for n in 0..100 {
        world.call(tenant_token(n));
    }
    let user = world.call(session_token(&web()));
    let login = world.call(Operation::BeginLogin { app: web(), request: LoginRequest::new(login_scopes()) });
    assert!(world.outcome(login).is_some(), "a login waits for nobody");
    for id in drain(&mut world) {
        world.answer(id, 200, &token("t"));
    }
    for id in drain(&mut world) {
        world.answer(id, 200, &user_tokens("user"));
    }
    drain(&mut world);
    assert!(world.outcome(user).is_some(), "the user's turn comes second");
}

fn login_scopes() -> grantline_core::Scopes {
    crate::clients::scopes(&["openid"])
}

#[test]
fn a_flight_that_sleeps_leaves_its_place_to_another() {
    let mut world = Scenario::new();
    world.engine = Engine::with(&Settings::default().concurrency(1).unwrap());
    put_expired(&mut world, "anna");
    let until = world.now.boot.plus(Duration::from_secs(20));
    world.store.row(&key(&web())).lease = Some(crate::store::lease_of(99, until));
    world.call(session_token(&web()));
    world.nothing_to_do();
    let call = world.call(tenant_token(1));
    world.grant(&token("t"));
    assert_eq!(world.token(call), "t");
}

#[test]
fn the_living_sessions_are_listed_in_pages() {
    let mut world = Scenario::new();
    for name in ["anna", "bo", "cid", "dora"] {
        put_expired(&mut world, name);
    }
    let bo = web().session_key(session("bo"));
    world.store.row(&bo).ended = true;
    let mut page = |after: Option<&str>| {
        let after = after.map(str::to_owned);
        let call = world.call(Operation::ListSessions { app: web(), after, limit: 2 });
        world.nothing_to_do();
        match world.outcome(call) {
            Some(Ok(Output::Listed(entries))) => {
                entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>()
            }
            other => panic!("expected names, got {other:?}"),
        }
    };
    assert_eq!(page(None), ["anna", "cid"]);
    assert_eq!(page(Some("cid")), ["dora"]);
}

#[test]
fn sessions_whose_holder_is_gone_are_refreshed_at_once_when_a_store_is_opened() {
    let mut world = Scenario::new();
    put_expired(&mut world, "calm");
    let lost = put_expired(&mut world, "lost");
    let held = put_expired(&mut world, "held");
    world.store.row(&lost).mark = Some(mark_of(99));
    world.store.row(&held).mark = Some(mark_of(98));
    world.store.row(&held).lease =
        Some(crate::store::lease_of(98, world.now.boot.plus(Duration::from_secs(9))));
    world.call(Operation::RescueSessions { app: web(), when: Rescue::AtOnce });
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "lost");
    world.answer(request, 200, &user_tokens("rescued"));
    world.nothing_to_do();
    assert_eq!(world.store.member(&lost, "refresh_token"), "rescued-refresh");
    assert!(world.engine.is_idle());
}

#[test]
fn sessions_of_a_process_that_was_started_again_at_once_are_refreshed_when_their_leases_have_ended() {
    let mut world = Scenario::new();
    let key = put_expired(&mut world, "anna");
    world.store.row(&key).mark = Some(mark_of(99));
    let until = world.now.boot.plus(Duration::from_secs(25));
    world.store.row(&key).lease = Some(crate::store::lease_of(99, until));
    for when in [Rescue::AtOnce, Rescue::OnceLeasesHaveEnded] {
        world.call(Operation::RescueSessions { app: web(), when });
    }
    world.nothing_to_do();
    assert!(!world.engine.is_idle(), "it looks again");
    assert!(world.engine.has_nothing_to_lose(), "and nobody has to wait for that");
    world.pass_until_woken();
    world.grant(&user_tokens("rescued"));
    world.nothing_to_do();
    assert_eq!(world.store.member(&key, "refresh_token"), "rescued-refresh");
}

#[test]
fn a_store_that_is_out_of_reach_is_asked_again_for_the_sessions_whose_holder_is_gone() {
    let mut world = Scenario::new();
    let key = put_expired(&mut world, "anna");
    world.store.row(&key).mark = Some(mark_of(99));
    world.call(Operation::RescueSessions { app: web(), when: Rescue::AtOnce });
    let Some(Todo::Do { id, .. }) = world.engine.next() else { panic!("the store is asked") };
    let failure = StoreFailure::new(StoreFailureKind::Unavailable, "not now");
    world.engine.reply(id, Reply::Store(StoreReply::Failed(failure)), world.now);
    assert!(world.engine.has_nothing_to_lose());
    world.pass_until_woken();
    world.grant(&user_tokens("rescued"));
    world.nothing_to_do();
    assert_eq!(world.store.member(&key, "refresh_token"), "rescued-refresh");
}

#[test]
fn all_sessions_are_found_whose_holder_is_gone_however_many() {
    let mut world = Scenario::new();
    for number in 0..1200 {
        let key = put_expired(&mut world, &format!("session-{number:04}"));
        world.store.row(&key).mark = Some(mark_of(99));
    }
    let call = world.call(Operation::RescueSessions { app: web(), when: Rescue::AtOnce });
    world.request();
    match world.outcome(call) {
        Some(Ok(Output::Listed(entries))) => assert_eq!(entries.len(), 1200),
        other => panic!("expected names, got {other:?}"),
    }
}

#[test]
fn what_goes_to_the_store_is_sealed_and_another_engine_with_the_key_reads_it() {
    let keys = SealingKeys::new(SealingKey::from_bytes([7; 32]));
    let sealing = || Engine::with(&Settings::default().sealing_keys(keys.clone()));
    let mut world = Scenario::new();
    world.engine = sealing();
    let begun = crate::logins::begin(&mut world, &web(), login_request());
    let call = crate::logins::complete(
        &mut world,
        &begun,
        &crate::logins::query(&begun),
        crate::logins::cookie(&begun),
    );
    world.grant(&user_tokens("first"));
    world.nothing_to_do();
    assert!(matches!(world.outcome(call), Some(Ok(Output::LoggedIn(_)))));
    let stored = world.store.row(&key(&web())).record.bytes.clone();
    assert!(!String::from_utf8_lossy(stored.expose_secret()).contains("first-"));
    world.engine = sealing();
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "first-access");
    world.engine =
        Engine::with(&Settings::default().sealing_keys(SealingKeys::new(SealingKey::from_bytes([8; 32]))));
    let call = world.call(session_token(&web()));
    assert_eq!(world.error(call), "sealing_key_unknown");
    assert_eq!(world.store.row(&key(&web())).record.bytes, stored, "and nothing was deleted");
}
