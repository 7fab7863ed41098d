//! A provider in trouble is not hammered.

use std::time::Duration;

use grantline_core::{Advice, CallId, Fault, HttpResponse, Operation, SecretBytes, TenantChoice};
use serde_json::json;

use crate::clients::{key, record, service_token_for, session_token, token, user_tokens, web};
use crate::refresh::with_expired_session;
use crate::scenario::{START, Scenario, json_response};

fn tenant_token(tenant: u32) -> Operation {
    let id = format!("{tenant:08x}-1111-4111-8111-111111111111");
    service_token_for(TenantChoice::tenant(&id).unwrap(), &["api:read"])
}

/// A provider that failed so often that it is left alone.
fn in_trouble() -> Scenario {
    let mut world = with_expired_session(&web());
    for tenant in 0..5 {
        let call = world.call(tenant_token(tenant));
        let (request, _) = world.request();
        world.refuse_connection(request);
        assert_eq!(world.error(call), "connect_failed");
    }
    world
}

fn rests(world: &mut Scenario, call: CallId) {
    assert_eq!(world.error(call), "provider_resting");
}

#[test]
fn after_five_failures_nothing_is_sent_for_a_while_whoever_asks() {
    let mut world = in_trouble();
    let service = world.call(tenant_token(9));
    rests(&mut world, service);
    let user = world.call(session_token(&web()));
    rests(&mut world, user);
    assert_eq!(world.store.log, ["load"], "and nobody is kept from it by a lease");
}

#[test]
fn who_is_refused_while_a_provider_rests_is_told_for_how_long_and_why() {
    let mut world = in_trouble();
    let call = world.call(tenant_token(9));
    world.nothing_to_do();
    let refused = world.outcome(call).unwrap().unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.fault()), ("provider_resting", Fault::Transport));
    let text = refused.to_string();
    assert!(text.contains("https://connect.visma.com") && text.contains("no connection"), "{text}");
    let Advice::Retry { after: Some(after) } = refused.advice() else { panic!("{refused}") };
    let all_but = Duration::from_millis(1);
    world.pass(after.checked_sub(all_but).unwrap());
    let too_early = world.call(tenant_token(9));
    rests(&mut world, too_early);
    world.pass(all_but);
    let in_time = world.call(tenant_token(9));
    world.grant(&token("back"));
    assert_eq!(world.token(in_time), "back");
}

#[test]
fn one_probe_goes_out_and_a_good_answer_lets_everybody_through() {
    let mut world = in_trouble();
    world.pass(Duration::from_secs(1));
    let probe = world.call(tenant_token(7));
    let (request, _) = world.request();
    let other = world.call(tenant_token(8));
    rests(&mut world, other);
    world.answer(request, 200, &token("back"));
    assert_eq!(world.token(probe), "back");
    let other = world.call(tenant_token(8));
    world.grant(&token("all"));
    assert_eq!(world.token(other), "all");
}

#[test]
fn a_time_that_the_server_names_is_kept_by_everybody_up_to_five_minutes() {
    let mut world = with_expired_session(&web());
    let call = world.call(tenant_token(1));
    let (request, _) = world.request();
    let headers = vec![("retry-after".to_owned(), "86400".to_owned())];
    let body = SecretBytes::new(Vec::new());
    world.reply(request, Ok(HttpResponse { status: 429, headers, body }));
    world.nothing_to_do();
    world.outcome(call);
    world.pass(Duration::from_secs(299));
    let user = world.call(session_token(&web()));
    rests(&mut world, user);
    world.pass(Duration::from_secs(1));
    let user = world.call(session_token(&web()));
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(user), "new-access");
}

#[test]
fn a_stored_token_that_is_still_good_is_used_while_the_provider_rests() {
    let mut world = in_trouble();
    let obtained = START.wall.0 - 3_400_000;
    world.store.put(&key(&web()), 3, record(&json!({"obtained_ms": obtained})));
    let call = world.call(session_token(&web()));
    assert_eq!(world.token(call), "stored-access");
}

#[test]
fn a_lost_answer_is_asked_for_again_at_once_although_the_circuit_opens_with_it() {
    let mut world = with_expired_session(&web());
    for tenant in 0..4 {
        world.call(tenant_token(tenant));
        let (request, _) = world.request();
        world.refuse_connection(request);
    }
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    world.lose_answer(request);
    world.grant(&user_tokens("rescued"));
    assert_eq!(world.token(call), "rescued-access");
}

#[test]
fn a_refusal_in_oauth_s_own_words_is_no_trouble() {
    let mut world = with_expired_session(&web());
    for tenant in 0..20 {
        world.call(tenant_token(tenant));
        let (request, _) = world.request();
        world.reply(request, Ok(json_response(400, &json!({"error": "invalid_tenant"}))));
    }
    let call = world.call(session_token(&web()));
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
}
