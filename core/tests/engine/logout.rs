//! The end of a user's session at the provider: the URL that asks for it, and the provider's own notice.

use std::collections::BTreeMap;
use std::time::Duration;

use grantline_core::{
    Callback, KeySet, LogoutNotice, LogoutRedirect, LogoutRequest, Operation, Output, Provider, Registration,
    RustCryptoVerifier, SecretText, UnixMillis, WebApp, WebhookEvent,
};
use serde_json::{Value, json};
use url::Url;

use crate::clients::{key, record, registration, session, standard_web, web};
use crate::id_tokens::id_token;
use crate::scenario::{START, Scenario};
use crate::server;

/// A URL for what the end of the session leaves.
fn redirect(world: &mut Scenario, request: LogoutRequest) -> LogoutRedirect {
    let ended = world.call(Operation::EndSession { app: web(), session: session("anna") });
    world.nothing_to_do();
    let Some(Ok(Output::Ended(ended))) = world.outcome(ended) else {
        panic!("expected the end of a session")
    };
    let call = world.call(Operation::RedirectToLogout { app: web(), id_token: ended.id_token, request });
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(Output::LogoutRedirect(redirect))) => *redirect,
        other => panic!("expected a URL, got {other:?}"),
    }
}

fn query(redirect: &LogoutRedirect) -> BTreeMap<String, String> {
    Url::parse(redirect.url.as_ref().unwrap()).unwrap().query_pairs().into_owned().collect()
}

#[test]
fn r220_the_url_names_the_login_by_its_id_token_and_where_to_come_back() {
    let mut world = Scenario::new();
    let token = id_token(&json!({"exp": 1}));
    world.store.put(&key(&web()), 1, record(&json!({"id_token": token, "refresh_token": null})));
    let asked = LogoutRequest::new().post_logout_redirect_uri("https://app.example/bye").ui_locales("sv");
    let redirect = redirect(&mut world, asked);
    assert!(redirect.url.as_ref().unwrap().starts_with("https://connect.visma.com/connect/endsession?"));
    let sent = query(&redirect);
    assert_eq!(sent["id_token_hint"], token, "an expired one is fine");
    assert_eq!((sent["client_id"].as_str(), sent["ui_locales"].as_str()), ("isv_web", "sv"));
    assert_eq!(sent["post_logout_redirect_uri"], "https://app.example/bye");
    assert_eq!((sent["state"].as_str(), redirect.state.len()), (redirect.state.as_str(), 43));
    assert!(!format!("{redirect:?}").contains(&token));
}

#[test]
fn without_a_way_back_no_state_is_sent_and_without_openid_no_hint() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, record(&json!({"refresh_token": null})));
    let redirect = redirect(&mut world, LogoutRequest::new());
    assert_eq!(query(&redirect).into_keys().collect::<Vec<_>>(), ["client_id"]);
}

#[test]
fn a_provider_without_an_end_of_sessions_gives_no_url_and_no_error() {
    let mut world = Scenario::new();
    let (app, request) = (standard_web(), LogoutRequest::new());
    let call = world.call(Operation::RedirectToLogout { app, id_token: None, request });
    world.nothing_to_do();
    let Some(Ok(Output::LogoutRedirect(redirect))) = world.outcome(call) else { panic!("it is no failure") };
    assert_eq!((redirect.url, redirect.failure), (None, None));
}

#[test]
fn r221_metadata_that_cannot_be_had_gives_no_url_and_the_cause() {
    let mut world = Scenario::new();
    world.serves_documents = false;
    let provider = Provider::discover("https://issuer.example").unwrap();
    let app = WebApp::new(registration(provider, "isv_web")).unwrap().into();
    let request = LogoutRequest::new();
    let call = world.call(Operation::RedirectToLogout { app, id_token: None, request });
    let (asked, _) = world.request();
    world.refuse_connection(asked);
    let Some(Ok(Output::LogoutRedirect(redirect))) = world.outcome(call) else { panic!("it is no failure") };
    assert_eq!(redirect.url, None);
    assert_eq!(redirect.failure.unwrap().code(), "connect_failed");
    assert_eq!(redirect.state.len(), 43, "no guessed state answers it");
}

#[test]
fn f207_who_comes_back_is_known_by_the_state() {
    let mut world = Scenario::new();
    let redirect = redirect(&mut world, LogoutRequest::new());
    assert!(redirect.is_answered_by(&Callback::query(format!("state={}", redirect.state))));
    for other in ["state=other".to_owned(), String::new(), format!("state={0}&state={0}", redirect.state)] {
        assert!(!redirect.is_answered_by(&Callback::query(other)));
    }
}

fn now() -> u64 {
    START.wall.0 / 1000
}

fn logout_claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://connect.visma.com",
        "aud": "isv_web",
        "iat": now(),
        "exp": now() + 300,
        "jti": "notice-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sub": "anna",
        "sid": "s-1",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims
}

fn post(world: &mut Scenario, form: &str) -> Result<LogoutNotice, String> {
    let call = world.call(Operation::CheckLogoutNotice { app: web(), form: SecretText::new(form) });
    world.nothing_to_do();
    match world.outcome(call).unwrap() {
        Ok(Output::LogoutNotice(notice)) => Ok(*notice),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.code().into_owned()),
    }
}

fn logout_token(kind: &str, changes: &Value) -> String {
    let header = json!({"alg": "EdDSA", "kid": "key-1", "typ": kind});
    server::signed_under(&header, 1, &logout_claims(changes))
}

fn outcome(kind: &str, changes: &Value) -> Result<LogoutNotice, String> {
    post(&mut Scenario::new(), &format!("logout_token={}", logout_token(kind, changes)))
}

#[test]
fn r222_a_valid_logout_token_says_whose_session_is_over() {
    let notice = outcome("logout+jwt", &json!({})).unwrap();
    assert_eq!((notice.subject.as_deref(), notice.session_id.as_deref()), (Some("anna"), Some("s-1")));
    assert_eq!(notice.issued_at, START.wall);
    assert_eq!(outcome("logout+jwt", &json!({"sid": null})).unwrap().session_id, None);
    assert_eq!(outcome("JWT", &json!({"sub": null})).unwrap().subject, None);
}

#[test]
fn f205_a_logout_token_that_is_not_right_in_everything_is_refused() {
    for (changes, code) in [
        (json!({"sub": null, "sid": null}), "logout_token_names_nobody"),
        (json!({"events": null}), "logout_token_of_another_kind"),
        (json!({"events": {"https://other.example/event": {}}}), "logout_token_of_another_kind"),
        (
            json!({"events": {"http://schemas.openid.net/event/backchannel-logout": 1}}),
            "logout_token_of_another_kind",
        ),
        (json!({"nonce": "n"}), "logout_token_of_another_kind"),
        (json!({"iss": "https://evil.example"}), "id_token_issuer_mismatch"),
        (json!({"aud": "isv_other"}), "id_token_audience_mismatch"),
        (json!({"exp": now() - 60}), "id_token_expired"),
        (json!({"iat": now() + 61}), "id_token_from_the_future"),
        (json!({"exp": null}), "id_token_claim_missing"),
        (json!({"iat": null}), "id_token_claim_missing"),
        (json!({"jti": null}), "id_token_claim_missing"),
        (json!({"sub": 7}), "id_token_claim_malformed"),
    ] {
        assert_eq!(outcome("logout+jwt", &changes), Err(code.to_owned()), "{changes}");
    }
    assert_eq!(outcome("at+jwt", &json!({})), Err("logout_token_of_another_kind".to_owned()));
}

#[test]
fn f205_other_signatures_and_forms_are_refused() {
    let mut world = Scenario::new();
    let forged =
        server::signed_under(&json!({"alg": "EdDSA", "kid": "key-1"}), 2, &logout_claims(&json!({})));
    assert_eq!(
        post(&mut world, &format!("logout_token={forged}")),
        Err("id_token_signature_invalid".to_owned())
    );
    let none = server::signed_under(&json!({"alg": "none"}), 1, &logout_claims(&json!({})));
    assert_eq!(
        post(&mut world, &format!("logout_token={none}")),
        Err("id_token_algorithm_mismatch".to_owned())
    );
    let good = logout_token("logout+jwt", &json!({}));
    for form in [
        String::new(),
        format!("other={good}"),
        format!("logout_token={good}&logout_token={good}"),
        "x".repeat(200_000),
    ] {
        assert_eq!(post(&mut world, &form), Err("logout_token_missing".to_owned()));
    }
    let id_token = id_token(&json!({}));
    assert_eq!(
        post(&mut world, &format!("logout_token={id_token}")),
        Err("logout_token_of_another_kind".to_owned())
    );
}

#[test]
fn r224_a_repeated_logout_token_is_refused() {
    let mut world = Scenario::new();
    let form = format!("logout_token={}", logout_token("logout+jwt", &json!({})));
    assert!(post(&mut world, &form).is_ok());
    assert_eq!(post(&mut world, &form), Err("logout_token_repeated".to_owned()));
    let another = format!("logout_token={}", logout_token("logout+jwt", &json!({"jti": "notice-2"})));
    assert!(post(&mut world, &another).is_ok());
}

// HMAC-SHA256 of the body under the secret `webhook-secret`, by `openssl dgst -sha256 -hmac webhook-secret -binary | base64`.
const BODY: &str =
    r#"{"event":"tenant_application_added","tenant_id":"11111111-1111-4111-8111-111111111111"}"#;
const SIGNATURE: &str = "VB3/uAsTEt5mdgKAX/taLUUnouTuCCsboi4T92+Vg4U=";

fn verify(secret: &str, body: &str, signature: &str) -> Result<WebhookEvent, String> {
    let event = WebhookEvent::verify(&SecretText::new(secret), body.as_bytes(), signature);
    event.map_err(|error| error.code().into_owned())
}

#[test]
fn a_webhook_of_the_portal_is_verified_and_typed() {
    let Ok(WebhookEvent::TenantApplicationAdded { tenant_id, .. }) =
        verify("webhook-secret", BODY, SIGNATURE)
    else {
        panic!("it is genuine")
    };
    assert_eq!(tenant_id, "11111111-1111-4111-8111-111111111111");
}

#[test]
fn a_webhook_whose_signature_body_or_secret_is_another_is_refused() {
    for (secret, body, signature) in [
        ("other-secret", BODY.to_owned(), SIGNATURE),
        ("webhook-secret", format!("{BODY} "), SIGNATURE),
        ("webhook-secret", BODY.to_owned(), ""),
        ("webhook-secret", BODY.to_owned(), "not base64!"),
        ("webhook-secret", BODY.to_owned(), &SIGNATURE[..40]),
    ] {
        assert_eq!(verify(secret, &body, signature), Err("webhook_signature_invalid".to_owned()));
    }
}

#[test]
fn a_genuine_webhook_that_cannot_be_read_is_malformed() {
    // Signed like the others, and no object; an event without its tenant.
    for (body, signature) in [
        ("[]", "BdBYTYTBU79Zs+5yNw/easrXd1/cn/ewNlXCvBG7SQ8="),
        (r#"{"event":"tenant_application_added"}"#, "Jvohl+07JqcJm6q9fyCdqAgphlOQI3XXMUjowgUYWJA="),
    ] {
        assert_eq!(verify("webhook-secret", body, signature), Err("webhook_malformed".to_owned()), "{body}");
    }
}

#[test]
fn a_logout_token_is_checked_by_hand_with_keys_that_are_at_hand() {
    let keys = KeySet::from_json(&server::key_set(&[1]).to_string()).unwrap();
    let checked = |by: u8, changes: &Value, at: u64| {
        let header = json!({"alg": "EdDSA", "kid": "key-1", "typ": "logout+jwt"});
        let token = SecretText::new(server::signed_under(&header, by, &logout_claims(changes)));
        let notice = web().registration().check_logout_token(
            &token,
            &keys,
            &RustCryptoVerifier,
            UnixMillis(at * 1000),
        );
        notice.map(|notice| notice.session_id).map_err(|error| error.code().into_owned())
    };
    assert_eq!(checked(1, &json!({}), now()), Ok(Some("s-1".to_owned())));
    assert_eq!(checked(2, &json!({}), now()), Err("id_token_signature_invalid".to_owned()));
    assert_eq!(checked(1, &json!({"nonce": "n"}), now()), Err("logout_token_of_another_kind".to_owned()));
    assert_eq!(checked(1, &json!({}), now() + 360), Err("id_token_expired".to_owned()));
}

#[test]
fn a_logout_token_is_judged_by_no_registration_that_an_application_could_not_have() {
    let keys = KeySet::from_json(&server::key_set(&[1]).to_string()).unwrap();
    let refused = |registration: Registration| {
        let token = SecretText::new("x.y.z");
        let now = UnixMillis(now() * 1000);
        registration.check_logout_token(&token, &keys, &RustCryptoVerifier, now).unwrap_err()
    };
    let registration = |client_id| Registration::new(Provider::visma_connect(), client_id);
    let patient = registration("isv_web").clock_tolerance(Duration::from_secs(301));
    assert_eq!(refused(patient).code(), "clock_tolerance_too_long");
    assert_eq!(refused(registration(" ")).code(), "client_id_missing");
}
