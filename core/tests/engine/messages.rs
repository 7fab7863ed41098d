//! What messages say to who meets them for the first time: what happened, and what to look at.

use grantline_core::{CallId, Error, Generation, Operation, Output, Provider, SecretText, TenantChoice};
use serde_json::json;

use crate::clients::{
    TENANT, error, key, login_request, record, service_token_for, session, session_token, standard_web, web,
};
use crate::id_tokens::id_token;
use crate::logins::{begin, complete, cookie, query};
use crate::refresh::{at_the_refresh, with_expired_session};
use crate::scenario::Scenario;
use crate::server;

fn refused(world: &mut Scenario, call: CallId) -> Error {
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Err(error)) => error,
        other => panic!("expected an error, got {other:?}"),
    }
}

/// That the message says all of it, in this order.
fn says(error: &Error, words: &[&str]) {
    let message = error.to_string();
    let mut rest = message.as_str();
    for word in words {
        let place = rest.find(word).unwrap_or_else(|| panic!("{word:?} is missing in: {message}"));
        rest = &rest[place + word.len()..];
    }
}

fn says_not(error: &Error, word: &str) {
    assert!(!error.to_string().contains(word), "{error}");
}

fn at_the_exchange() -> (Scenario, CallId) {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    (world, call)
}

#[test]
fn a_session_that_one_ended_oneself_does_not_say_that_the_server_did() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({"refresh_token": null})));
    let ended = world.call(Operation::EndSession { app: web(), session: session("anna") });
    world.nothing_to_do();
    assert!(matches!(world.outcome(ended), Some(Ok(Output::Ended(_)))));
    let call = world.call(session_token(&web()));
    let over = refused(&mut world, call);
    says(&over, &["by this application", "shares its store", "or since the server", "log the user in again"]);
}

#[test]
fn a_bare_invalid_client_says_what_to_check_and_in_which_order() {
    for app in [web(), standard_web()] {
        let mut world = with_expired_session(&app);
        let call = world.call(session_token(&app));
        let (id, _) = world.request();
        world.answer(id, 401, &error("invalid_client"));
        says(
            &refused(&mut world, call),
            &["client id", "client secret", "environment", "authentication method"],
        );
    }
}

#[test]
fn a_bare_invalid_grant_speaks_of_the_code_after_a_login_and_of_the_refresh_token_after_a_refresh() {
    let (mut world, call) = at_the_exchange();
    let (id, _) = world.request();
    world.answer(id, 400, &error("invalid_grant"));
    let of_code = refused(&mut world, call);
    says(&of_code, &["sent before", "expired", "redirect URI", "Begin a new login"]);
    says_not(&of_code, "refresh token");

    let (mut world, call) = at_the_refresh();
    let (id, _) = world.request();
    world.answer(id, 400, &error("invalid_grant"));
    let of_token = refused(&mut world, call);
    says(&of_token, &["refresh token", "used before", "revoked", "expired", "Log the user in again"]);
    says_not(&of_token, "redirect URI");
}

#[test]
fn a_refresh_that_was_asked_for_while_the_token_is_fresh_does_not_call_it_expired() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({"refresh_token": null})));
    let newer_than = Some(Generation(1));
    let call = world.call(Operation::SessionToken { app: web(), session: session("anna"), newer_than });
    let none = refused(&mut world, call);
    assert_eq!(none.code(), "no_refresh_token");
    says(&none, &["or was to be replaced", "no refresh token", "offline_access"]);
}

#[test]
fn a_login_whose_code_never_left_is_not_told_that_it_is_spent() {
    let (mut world, call) = at_the_exchange();
    let (id, _) = world.request();
    world.refuse_connection(id);
    let over = refused(&mut world, call);
    says(&over, &["nothing was sent", "callback is handled only once", "begin a new login"]);
    says_not(&over, "spent");
}

#[test]
fn the_tenant_s_approval_is_spoken_of_only_where_a_tenant_was_named() {
    let refusal = |tenant: TenantChoice, code: &str| {
        let mut world = Scenario::new();
        let call = world.call(service_token_for(tenant, &["api:read"]));
        let (id, _) = world.request();
        world.answer(id, 400, &error(code));
        refused(&mut world, call)
    };
    for code in ["invalid_tenant", "access_denied", "unauthorized_client", "invalid_grant"] {
        let named = refusal(TenantChoice::tenant(TENANT).unwrap(), code);
        says(&named, &["administrator must approve"]);
        says_not(&named, "named no tenant");
        let unnamed = refusal(TenantChoice::no_tenant(), code);
        says(&unnamed, &["named no tenant", "name a tenant", "not tenant-based"]);
        says_not(&unnamed, "administrator must approve");
        assert_eq!(named.advice(), unnamed.advice());
    }
    says(&refusal(TenantChoice::no_tenant(), "invalid_request"), &["named no tenant"]);
    says_not(&refusal(TenantChoice::tenant(TENANT).unwrap(), "invalid_request"), "tenant-based");
}

#[test]
fn an_issuer_with_a_slash_at_its_end_or_without_a_scheme_is_told_what_to_write() {
    for (issuer, instead) in [
        ("http://127.0.0.1:4455/", "write \"http://127.0.0.1:4455\""),
        ("127.0.0.1:4455", "write \"http://127.0.0.1:4455\""),
        ("connect.visma.com", "write \"https://connect.visma.com\""),
        ("http://connect.visma.com/", "write \"https://connect.visma.com\""),
    ] {
        says(&Provider::visma_connect_at(issuer).unwrap_err(), &[issuer, instead]);
    }
    let document = r#"{"issuer":"https://id.example"}"#;
    let mismatch = Provider::from_metadata("https://id.example/", document).unwrap_err();
    says(&mismatch, &["If \"https://id.example\" is the server that you mean, write its issuer so"]);
}

#[test]
fn what_is_wrong_with_a_logout_token_is_not_told_of_an_id_token() {
    let mut world = Scenario::new();
    let claims = json!({"iss": "https://evil.example"});
    let forged = server::signed_under(&json!({"alg": "EdDSA", "kid": "key-1"}), 2, &claims);
    for (form, code) in [
        (format!("logout_token={forged}"), "id_token_signature_invalid"),
        ("logout_token=x.y.z".to_owned(), "id_token_malformed"),
    ] {
        let form = SecretText::new(form);
        let call = world.call(Operation::CheckLogoutNotice { app: web(), form });
        let wrong = refused(&mut world, call);
        assert_eq!(wrong.code(), code);
        says(&wrong, &["the logout token"]);
        says_not(&wrong, "ID token");
    }
    let of_another_kind = SecretText::new(format!("logout_token={}", id_token(&json!({}))));
    let call = world.call(Operation::CheckLogoutNotice { app: web(), form: of_another_kind });
    says(&refused(&mut world, call), &["in the place of the logout token"]);
}
