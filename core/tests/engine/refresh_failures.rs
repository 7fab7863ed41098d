//! A session's token, when the refresh does not go well: what ends the session, and what keeps it.

use std::time::Duration;

use grantline_core::{
    Advice, CallId, Effect, Generation, HttpFailureKind, HttpResponse, LoginApp, Now, Operation,
    RecordOperation, Reply, SecretBytes, Sent, StoreFailure, StoreFailureKind, StoreReply, StoreRequest,
    Todo,
};
use serde_json::json;

use crate::clients::{error, form, key, record, session, session_token, standard_web, user_tokens, web};
use crate::refresh::{at_the_refresh, with_expired_session};
use crate::scenario::{Scenario, failure};
use crate::store::mark_of;

/// A token of an hour is fetched ahead after so long, and is still good.
const NEAR_ITS_END: Duration = Duration::from_secs(3500);

/// Asserts that the session is as good as before, and that a next call refreshes it.
fn session_is_kept(mut world: Scenario) {
    let row = world.store.row(&key(&web()));
    assert!(!row.ended);
    assert_eq!(row.lease, None, "the lease is given back");
    let call = world.call(session_token(&web()));
    let sent = world.grant(&user_tokens("recovered"));
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    assert_eq!(world.token(call), "recovered-access");
}

#[test]
fn a_request_that_was_not_sent_clears_the_lease_and_the_mark() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert_eq!(world.error(call), "connect_failed");
    assert_eq!(world.store.row(&key(&web())).mark, None);
    session_is_kept(world);
}

#[test]
fn a_lost_answer_is_asked_for_once_more_at_once() {
    let (mut world, call) = at_the_refresh();
    let (request, first) = world.request();
    world.lose_answer(request);
    let (request, second) = world.request();
    assert_eq!(form(&first), form(&second));
    world.answer(request, 200, &user_tokens("rescued"));
    assert_eq!(world.token(call), "rescued-access");
}

#[test]
fn an_answer_that_is_lost_twice_leaves_the_mark_for_whoever_comes_next() {
    let (mut world, call) = at_the_refresh();
    for _ in 0..2 {
        let (request, _) = world.request();
        world.lose_answer(request);
    }
    assert_eq!(world.error(call), "connection_lost");
    let row = world.store.row(&key(&web()));
    assert!(row.mark.is_some() && !row.ended);
}

#[test]
fn a_server_that_is_silent_twice_ends_the_call_and_keeps_the_session() {
    let (mut world, call) = at_the_refresh();
    for _ in 0..2 {
        world.request();
        world.pass_until_overdue();
    }
    assert_eq!(world.error(call), "timed_out");
    let row = world.store.row(&key(&web()));
    assert!(row.mark.is_some() && !row.ended);
    let again = world.call(session_token(&web()));
    world.nothing_to_do();
    world.pass(std::time::Duration::from_secs(5));
    world.grant(&user_tokens("recovered"));
    assert_eq!(world.token(again), "recovered-access");
}

#[test]
fn trouble_that_is_not_about_the_refresh_token_keeps_the_session() {
    let answers = [
        (400, "invalid_client"),
        (401, "invalid_client"),
        (400, "unauthorized_client"),
        (400, "invalid_request"),
        (400, "invalid_tenant"),
        (400, "temporarily_unavailable"),
        (400, "something_new"),
        (429, "slow_down"),
    ];
    for (status, code) in answers {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        world.answer(request, status, &error(code));
        assert_eq!(world.error(call), code);
        session_is_kept(world);
    }
}

#[test]
fn a_server_that_is_down_or_answers_html_keeps_the_session() {
    for (status, code) in [(501, "server_unavailable"), (429, "server_unavailable"), (404, "not_json")] {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        world.reply(
            request,
            Ok(HttpResponse { status, headers, body: SecretBytes::new(b"<p>no</p>".to_vec()) }),
        );
        assert_eq!(world.error(call), code);
        session_is_kept(world);
    }
}

#[test]
fn an_answer_that_says_it_worked_and_cannot_be_read_is_asked_for_once_more_at_once() {
    let gateways = [500, 502, 503, 504, 520, 524].map(|status| (status, ""));
    for (status, body) in [(200, "<p>no</p>"), (200, "{}"), (204, "")].into_iter().chain(gateways) {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = SecretBytes::new(body.as_bytes().to_vec());
        world.reply(request, Ok(HttpResponse { status, headers, body }));
        let (request, sent) = world.request();
        assert_eq!(form(&sent)["refresh_token"], "stored-refresh", "{status}");
        world.answer(request, 200, &user_tokens("rescued"));
        assert_eq!(world.token(call), "rescued-access");
    }
}

#[test]
fn every_failure_of_the_network_keeps_the_session() {
    let kinds = [
        (HttpFailureKind::Dns, "dns_failed"),
        (HttpFailureKind::Connect, "connect_failed"),
        (HttpFailureKind::Tls, "tls_failed"),
        (HttpFailureKind::NotPerformed, "not_performed"),
    ];
    for (kind, code) in kinds {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        world.reply(request, Err(failure(kind, Sent::CertainlyNot)));
        assert_eq!(world.error(call), code);
        session_is_kept(world);
    }
}

#[test]
fn a_dead_refresh_token_ends_the_session_and_is_not_sent_again() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    world.nothing_to_do();
    let refused = world.outcome(call).unwrap().unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.advice()), ("invalid_grant", Advice::LogInAgain));
    assert!(world.store.row(&key(&web())).ended);
    assert_eq!(
        world.store.row(&key(&web())).record.generation.0,
        1,
        "a late valid answer may still revive it"
    );
    let again = world.call(session_token(&web()));
    assert_eq!(world.error(again), "session_ended");
    assert_eq!(world.store.log, ["load", "begin", "load", "end", "load"]);
}

#[test]
fn a_session_that_ended_gives_no_token_although_the_one_in_hand_is_not_past_its_time() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(&json!({})));
    let first = world.call(session_token(&web()));
    assert_eq!(world.token(first), "stored-access");
    let newer_than = Some(Generation(4));
    let refresh = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(refresh), "invalid_grant");
    let after = world.call(session_token(&web()));
    assert_eq!(world.error(after), "session_ended");
}

#[test]
fn a_refused_refresh_token_that_another_host_replaced_is_no_end() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.store.put(&key(&web()), 2, record(&json!({"access_token": "of-the-other-host"})));
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.token(call), "of-the-other-host");
    assert!(!world.store.row(&key(&web())).ended);
}

#[test]
fn the_old_token_is_tried_after_a_holder_vanished_and_its_refusal_has_a_name_of_its_own() {
    let mut world = with_expired_session(&web());
    world.store.row(&key(&web())).mark = Some(mark_of(99));
    let call = world.call(session_token(&web()));
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "refresh_outcome_unknown");
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn a_refusal_of_the_second_try_after_a_lost_answer_has_that_name_too() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.lose_answer(request);
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "refresh_outcome_unknown");
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn a_lost_answer_is_not_forgotten_for_a_second_try_that_did_not_leave() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.lose_answer(request);
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert_eq!(world.error(call), "connection_lost");
    let row = world.store.row(&key(&web()));
    assert!(row.mark.is_some() && row.lease.is_none(), "the lease is given back, the mark stays");
}

#[test]
fn a_lost_answer_is_not_forgotten_for_a_second_try_that_met_a_503() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.lose_answer(request);
    let (request, _) = world.request();
    world.answer(request, 503, &error("temporarily_unavailable"));
    assert_eq!(world.error(call), "temporarily_unavailable");
    let row = world.store.row(&key(&web()));
    assert!(row.mark.is_some() && row.lease.is_none(), "the lease is given back, the mark stays");
}

/// A refused request with a header that says when to come back.
fn resting(status: u16, retry_after: &str) -> HttpResponse {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![header("date", "Sat, 21 Nov 2026 12:00:00 GMT"), header("retry-after", retry_after)];
    HttpResponse { status, headers, body: SecretBytes::new(Vec::new()) }
}

#[test]
fn a_server_that_says_when_to_come_back_has_not_taken_the_request() {
    let in_time = [("17", 17), ("Sat, 21 Nov 2026 12:00:40 GMT", 40), ("Sat, 21 Nov 2026 13:00:00 GMT", 300)];
    for (retry_after, seconds) in in_time {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        world.reply(request, Ok(resting(503, retry_after)));
        world.nothing_to_do();
        let refused = world.outcome(call).unwrap().unwrap_err();
        let after = Some(Duration::from_secs(seconds));
        assert_eq!(refused.advice(), Advice::Retry { after }, "{retry_after}");
        assert_eq!(world.store.row(&key(&web())).mark, None);
    }
}

#[test]
fn a_token_that_is_handed_out_because_the_next_was_not_to_be_had_is_told_and_not_asked_for_at_once() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 4, record(&json!({"lifetime_s": 3600})));
    world.now = Now { wall: world.now.wall.plus(NEAR_ITS_END), boot: world.now.boot.plus(NEAR_ITS_END) };
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    world.answer(request, 400, &error("temporarily_unavailable"));
    assert_eq!(world.token(call), "stored-access");
    let told = std::iter::from_fn(|| world.engine.next_event()).map(|event| event.name());
    assert_eq!(told.collect::<Vec<_>>(), ["refresh_failed"]);
    let again = world.call(session_token(&web()));
    assert_eq!(world.token(again), "stored-access", "and nothing is sent");
}

#[test]
fn a_store_that_gives_back_what_was_not_written_is_told_so_and_not_asked_for_ever() {
    let (mut world, call) = at_the_refresh();
    let mut sent = 0;
    while let Some(Todo::Do { id, effect, .. }) = world.engine.next() {
        let reply = match effect {
            Effect::Http(_) => {
                sent += 1;
                Reply::Http(Ok(crate::scenario::json_response(400, &error("invalid_grant"))))
            }
            Effect::Store(StoreRequest::On { operation: RecordOperation::End { .. }, .. }) => {
                Reply::Store(StoreReply::Superseded)
            }
            Effect::Store(request) => {
                let reply = world.store.perform(request, world.now.boot);
                world.store.row(&key(&web())).lease = None;
                Reply::Store(reply)
            }
            Effect::Sleep(_) => panic!("nothing is waited for"),
            _ => panic!("no such effect is known here"),
        };
        world.engine.reply(id, reply, world.now);
        assert!(sent < 20, "it goes on for ever");
    }
    assert_eq!(world.error(call), "store_misbehaved");
}

#[test]
fn an_earlier_mark_is_not_cleared_by_an_attempt_that_did_not_leave() {
    let mut world = with_expired_session(&web());
    world.store.row(&key(&web())).mark = Some(mark_of(99));
    let call = world.call(session_token(&web()));
    let (request, _) = world.request();
    world.refuse_connection(request);
    assert_eq!(world.error(call), "connect_failed");
    assert!(world.store.row(&key(&web())).mark.is_some());
}

#[test]
fn a_store_that_cannot_be_read_again_ends_no_session() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    world.store_fails();
    assert_eq!(world.error(call), "store_full");
    assert!(!world.store.row(&key(&web())).ended);
}

#[test]
fn a_store_that_fails_afterwards_does_not_hide_the_true_error() {
    for (code, performs) in [("invalid_client", false), ("invalid_grant", true)] {
        let (mut world, call) = at_the_refresh();
        let (request, _) = world.request();
        world.answer(request, 400, &error(code));
        if performs {
            world.store_performs();
        }
        world.store_fails();
        assert_eq!(world.error(call), code);
    }
}

#[test]
fn a_store_that_fails_at_the_lease_sends_nothing() {
    let (mut world, call) = at_the_refresh();
    world.store_fails();
    assert_eq!(world.error(call), "store_full");
}

#[test]
fn a_lease_that_a_stuck_store_gave_late_on_a_newer_generation_is_given_back() {
    let (mut world, call) = at_the_refresh();
    world.store_performs();
    let Some(Todo::Do { effect: Effect::Store(begin), .. }) = world.engine.next() else {
        panic!("the lease is asked for");
    };
    world.pass_until_overdue();
    world.store.put(&key(&web()), 2, record(&json!({})));
    world.store.perform(begin, world.now.boot);
    assert_eq!(world.token(call), "stored-access", "the newer generation's");
    let row = world.store.row(&key(&web()));
    assert_eq!((row.mark, row.lease), (None, None));
}

#[test]
fn a_lease_whose_reply_was_lost_is_given_back_and_asked_for_again() {
    let (mut world, call) = at_the_refresh();
    world.store_performs();
    let Some(Todo::Do { id, effect: Effect::Store(begin), .. }) = world.engine.next() else {
        panic!("the lease is asked for");
    };
    world.store.perform(begin, world.now.boot);
    let lost = StoreFailure::new(StoreFailureKind::Unavailable, "the connection broke");
    world.engine.reply(id, Reply::Store(StoreReply::Failed(lost)), world.now);
    world.grant(&user_tokens("new"));
    assert_eq!(world.token(call), "new-access");
    assert_eq!(world.store.log, ["load", "begin", "end", "load", "begin", "commit"]);
}

#[test]
fn an_end_whose_reply_was_lost_is_asked_for_again() {
    let (mut world, call) = at_the_refresh();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    world.store_performs();
    world.store_fails();
    assert_eq!(world.error(call), "invalid_grant");
    assert!(world.store.row(&key(&web())).ended);
}

/// A refresh that the server refuses because a scope is gone.
fn invalid_scope(app: &LoginApp) -> (Scenario, CallId) {
    let mut world = with_expired_session(app);
    let call = world.call(session_token(app));
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_scope"));
    (world, call)
}

#[test]
fn visma_s_invalid_scope_asks_for_consent_again() {
    let (mut world, call) = invalid_scope(&web());
    world.nothing_to_do();
    let refused = world.outcome(call).unwrap().unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.advice()), ("invalid_scope", Advice::LogInAgain));
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn a_standard_server_s_invalid_scope_keeps_the_session() {
    let app = standard_web();
    let (mut world, call) = invalid_scope(&app);
    assert_eq!(world.error(call), "invalid_scope");
    assert!(!world.store.row(&key(&app)).ended);
}

#[test]
fn there_is_no_token_of_an_unknown_session() {
    let mut world = Scenario::new();
    let call = world.call(session_token(&web()));
    assert_eq!(world.error(call), "session_unknown");
}

#[test]
fn without_a_refresh_token_an_expired_session_asks_for_a_login() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({"refresh_token": null})));
    let good = world.call(session_token(&web()));
    assert_eq!(world.token(good), "stored-access");
    world.pass(Duration::from_secs(3400));
    let near_its_end = world.call(session_token(&web()));
    assert_eq!(world.token(near_its_end), "stored-access");
    world.pass(Duration::from_secs(200));
    let expired = world.call(session_token(&web()));
    assert_eq!(world.error(expired), "no_refresh_token");
    let row = world.store.row(&key(&web()));
    assert!(row.lease.is_none() && row.mark.is_none() && !row.ended);
    let written = world.store.log.iter().filter(|operation| **operation != "load").count();
    assert_eq!(written, 0, "nothing is written where nothing can be sent");
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_left_alone() {
    for (text, code) in [("{\"v\":1", "record_malformed"), ("{\"v\":2}", "record_too_new")] {
        let mut world = Scenario::new();
        world.store.put(&key(&web()), 1, SecretBytes::new(text.as_bytes().to_vec()));
        let call = world.call(session_token(&web()));
        assert_eq!(world.error(call), code);
        let row = world.store.row(&key(&web()));
        assert!(row.lease.is_none() && !row.ended);
        assert_eq!(row.record.bytes.expose_secret(), text.as_bytes());
    }
}
