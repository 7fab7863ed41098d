//! The ID token of a refresh (OpenID Connect Core section 12.2): if it speaks of another user, client or login, nothing of
//! the answer is kept, and somebody is told.

use std::time::Duration;

use grantline_core::{CallId, Generation};
use serde_json::{Value, json};

use crate::clients::{error, form, key, record, session_token, user_tokens, web};
use crate::id_tokens::id_token;
use crate::scenario::{START, Scenario};

/// A refresh of a session that Anna's ID token stands in, answered with another ID token.
fn refreshed_with(changes: &Value) -> (Scenario, CallId) {
    refreshed(&json!({"nonce": "n1"}), changes, START.wall.0 - 7_200_000)
}

fn refreshed(old: &Value, new: &Value, obtained_ms: u64) -> (Scenario, CallId) {
    let mut world = Scenario::new();
    let stored = json!({"obtained_ms": obtained_ms, "id_token": id_token(old)});
    world.store.put(&key(&web()), 1, record(&stored));
    let call = world.call(session_token(&web()));
    answer(&mut world, new);
    (world, call)
}

fn answer(world: &mut Scenario, claims: &Value) {
    let mut tokens = user_tokens("new");
    tokens["id_token"] = json!(id_token(claims));
    world.grant(&tokens);
}

fn names(world: &Scenario) -> Vec<&'static str> {
    std::iter::from_fn(|| world.engine.next_event()).map(|event| event.name()).collect()
}

#[test]
fn f117_an_answer_for_another_user_client_or_login_is_discarded_and_an_alarm_is_told() {
    let now = START.wall.0 / 1000;
    for (changes, code) in [
        (json!({"sub": "berit"}), "id_token_subject_mismatch"),
        (json!({"iss": "https://connect.visma.com/"}), "id_token_issuer_mismatch"),
        (json!({"aud": "isv_other"}), "id_token_audience_mismatch"),
        (json!({"aud": []}), "id_token_claim_missing"),
        (json!({"nonce": "n2"}), "id_token_nonce_mismatch"),
        (json!({"auth_time": now}), "id_token_claim_changed"),
        (json!({"iat": now - 61}), "id_token_claim_changed"),
        (json!({"azp": "isv_other"}), "id_token_claim_changed"),
        (json!({"sub": null}), "id_token_claim_missing"),
        (json!({"exp": "soon"}), "id_token_claim_malformed"),
    ] {
        let (mut world, call) = refreshed_with(&changes);
        assert_eq!(world.error(call), code, "{changes}");
        assert_eq!(names(&world), ["answer_discarded", "refresh_failed"], "{changes}");
        let row = world.store.row(&key(&web()));
        assert_eq!((row.record.generation, row.ended, row.lease), (Generation(1), false, None), "{changes}");
        assert!(row.mark.is_some(), "the server may have spent the refresh token");
        assert_eq!(world.store.member(&key(&web()), "refresh_token"), "stored-refresh");
    }
}

#[test]
fn an_answer_that_cannot_be_read_as_an_id_token_is_discarded() {
    let (mut world, call) = crate::refresh::at_the_refresh();
    let mut tokens = user_tokens("new");
    tokens["id_token"] = json!("not.signed");
    world.grant(&tokens);
    assert_eq!(world.error(call), "id_token_malformed");
    assert_eq!(world.store.member(&key(&web()), "refresh_token"), "stored-refresh");
}

#[test]
fn what_a_server_may_leave_out_or_add_is_no_contradiction() {
    let later = START.wall.0 / 1000 + 3600;
    let (old, new) = (json!({"nonce": "n1"}), json!({"nonce": "n1"}));
    for (old, new) in [
        (&old, &new),
        (&old, &json!({})),
        (&old, &json!({"auth_time": null})),
        (&json!({"auth_time": null, "azp": null}), &json!({"azp": "isv_web"})),
        (&old, &json!({"aud": ["isv_web", "https://api.example"]})),
        (&old, &json!({"iat": later, "exp": later + 300, "acr": "1", "sid": "another"})),
    ] {
        let (mut world, call) = refreshed(old, new, START.wall.0 - 7_200_000);
        assert_eq!(world.token(call), "new-access", "{old} {new}");
    }
}

#[test]
fn a_nonce_where_the_login_had_none_belongs_to_another_login() {
    let (mut world, call) = refreshed(&json!({}), &json!({"nonce": "n1"}), START.wall.0 - 7_200_000);
    assert_eq!(world.error(call), "id_token_nonce_mismatch");
}

#[test]
fn without_an_id_token_of_the_login_issuer_and_audience_count_all_the_same() {
    for (changes, code) in [
        (json!({"aud": "isv_other"}), "id_token_audience_mismatch"),
        (json!({"iss": "https://evil.example"}), "id_token_issuer_mismatch"),
    ] {
        let (mut world, call) = crate::refresh::at_the_refresh();
        answer(&mut world, &changes);
        assert_eq!(world.error(call), code);
    }
}

#[test]
fn a_token_that_is_still_good_is_used_on_and_the_alarm_is_told() {
    let near_its_end = START.wall.0 - 3_500_000;
    let (mut world, call) = refreshed(&json!({}), &json!({"sub": "berit"}), near_its_end);
    assert_eq!(world.token(call), "stored-access");
    assert_eq!(names(&world), ["answer_discarded", "refresh_failed"]);
}

#[test]
fn the_next_attempt_finds_the_mark_and_a_refusal_then_ends_the_session_as_one_whose_answer_was_lost() {
    let (mut world, call) = refreshed_with(&json!({"sub": "berit"}));
    assert_eq!(world.error(call), "id_token_subject_mismatch");
    world.pass(Duration::from_secs(31));
    let again = world.call(session_token(&web()));
    let (request, sent) = world.request();
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(again), "refresh_outcome_unknown");
    assert!(world.store.row(&key(&web())).ended);
}

#[test]
fn whose_session_it_is_stays_as_the_login_s_own_id_token_said() {
    let (mut world, call) = refreshed(&json!({"acr": "1"}), &json!({"acr": "9"}), START.wall.0 - 7_200_000);
    assert_eq!(world.token(call), "new-access");
    let stored = world.store.member(&key(&web()), "id_token");
    assert_eq!(stored, json!(id_token(&json!({"acr": "1"}))));
}
