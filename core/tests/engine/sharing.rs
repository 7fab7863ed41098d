//! Who shares a token's flight, and whose token is whose.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use grantline_core::{
    CallId, ClientSecret, Freshness, Generation, Operation, Provider, Registration, ServiceApp,
    ServiceTokenRequest, TenantChoice,
};
use serde_json::json;

use crate::clients::{
    error, form, key, record, registration, scopes, service, service_token, service_token_for, session,
    session_token, token, user_tokens, web,
};
use crate::scenario::Scenario;

fn newer_than(operation: Operation, generation: Generation) -> Operation {
    match operation {
        Operation::ServiceToken { app, request, .. } => {
            Operation::ServiceToken { app, request, newer_than: Some(generation) }
        }
        other => other,
    }
}

#[test]
fn two_callers_of_one_token_share_one_request() {
    let mut world = Scenario::new();
    let (one, other) = (world.call(service_token()), world.call(service_token()));
    world.grant(&token("shared"));
    assert_eq!(world.token(one), "shared");
    assert_eq!(world.token(other), "shared");
}

#[test]
fn of_sixteen_callers_fifteen_leave_and_the_last_gets_the_one_answer() {
    let mut world = Scenario::new();
    let callers: Vec<CallId> = (0..16).map(|_| world.call(service_token())).collect();
    let (request, _) = world.request();
    for caller in &callers[..15] {
        world.engine.forget(*caller);
    }
    world.answer(request, 200, &token("shared"));
    assert_eq!(world.token(callers[15]), "shared");
    assert!(callers[..15].iter().all(|caller| world.outcome(*caller).is_none()));
    assert!(world.cancelled.is_empty());
    assert!(world.engine.is_idle());
}

#[test]
fn a_flight_that_everybody_left_ends_and_its_token_is_kept() {
    let mut world = Scenario::new();
    let callers: Vec<CallId> = (0..16).map(|_| world.call(service_token())).collect();
    let (request, _) = world.request();
    for caller in &callers {
        world.engine.forget(*caller);
    }
    world.answer(request, 200, &token("kept"));
    let late = world.call(service_token());
    assert_eq!(world.token(late), "kept");
}

#[test]
fn a_caller_who_joins_a_flight_that_everybody_left_gets_its_answer() {
    let mut world = Scenario::new();
    let first = world.call(service_token());
    let (request, _) = world.request();
    world.engine.forget(first);
    let second = world.call(service_token());
    world.answer(request, 200, &token("shared"));
    assert_eq!(world.token(second), "shared");
}

#[test]
fn a_fresh_token_is_given_again_without_a_request() {
    let mut world = Scenario::new();
    world.call(service_token());
    world.grant(&token("fresh"));
    world.pass(Duration::from_secs(3000));
    let later = world.call(service_token());
    assert_eq!(world.token(later), "fresh");
}

#[test]
fn an_expired_token_is_asked_for_again_and_has_a_later_generation() {
    let mut world = Scenario::new();
    let Operation::ServiceToken { app, request, .. } = service_token() else { unreachable!() };
    let slot = world.engine.service_slot(&app, &request);
    assert!(slot.look(world.now).is_none());
    world.call(service_token());
    world.grant(&token("first"));
    let first = slot.look(world.now).unwrap().0.generation();
    world.pass(Duration::from_secs(3600));
    assert!(slot.look(world.now).is_none());
    let later = world.call(service_token());
    world.grant(&token("second"));
    assert_eq!(world.token(later), "second");
    assert!(slot.look(world.now).unwrap().0.generation() > first);
}

#[test]
fn a_token_near_its_end_is_usable_and_asks_for_the_next_one() {
    let mut world = Scenario::new();
    let Operation::ServiceToken { app, request, .. } = service_token() else { unreachable!() };
    let slot = world.engine.service_slot(&app, &request);
    world.call(service_token());
    world.grant(&token("first"));
    assert_eq!(slot.look(world.now).unwrap().1, Freshness::Fresh);
    world.pass(Duration::from_secs(3299));
    assert_eq!(slot.look(world.now).unwrap().1, Freshness::Fresh);
    // Whatever was drawn: the latest moment.
    world.pass(Duration::from_secs(146));
    assert_eq!(slot.look(world.now).unwrap().1, Freshness::RefreshAhead);
    world.call(service_token());
    world.grant(&token("second"));
    assert_eq!(slot.look(world.now).unwrap().0.expose_secret(), "second");
}

#[test]
fn tokens_that_were_obtained_together_are_not_replaced_together() {
    let mut world = Scenario::new();
    let mut fresh_for = BTreeSet::new();
    for number in 0..8 {
        let tenant = TenantChoice::tenant(&format!("{number}1111111-1111-4111-8111-111111111111")).unwrap();
        let operation = service_token_for(tenant, &["api:read"]);
        world.call(operation.clone());
        world.grant(&token("first"));
        let Operation::ServiceToken { app, request, .. } = operation else { unreachable!() };
        let (token, _) = world.engine.service_slot(&app, &request).look(world.now).unwrap();
        fresh_for.insert(token.fresh_for(world.now));
    }
    assert_eq!(fresh_for.len(), 8, "{fresh_for:?}");
}

#[test]
fn a_failed_refresh_ahead_keeps_the_token_that_is_still_good() {
    let mut world = Scenario::new();
    let Operation::ServiceToken { app, request, .. } = service_token() else { unreachable!() };
    let slot = world.engine.service_slot(&app, &request);
    world.call(service_token());
    world.grant(&token("first"));
    world.pass(Duration::from_secs(3445));
    let ahead = world.call(service_token());
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_client"));
    assert_eq!(world.error(ahead), "invalid_client");
    assert_eq!(slot.look(world.now).unwrap().0.expose_secret(), "first");
}

#[test]
fn a_refused_token_is_replaced_although_it_looks_fresh() {
    let mut world = Scenario::new();
    world.call(service_token());
    world.grant(&token("refused-by-the-api"));
    let again = world.call(newer_than(service_token(), Generation::FIRST));
    world.grant(&token("newer"));
    assert_eq!(world.token(again), "newer");
    let third = world.call(newer_than(service_token(), Generation::FIRST));
    assert_eq!(world.token(third), "newer");
}

#[test]
fn whoever_joins_a_flight_gets_a_token_as_new_as_asked_for() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({})));
    // Both are there before the store has answered.
    let any = world.call(session_token(&web()));
    let newer_than = Some(Generation(1));
    let newer = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(any), "stored-access");
    assert_eq!(world.token(newer), "new-access");
}

#[test]
fn whoever_waits_for_a_newer_token_may_leave() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({})));
    let any = world.call(session_token(&web()));
    let newer_than = Some(Generation(1));
    let newer = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    world.engine.forget(newer);
    assert_eq!(world.token(any), "stored-access");
    assert!(world.engine.is_idle(), "nobody asks for a refresh any more");
}

#[test]
fn all_callers_get_the_one_error_and_it_is_not_kept() {
    let mut world = Scenario::new();
    let (one, other) = (world.call(service_token()), world.call(service_token()));
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_client"));
    assert_eq!(world.error(one), "invalid_client");
    assert_eq!(world.error(other), "invalid_client");
    let later = world.call(service_token());
    world.grant(&token("mended"));
    assert_eq!(world.token(later), "mended");
}

#[test]
fn a_token_without_a_lifetime_is_good_until_it_is_refused() {
    let mut world = Scenario::new();
    world.call(service_token());
    world.grant(&json!({"access_token": "lasting", "token_type": "Bearer"}));
    world.pass(Duration::from_secs(365 * 24 * 3600));
    let later = world.call(service_token());
    assert_eq!(world.token(later), "lasting");
}

#[test]
fn a_token_that_is_dead_on_arrival_is_handed_out_once_and_not_kept() {
    let mut world = Scenario::new();
    let one = world.call(service_token());
    world.grant(&json!({"access_token": "dead", "token_type": "Bearer", "expires_in": 0}));
    assert_eq!(world.token(one), "dead");
    world.call(service_token());
    world.request();
}

/// Service tokens of which each differs from the first in one respect.
fn one_of_each() -> Vec<Operation> {
    let tenant = |id| TenantChoice::tenant(id).unwrap();
    let (own, other) = (tenant(crate::clients::TENANT), tenant("22222222-2222-4222-8222-222222222222"));
    let plain = ServiceTokenRequest::new(own, scopes(&["api:read"]));
    let of = |app, request| Operation::ServiceToken { app, request, newer_than: None };
    let staging: Registration = registration(Provider::visma_connect_staging(), "isv_service");
    vec![
        service_token(),
        service_token_for(other, &["api:read"]),
        service_token_for(TenantChoice::default_tenant(), &["api:read"]),
        service_token_for(TenantChoice::no_tenant(), &["api:read"]),
        service_token_for(own, &["api:write"]),
        service_token_for(own, &["api:read", "api:write"]),
        of(service("isv_service"), plain.clone().resource("https://api.example/a").unwrap()),
        of(service("isv_service"), plain.clone().resource("https://api.example/b").unwrap()),
        of(service("isv_other"), plain.clone()),
        of(ServiceApp::new(staging).unwrap(), plain),
    ]
}

#[test]
fn tokens_of_different_tenants_scopes_resources_clients_and_issuers_are_never_mixed() {
    let mut world = Scenario::new();
    let calls: Vec<CallId> = one_of_each().into_iter().map(|operation| world.call(operation)).collect();
    let requests: Vec<_> = calls.iter().map(|_| world.request().0).collect();
    // Answered in another order than asked.
    for (number, id) in requests.iter().enumerate().rev() {
        world.answer(*id, 200, &token(&format!("token-{number}")));
    }
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(world.token(call), format!("token-{number}"));
    }
    for (number, operation) in one_of_each().into_iter().enumerate() {
        let again = world.call(operation);
        assert_eq!(world.token(again), format!("token-{number}"));
    }
}

#[test]
fn two_orders_of_one_scope_list_and_two_cases_of_one_tenant_are_one_token() {
    let mut world = Scenario::new();
    let tenant = |id: &str| TenantChoice::tenant(id).unwrap();
    let lower = "0b7c2f8e-6f0a-4a39-9a53-3d2f7d2b9f10";
    let one = world.call(service_token_for(tenant(lower), &["a", "b"]));
    let other = world.call(service_token_for(tenant(&lower.to_uppercase()), &["b", "a"]));
    let request = world.grant(&token("shared"));
    assert_eq!(form(&request)["scope"], "a b");
    assert_eq!(world.token(one), world.token(other));
}

#[test]
fn a_handle_s_place_is_the_same_for_all_who_ask_for_it() {
    let world = Scenario::new();
    let Operation::ServiceToken { app, request, .. } = service_token() else { unreachable!() };
    let (one, other) = (world.engine.service_slot(&app, &request), world.engine.service_slot(&app, &request));
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn what_is_refused_before_anything_is_sent_is_known_at_once() {
    let mut world = Scenario::new();
    let call = world.call(service_token_for(TenantChoice::no_tenant(), &["openid"]));
    assert_eq!(world.error(call), "scope_forbidden");
    assert!(world.engine.is_idle());
}

#[test]
fn applications_with_one_client_id_share_a_token_only_if_they_have_the_same_secret() {
    let mut world = Scenario::new();
    let with_secret = |secret: &str| {
        let registration = Registration::new(Provider::visma_connect(), "isv_service")
            .client_secret(ClientSecret::new(secret));
        let app = ServiceApp::new(registration).unwrap();
        let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes(&["api:read"]));
        Operation::ServiceToken { app, request, newer_than: None }
    };
    let (right, same, wrong) = (
        world.call(with_secret("right")),
        world.call(with_secret("right")),
        world.call(with_secret("wrong")),
    );
    let (id, sent) = world.request();
    assert_eq!(form(&sent)["client_secret"], "right");
    world.answer(id, 200, &token("shared"));
    let (id, sent) = world.request();
    assert_eq!(form(&sent)["client_secret"], "wrong");
    world.answer(id, 401, &error("invalid_client"));
    assert_eq!((world.token(right), world.token(same)), ("shared".to_owned(), "shared".to_owned()));
    assert_eq!(world.error(wrong), "invalid_client");
    let later = world.call(with_secret("wrong"));
    let (id, _) = world.request();
    world.answer(id, 401, &error("invalid_client"));
    assert_eq!(world.error(later), "invalid_client", "nor does it get what is kept");
}
