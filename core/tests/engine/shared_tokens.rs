//! Service tokens that processes share through the store.

use std::time::Duration;

use grantline_core::{
    Engine, Generation, Operation, Row, Settings, StoreFailure, StoreFailureKind, StoreReply,
};

use crate::clients::{error, service_token, token};
use crate::scenario::Scenario;
use crate::store::lease_of;

fn world() -> Scenario {
    let mut world = Scenario::new();
    world.engine = sharing();
    world
}

fn sharing() -> Engine {
    Engine::with(&Settings::default().share_service_tokens())
}

/// The only record that there is.
fn row(world: &mut Scenario) -> &mut Row {
    world.store.only_row()
}

#[test]
fn one_process_fetches_and_another_takes_it_from_the_store() {
    let mut world = world();
    let call = world.call(service_token());
    world.grant(&token("shared"));
    assert_eq!(world.token(call), "shared");
    assert_eq!(row(&mut world).record.generation, Generation(1));
    world.engine = sharing();
    let call = world.call(service_token());
    assert_eq!(world.token(call), "shared");
    assert_eq!(world.store.log, ["load", "create", "begin", "commit", "load"]);
}

#[test]
fn another_s_request_is_waited_for_two_seconds_at_most() {
    let mut world = world();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.answer(request, 200, &token("first"));
    assert_eq!(world.token(call), "first");
    let row = row(&mut world);
    *row = Row::new(row.record.clone());
    world.pass(Duration::from_secs(3600));
    let until = world.now.boot.plus(Duration::from_secs(15));
    self::row(&mut world).lease = Some(lease_of(99, until));
    world.engine = sharing();
    let began = world.now.boot;
    let call = world.call(service_token());
    let request = loop {
        match world.next() {
            Some((id, _)) => break id,
            None => world.pass_until_woken(),
        }
    };
    assert_eq!(world.now.boot.since(began), Duration::from_secs(2));
    world.answer(request, 200, &token("own"));
    assert_eq!(world.token(call), "own");
}

#[test]
fn a_process_that_went_further_than_the_store_goes_on_from_there() {
    let mut world = world();
    let first = world.call(service_token());
    world.grant(&token("first"));
    world.token(first);
    let newer_than = |generation| match service_token() {
        Operation::ServiceToken { app, request, .. } => {
            Operation::ServiceToken { app, request, newer_than: Some(Generation(generation)) }
        }
        other => other,
    };
    let call = world.call(newer_than(9));
    world.grant(&token("later"));
    assert_eq!(world.token(call), "later");
    assert_eq!(row(&mut world).record.generation, Generation(10));
    let again = world.call(newer_than(9));
    assert_eq!(world.token(again), "later", "it is later than what was refused");
}

#[test]
fn a_failed_request_gives_the_lease_back() {
    let mut world = world();
    let call = world.call(service_token());
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_client"));
    assert_eq!(world.error(call), "invalid_client");
    let row = row(&mut world);
    assert!(row.lease.is_none() && row.mark.is_none());
}

#[test]
fn a_store_that_fails_costs_nothing_but_the_sharing() {
    let mut world = world();
    let call = world.call(service_token());
    world.store_fails();
    world.grant(&token("own"));
    let token = world.access_token(call);
    assert_eq!((token.expose_secret(), token.is_saved()), ("own", false));
    assert_eq!(world.engine.next_event().map(|event| event.name()), Some("store_trouble"));
    let failure = StoreReply::Failed(StoreFailure::new(StoreFailureKind::Full, ""));
    assert!(!format!("{failure:?}").contains("own"));
}

#[test]
fn a_token_that_an_api_refused_is_not_taken_from_the_store_again() {
    let mut world = world();
    let call = world.call(service_token());
    world.grant(&token("refused"));
    world.token(call);
    let Operation::ServiceToken { app, request, .. } = service_token() else { unreachable!() };
    world.engine.service_slot(&app, &request).invalidate(Generation(1));
    let call = world.call(service_token());
    world.grant(&token("new"));
    assert_eq!(world.token(call), "new");
}

#[test]
fn two_tenants_never_share_a_record() {
    let mut world = world();
    let call = world.call(service_token());
    world.grant(&token("one"));
    world.token(call);
    let other = grantline_core::TenantChoice::default_tenant();
    let call = world.call(crate::clients::service_token_for(other, &["api:read"]));
    world.grant(&token("other"));
    assert_eq!(world.token(call), "other");
}
