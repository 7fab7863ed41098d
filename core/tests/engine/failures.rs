//! What kinds of failure there are, outside the server's own words: of the network, of the store, and of ours.

use std::sync::Arc;

use grantline_core::{
    Advice, CallId, Engine, Error, Fault, HttpFailureKind, LoginRequest, Reply, Sent, Settings,
    SignatureVerifier, SigningAlgorithm, StoreFailure, StoreFailureKind, StoreReply, Todo, VerifyingKey,
};
use serde_json::json;

use crate::clients::{
    key, login_request, record, scopes, service_token, session, session_token, token, user_tokens, web,
};
use crate::id_tokens::id_token;
use crate::logins::{begin, complete, cookie, logged_in, query};
use crate::scenario::{Scenario, failure};

fn failed(world: &mut Scenario, call: CallId) -> Error {
    world.nothing_to_do();
    world.outcome(call).unwrap().unwrap_err()
}

#[test]
fn a_request_that_did_not_leave_is_told_by_its_kind_and_may_be_tried_again() {
    for (kind, code) in [
        (HttpFailureKind::Dns, "dns_failed"),
        (HttpFailureKind::Connect, "connect_failed"),
        (HttpFailureKind::Tls, "tls_failed"),
        (HttpFailureKind::NotPerformed, "not_performed"),
    ] {
        let mut world = Scenario::new();
        let call = world.call(service_token());
        let (request, _) = world.request();
        world.reply(request, Err(failure(kind, Sent::CertainlyNot)));
        let error = failed(&mut world, call);
        assert_eq!((error.code().as_ref(), error.fault()), (code, Fault::Transport));
        let again = world.call(service_token());
        world.grant(&token("at-last"));
        assert_eq!(world.token(again), "at-last");
    }
}

#[test]
fn an_answer_that_never_came_whole_is_told_by_its_kind_and_its_login_is_over() {
    for (kind, code) in [
        (HttpFailureKind::TimedOut, "timed_out"),
        (HttpFailureKind::ConnectionLost, "connection_lost"),
        (HttpFailureKind::BodyTooLarge, "body_too_large"),
        (HttpFailureKind::NotHttp, "not_http"),
    ] {
        let mut world = Scenario::new();
        let begun = begin(&mut world, &web(), login_request());
        let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
        let (request, _) = world.request();
        world.reply(request, Err(failure(kind, Sent::Maybe)));
        let error = failed(&mut world, call);
        assert_eq!((error.code().as_ref(), error.fault()), (code, Fault::Transport));
        assert!(error.to_string().contains("the request may have arrived"), "{error}");
        let again = complete(&mut world, &begun, &query(&begun), cookie(&begun));
        assert_eq!(world.error(again), "callback_already_used", "the code is not sent again");
    }
}

#[test]
fn a_store_that_cannot_be_read_is_told_by_its_kind_and_nothing_is_sent() {
    for (kind, code, advice) in [
        (StoreFailureKind::Unavailable, "store_unavailable", Advice::Retry { after: None }),
        (StoreFailureKind::Full, "store_full", Advice::FixConfiguration),
        (StoreFailureKind::Denied, "store_denied", Advice::FixConfiguration),
        (StoreFailureKind::Damaged, "store_damaged", Advice::FixConfiguration),
        (StoreFailureKind::TooNew, "store_too_new", Advice::FixConfiguration),
        (StoreFailureKind::Misbehaved, "store_misbehaved", Advice::ReportBug),
    ] {
        let mut world = Scenario::new();
        world.store.put(&key(&web()), 1, record(&json!({})));
        let call = world.call(session_token(&web()));
        let Some(Todo::Do { id, .. }) = world.engine.next() else { panic!("the store is asked first") };
        let reply = StoreReply::Failed(StoreFailure::new(kind, "as the test has it"));
        world.engine.reply(id, Reply::Store(reply), world.now);
        let error = failed(&mut world, call);
        assert_eq!((error.code().as_ref(), error.fault(), error.advice()), (code, Fault::Store, advice));
        assert!(error.to_string().contains("as the test has it"), "{error}");
        let again = world.call(session_token(&web()));
        assert_eq!(world.token(again), "stored-access", "and nothing was changed");
    }
}

#[derive(Debug)]
struct PanicsAtTheFirst(std::sync::atomic::AtomicBool);

impl SignatureVerifier for PanicsAtTheFirst {
    fn verify(&self, _: SigningAlgorithm, _: &VerifyingKey, _: &[u8], _: &[u8]) -> bool {
        assert!(self.0.swap(true, std::sync::atomic::Ordering::Relaxed), "a verifier that panics");
        true
    }
}

#[test]
fn a_verifier_that_panics_costs_its_own_call_and_no_other() {
    let verifier = Arc::new(PanicsAtTheFirst(false.into()));
    let mut world = Scenario::new();
    world.engine = Engine::with(&Settings::default().signature_verifier(verifier));
    let mut log_in = || {
        let request = LoginRequest::new(scopes(&["openid"])).session(session("anna"));
        let begun = begin(&mut world, &web(), request);
        let nonce = begun.url.split_once("&nonce=").unwrap().1.split('&').next().unwrap().to_owned();
        let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
        let mut tokens = user_tokens("anna");
        tokens["id_token"] = json!(id_token(&json!({"nonce": nonce})));
        world.grant(&tokens);
        call
    };
    let (first, second) = (log_in(), log_in());
    let error = failed(&mut world, first);
    assert_eq!((error.code().as_ref(), error.fault()), ("internal", Fault::Internal));
    assert_eq!(error.advice(), Advice::ReportBug);
    logged_in(&mut world, second);
    assert!(world.engine.is_idle(), "nothing is left of the first");
}
