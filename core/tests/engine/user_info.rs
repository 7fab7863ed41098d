//! What the provider says of a user, of a token, and a token of itself: userinfo, introspection, the tenant check.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_core::{
    AccessToken, CallId, Error, HttpRequest, HttpResponse, Method, Operation, Outcome, Output, SecretBytes,
    SecretText, TenantChoice,
};
use serde_json::{Value, json};

use crate::clients::{TENANT, form, registration, service_token_for, session_token, user_tokens, web};
use crate::id_tokens::claims;
use crate::refresh::at_the_refresh;
use crate::scenario::{Scenario, json_response};
use crate::server;

/// A world with an access token of Anna's.
fn with_token() -> (Scenario, Arc<AccessToken>) {
    let (mut world, call) = at_the_refresh();
    world.grant(&user_tokens("anna"));
    world.nothing_to_do();
    let Some(Ok(Output::Token(token))) = world.outcome(call) else { panic!("there is a token") };
    (world, token)
}

fn ask(subject: Option<&str>, response: HttpResponse) -> (HttpRequest, Outcome) {
    let (mut world, token) = with_token();
    let subject = subject.map(str::to_owned);
    let call = world.call(Operation::UserInfo { app: web(), token, subject });
    let (id, request) = world.request();
    world.reply(id, Ok(response));
    world.nothing_to_do();
    (request, world.outcome(call).unwrap())
}

fn code(outcome: Outcome) -> String {
    outcome.unwrap_err().code().into_owned()
}

fn answered(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> HttpResponse {
    let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
    HttpResponse { status, headers, body: SecretBytes::new(body.into()) }
}

#[test]
fn userinfo_is_asked_with_the_token_in_the_header_alone() {
    let (request, outcome) =
        ask(Some("anna"), json_response(200, &json!({"sub": "anna", "name": "Anna", "auth_time": "1"})));
    assert_eq!(
        (request.method, request.url.as_str()),
        (Method::Get, "https://connect.visma.com/connect/userinfo")
    );
    let header = request.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
    assert_eq!(header.1.expose_secret(), "Bearer anna-access");
    let Ok(Output::UserInfo(answer)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((answer.subject(), answer.claim("name")), ("anna", Some(&json!("Anna"))));
    assert!(!format!("{answer:?}").contains("Anna"));
}

#[test]
fn f174_an_answer_about_anybody_else_or_about_nobody_is_refused() {
    for body in [json!({"sub": "berit"}), json!({"name": "Anna"}), json!({"sub": 7}), json!({"sub": ""})] {
        assert_eq!(
            code(ask(Some("anna"), json_response(200, &body)).1),
            "user_info_subject_mismatch",
            "{body}"
        );
    }
    let (_, unidentified) = ask(None, json_response(200, &json!({"sub": "berit"})));
    assert!(matches!(unidentified, Ok(Output::UserInfo(_))), "there is nothing to compare with");
}

#[test]
fn f174_a_signed_answer_is_verified_and_has_the_right_issuer_and_audience() {
    let signed = |changes: &Value, by: u8| {
        let token = server::signed_under(&json!({"alg": "EdDSA", "kid": "key-1"}), by, &claims(changes));
        ask(Some("anna"), answered(200, "application/jwt", token)).1
    };
    assert!(signed(&json!({}), 1).is_ok());
    let forged = signed(&json!({}), 2).unwrap_err();
    assert_eq!(forged.code(), "id_token_signature_invalid");
    assert!(forged.to_string().contains("the signed UserInfo answer's signature"), "{forged}");
    assert_eq!(code(signed(&json!({"iss": "https://evil.example"}), 1)), "id_token_issuer_mismatch");
    assert_eq!(code(signed(&json!({"aud": "isv_other"}), 1)), "id_token_audience_mismatch");
    assert_eq!(code(signed(&json!({"sub": "berit"}), 1)), "user_info_subject_mismatch");
}

#[test]
fn a_signed_answer_of_another_kind_is_refused() {
    for (kind, expected) in [
        ("JWT", None),
        ("at+jwt", Some("id_token_of_another_kind")),
        ("logout+jwt", Some("id_token_of_another_kind")),
    ] {
        let header = json!({"alg": "EdDSA", "kid": "key-1", "typ": kind});
        let token = server::signed_under(&header, 1, &claims(&json!({})));
        let (_, outcome) = ask(Some("anna"), answered(200, "application/jwt", token));
        assert_eq!(outcome.err().map(|error| error.code().into_owned()).as_deref(), expected, "{kind}");
    }
}

#[test]
fn f175_a_refusal_is_told_in_the_words_of_the_challenge() {
    let challenged = |status: u16, challenge: &str| {
        let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
        let (_, outcome) =
            ask(Some("anna"), HttpResponse { status, headers, body: SecretBytes::new(Vec::new()) });
        outcome.unwrap_err()
    };
    let invalid = challenged(
        401,
        r#"Basic realm="x", BEARER error="invalid_token", error_description="gone, \"really\"""#,
    );
    let Error::Server(refusal) = &invalid else { panic!("{invalid:?}") };
    assert_eq!(
        (refusal.error.as_str(), refusal.description.as_deref()),
        ("invalid_token", Some("gone, \"really\""))
    );
    for (challenge, code) in [
        (r#"Bearer error="insufficient_scope", scope="openid""#, "insufficient_scope"),
        ("", "user_info_forbidden"),
    ] {
        let forbidden = challenged(403, challenge);
        assert_eq!((forbidden.code(), forbidden.advice().name()), (code.into(), "fix_configuration"));
        assert!(forbidden.to_string().contains("log in with the scope openid"), "{forbidden}");
    }
    for challenge in ["Bearer", "", "=,\"", r#"Bearer error="a\"b""#] {
        assert_eq!(challenged(401, challenge).code(), "unexpected_status", "{challenge}");
    }
}

#[test]
fn a_challenge_that_repeats_the_token_does_not_show_it() {
    for (challenge, expected) in [
        (r#"Bearer error="anna-access""#, "unexpected_status"),
        (r#"Bearer error="invalid_token", error_description="anna-access is gone""#, "invalid_token"),
    ] {
        let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
        let (_, outcome) =
            ask(None, HttpResponse { status: 401, headers, body: SecretBytes::new(Vec::new()) });
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), expected);
        assert!(!format!("{error} {error:?}").contains("anna-access"), "{error:?}");
    }
}

#[test]
fn what_is_neither_json_nor_signed_is_refused() {
    for (content_type, body, expected) in [
        ("text/html", "<html>", "not_json"),
        ("application/json", "[]", "malformed_json"),
        ("application/json", r#"{"sub":"anna","sub":"berit"}"#, "malformed_json"),
        ("application/jwt", "x.y.z", "id_token_malformed"),
    ] {
        assert_eq!(code(ask(Some("anna"), answered(200, content_type, body)).1), expected);
    }
    assert_eq!(code(ask(None, json_response(302, &json!({}))).1), "unexpected_redirect");
    assert_eq!(code(ask(None, json_response(503, &json!({}))).1), "server_unavailable");
}

fn introspected(response: HttpResponse) -> (HttpRequest, Outcome) {
    let mut world = Scenario::new();
    let registration = registration(grantline_core::Provider::visma_connect(), "isv_api");
    let call = world.call(Operation::Introspect { registration, token: SecretText::new("a-token") });
    let (id, request) = world.request();
    world.reply(id, Ok(response));
    world.nothing_to_do();
    (request, world.outcome(call).unwrap())
}

#[test]
fn an_active_token_s_members_are_known_and_no_other_s() {
    let body =
        json!({"active": true, "sub": "anna", "client_id": "isv_web", "scope": "a b", "exp": 1000, "x": [1]});
    let (request, outcome) = introspected(json_response(200, &body));
    assert_eq!(request.url, "https://connect.visma.com/connect/introspect");
    let sent = form(&request);
    assert_eq!((sent["token"].as_str(), sent["client_id"].as_str()), ("a-token", "isv_api"));
    let Ok(Output::Introspection(known)) = outcome else { panic!("{outcome:?}") };
    assert!(known.is_active());
    assert_eq!((known.subject(), known.client_id()), (Some("anna"), Some("isv_web")));
    assert_eq!(known.scopes().unwrap().iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(known.expires_at().unwrap().0, 1_000_000);
    assert_eq!(known.member("x"), Some(&json!([1])));

    let (_, outcome) = introspected(json_response(200, &json!({"active": false, "sub": "anna"})));
    let Ok(Output::Introspection(unknown)) = outcome else { panic!("{outcome:?}") };
    assert!(!unknown.is_active() && unknown.subject().is_none() && unknown.members().is_empty());
}

#[test]
fn f176_f178_active_is_a_boolean_in_a_json_object() {
    for (response, expected) in [
        (json_response(200, &json!({"active": "true"})), "member_malformed"),
        (json_response(200, &json!({"active": 1})), "member_malformed"),
        (json_response(200, &json!({})), "member_missing"),
        (answered(200, "text/html", "<html>"), "not_json"),
        (answered(200, "application/token-introspection+jwt", "x.y.z"), "not_json"),
        (answered(200, "application/json", r#"{"active":false,"active":true}"#), "malformed_json"),
        (json_response(401, &json!({"error": "invalid_client"})), "invalid_client"),
        (json_response(500, &json!({})), "server_unavailable"),
    ] {
        assert_eq!(code(introspected(response).1), expected);
    }
}

#[test]
fn no_answer_about_a_token_is_fetched_from_where_a_redirect_leads() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = || {
            let headers = vec![("Location".to_owned(), "https://evil.example/".to_owned())];
            HttpResponse { status, headers, body: SecretBytes::new(Vec::new()) }
        };
        assert_eq!(code(ask(Some("anna"), elsewhere()).1), "unexpected_redirect", "{status}");
        assert_eq!(code(introspected(elsewhere()).1), "unexpected_redirect", "{status}");
    }
}

const OTHER_TENANT: &str = "22222222-2222-4222-8222-222222222222";

/// What comes of a service token with this claim.
fn token_for(choice: TenantChoice, tenant_id: &Value) -> String {
    let mut world = Scenario::new();
    let call = world.call(service_token_for(choice, &["api:read"]));
    let mut claims = json!({"scope": ["api:read"]});
    claims["tenant_id"] = tenant_id.clone();
    let token = server::signed_by(1, &claims);
    world.grant(&json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}));
    outcome_of(&mut world, call)
}

fn outcome_of(world: &mut Scenario, call: CallId) -> String {
    world.nothing_to_do();
    match world.outcome(call).unwrap() {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.code().into_owned(),
    }
}

#[test]
fn a_token_of_another_tenant_than_the_one_asked_for_is_not_used() {
    let tenant = || TenantChoice::tenant(TENANT).unwrap();
    for (choice, claim, expected) in [
        (tenant(), json!(TENANT), "accepted"),
        (tenant(), json!(TENANT.to_uppercase()), "accepted"),
        (tenant(), json!(null), "accepted"),
        (tenant(), json!(OTHER_TENANT), "tenant_mismatch"),
        (tenant(), json!("not a uuid"), "tenant_mismatch"),
        (tenant(), json!([OTHER_TENANT]), "tenant_mismatch"),
        (tenant(), json!([TENANT]), "tenant_mismatch"),
        (tenant(), json!(22), "tenant_mismatch"),
        (TenantChoice::no_tenant(), json!(null), "accepted"),
        (TenantChoice::no_tenant(), json!(22), "tenant_mismatch"),
        (TenantChoice::no_tenant(), json!(OTHER_TENANT), "tenant_mismatch"),
        (TenantChoice::default_tenant(), json!(OTHER_TENANT), "accepted"),
    ] {
        assert_eq!(token_for(choice, &claim), expected, "{choice} {claim}");
    }
}

fn outcome_with(access_token: &str) -> String {
    let mut world = Scenario::new();
    let call = world.call(service_token_for(TenantChoice::tenant(TENANT).unwrap(), &["api:read"]));
    world.grant(&crate::clients::token(access_token));
    outcome_of(&mut world, call)
}

#[test]
fn a_token_that_is_opaque_says_nothing_of_its_tenant() {
    for token in ["opaque", "with.two.dots", "e30.bm8tanNvbg.c2ln"] {
        assert_eq!(outcome_with(token), "accepted", "{token}");
    }
}

#[test]
fn a_token_of_which_readers_may_take_another_tenant_is_not_used() {
    let claims = format!(r#"{{"tenant_id":"{OTHER_TENANT}","tenant_id":"{TENANT}"}}"#);
    for claims in [claims, format!(r#"{{"tenant_id":"{OTHER_TENANT}","x":1,"x":1}}"#)] {
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(&claims));
        assert_eq!(outcome_with(&token), "tenant_mismatch", "{claims}");
    }
}

#[test]
fn a_session_says_whose_it_is_until_it_ends() {
    let mut world = Scenario::new();
    let stored = json!({"id_token": crate::id_tokens::id_token(&json!({"sid": "s-1"}))});
    world.store.put(&crate::clients::key(&web()), 1, crate::clients::record(&stored));
    let ask = || Operation::SessionIdentity { app: web(), session: crate::clients::session("anna") };
    let call = world.call(ask());
    world.nothing_to_do();
    let Some(Ok(Output::Identity(Some(identity)))) = world.outcome(call) else { panic!("it is known") };
    assert_eq!((identity.subject(), identity.session_id()), ("anna", Some("s-1")));

    world.store.put(&crate::clients::key(&web()), 1, crate::clients::record(&json!({})));
    let call = world.call(ask());
    world.nothing_to_do();
    assert!(matches!(world.outcome(call), Some(Ok(Output::Identity(None)))), "nobody was identified");

    let mut world = Scenario::new();
    let call = world.call(ask());
    assert_eq!(world.error(call), "session_unknown");
    let token = world.call(session_token(&web()));
    assert_eq!(world.error(token), "session_unknown");
}
