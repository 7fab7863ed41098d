//! Who logged in: the ID token of a login (OpenID Connect Core section 3.1.3.7), believed only if everything about it is
//! right.

use std::time::Duration;

use grantline_core::{CallId, LoginApp, LoginRequest, Operation, Registration, UnixMillis, WebApp};
use serde_json::{Value, json};

use crate::clients::{key, registration, scopes, session, web};
use crate::id_tokens::{claims, id_token};
use crate::logins::{begin, cookie, logged_in, query};
use crate::scenario::{START, Scenario, json_response};
use crate::server;

const ACCESS_TOKEN: &str = "an-access-token";

fn request() -> LoginRequest {
    LoginRequest::new(scopes(&["openid"])).session(session("anna"))
}

fn now_s() -> u64 {
    START.wall.0 / 1000
}

/// A login at its exchange, and the nonce that it sent.
fn at_the_exchange(app: &LoginApp, request: LoginRequest) -> (Scenario, CallId, String) {
    let mut world = Scenario::new();
    let begun = begin(&mut world, app, request);
    let (_, rest) = begun.url.split_once("&nonce=").unwrap();
    let nonce = rest.split('&').next().unwrap().to_owned();
    let callback = grantline_core::Callback::query(query(&begun));
    let binding = cookie(&begun);
    let operation = Operation::CompleteLogin { app: app.clone(), pending: begun.pending, callback, binding };
    let call = world.call(operation);
    (world, call, nonce)
}

fn tokens(id_token: &str) -> Value {
    json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600, "id_token": id_token})
}

/// What a login comes to whose ID token has these claims changed: "accepted", or the code of the refusal.
fn outcome_of(app: &LoginApp, request: LoginRequest, changes: &Value) -> String {
    outcome_with(app, request, |nonce| {
        let mut all = json!({"nonce": nonce});
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        id_token(&all)
    })
}

fn outcome_with(app: &LoginApp, request: LoginRequest, token: impl FnOnce(&str) -> String) -> String {
    let (mut world, call, nonce) = at_the_exchange(app, request);
    world.grant(&tokens(&token(&nonce)));
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(_)) => "accepted".to_owned(),
        Some(Err(error)) => {
            assert!(!world.store.has(&key(app)), "nothing is kept");
            error.code().into_owned()
        }
        None => panic!("the login has no end"),
    }
}

fn outcome(changes: &Value) -> String {
    outcome_of(&web(), request(), changes)
}

fn app_of(change: impl FnOnce(Registration) -> Registration) -> LoginApp {
    let provider = grantline_core::Provider::visma_connect();
    WebApp::new(change(registration(provider, "isv_web"))).unwrap().into()
}

#[test]
fn a_valid_id_token_says_who_logged_in() {
    let (mut world, call, nonce) = at_the_exchange(&web(), request());
    world.grant(&tokens(&id_token(&json!({"nonce": nonce, "sid": "s-1", "amr": ["pwd"], "name": "Anna"}))));
    let identity = logged_in(&mut world, call).identity.unwrap();
    assert_eq!((identity.subject(), identity.issuer()), ("anna", "https://connect.visma.com"));
    assert_eq!((identity.session_id(), identity.amr()), (Some("s-1"), &["pwd".to_owned()][..]));
    assert_eq!(identity.claim("name"), Some(&json!("Anna")));
    assert_eq!(identity.auth_time(), Some(UnixMillis((now_s() - 10) * 1000)));
}

#[test]
fn f092_openid_without_an_id_token_is_no_login() {
    let (mut world, call, _) = at_the_exchange(&web(), request());
    world.grant(&json!({"access_token": "x", "token_type": "Bearer", "refresh_token": "y"}));
    assert_eq!(world.error(call), "id_token_missing");
    assert!(!world.store.has(&key(&web())));
}

#[test]
fn f130_f131_neither_none_nor_a_shared_secret_signs() {
    for algorithm in ["none", "None", "nOnE", "NONE", "", "HS256", "RS256", "ES256"] {
        let header = json!({"alg": algorithm, "kid": "key-1"});
        let token = |nonce: &str| server::signed_under(&header, 1, &claims(&json!({"nonce": nonce})));
        assert_eq!(outcome_with(&web(), request(), token), "id_token_algorithm_mismatch", "{algorithm:?}");
    }
    for header in [json!({"kid": "key-1"}), json!({"alg": 5})] {
        let token = |nonce: &str| server::signed_under(&header, 1, &claims(&json!({"nonce": nonce})));
        assert_eq!(outcome_with(&web(), request(), token), "id_token_malformed");
    }
}

#[test]
fn f132_the_algorithm_is_the_registered_one_whatever_the_token_says() {
    let app = app_of(|registration| registration.id_token_algorithm(grantline_core::SigningAlgorithm::Ps256));
    assert_eq!(outcome_of(&app, request(), &json!({})), "id_token_algorithm_mismatch");
}

#[test]
fn f133_a_signature_that_is_changed_cut_empty_or_of_another_token_is_refused() {
    let change = |change: fn(&mut Vec<String>)| {
        outcome_with(&web(), request(), |nonce| {
            let token = id_token(&json!({"nonce": nonce}));
            let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
            change(&mut parts);
            parts.join(".")
        })
    };
    let flipped = change(|parts| {
        let first = if parts[2].starts_with('A') { "B" } else { "A" };
        parts[2].replace_range(0..1, first);
    });
    assert_eq!(flipped, "id_token_signature_invalid");
    assert_eq!(change(|parts| parts[2].truncate(80)), "id_token_signature_invalid");
    assert_eq!(change(|parts| parts[2].clear()), "id_token_signature_invalid");
    let foreign = id_token(&json!({"sub": "berit"}));
    let foreign = foreign.rsplit_once('.').unwrap().1;
    let token = outcome_with(&web(), request(), |nonce| {
        let token = id_token(&json!({"nonce": nonce}));
        format!("{}.{foreign}", token.rsplit_once('.').unwrap().0)
    });
    assert_eq!(token, "id_token_signature_invalid");
}

#[test]
fn f139_keys_that_a_token_names_or_brings_are_not_used() {
    for member in [
        json!({"jku": "https://evil.example/keys"}),
        json!({"x5u": "https://evil.example/cert"}),
        json!({"jwk": server::key_set(&[9])["keys"][0]}),
        json!({"x5c": ["MIIB"]}),
    ] {
        let mut header = json!({"alg": "EdDSA", "kid": "key-1"});
        header.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        let token = |by: u8| {
            outcome_with(&web(), request(), |nonce| {
                server::signed_under(&header, by, &claims(&json!({"nonce": nonce})))
            })
        };
        assert_eq!(token(9), "id_token_signature_invalid", "{member}");
        assert_eq!(token(1), "accepted", "{member}");
    }
}

#[test]
fn f140_f150_what_has_to_be_understood_or_is_of_another_kind_is_refused() {
    let under = |member: &str, value: Value| {
        let mut header = json!({"alg": "EdDSA", "kid": "key-1"});
        header[member] = value;
        outcome_with(&web(), request(), |nonce| {
            server::signed_under(&header, 1, &claims(&json!({"nonce": nonce})))
        })
    };
    assert_eq!(under("crit", json!(["exp"])), "id_token_malformed");
    assert_eq!(under("b64", json!(false)), "id_token_malformed");
    assert_eq!(under("typ", json!("JWT")), "accepted");
    for kind in ["at+jwt", "logout+jwt", "application/at+jwt", "dpop+jwt"] {
        assert_eq!(under("typ", json!(kind)), "id_token_of_another_kind", "{kind}");
    }
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(outcome(&json!({"events": events})), "id_token_of_another_kind");
}

#[test]
fn f143_issuer_and_audience_are_exactly_the_registered_ones() {
    for issuer in ["https://connect.visma.com/", "https://CONNECT.visma.com", "https://evil.example"] {
        assert_eq!(outcome(&json!({"iss": issuer})), "id_token_issuer_mismatch", "{issuer}");
    }
    assert_eq!(outcome(&json!({"iss": null})), "id_token_claim_missing");
    assert_eq!(outcome(&json!({"aud": ["isv_web"]})), "accepted");
    assert_eq!(outcome(&json!({"aud": "isv_other"})), "id_token_audience_mismatch");
    assert_eq!(outcome(&json!({"aud": "ISV_WEB"})), "id_token_audience_mismatch");
    assert_eq!(outcome(&json!({"aud": []})), "id_token_claim_missing");
    assert_eq!(outcome(&json!({"aud": 7})), "id_token_claim_malformed");
    let stranger = json!({"aud": ["isv_web", "stranger"], "azp": "isv_web"});
    assert_eq!(outcome(&stranger), "id_token_audience_untrusted");
    let trusting = app_of(|registration| registration.trust_audience("stranger"));
    assert_eq!(outcome_of(&trusting, request(), &stranger), "accepted");
}

#[test]
fn f144_the_authorized_party_is_this_client_and_is_named_among_several_audiences() {
    assert_eq!(outcome(&json!({"azp": "isv_web"})), "accepted");
    assert_eq!(outcome(&json!({"azp": "isv_other"})), "id_token_authorized_party_mismatch");
    let trusting = app_of(|registration| registration.trust_audience("api"));
    let two = json!({"aud": ["isv_web", "api"]});
    assert_eq!(outcome_of(&trusting, request(), &two), "id_token_authorized_party_mismatch");
}

#[test]
fn f145_times_count_by_the_wall_clock_with_a_minute_of_tolerance() {
    let now = now_s();
    for (changes, expected) in [
        (json!({"exp": now - 59}), "accepted"),
        (json!({"exp": now - 60}), "id_token_expired"),
        (json!({"exp": now - 61}), "id_token_expired"),
        (json!({"exp": null}), "id_token_claim_missing"),
        (json!({"exp": "soon"}), "id_token_claim_malformed"),
        (json!({"exp": -1}), "id_token_claim_malformed"),
        (json!({"iat": now + 59}), "accepted"),
        (json!({"iat": now + 60}), "accepted"),
        (json!({"iat": now + 61}), "id_token_from_the_future"),
        (json!({"iat": null}), "id_token_claim_missing"),
        (json!({"nbf": now + 61}), "id_token_from_the_future"),
        (json!({"nbf": now}), "accepted"),
    ] {
        assert_eq!(outcome(&changes), expected, "{changes}");
    }
    let patient = app_of(|registration| registration.clock_tolerance(Duration::from_secs(300)));
    assert_eq!(outcome_of(&patient, request(), &json!({"exp": now - 299})), "accepted");
    let strict = app_of(|registration| registration.clock_tolerance(Duration::ZERO));
    assert_eq!(outcome_of(&strict, request(), &json!({"exp": now})), "id_token_expired");
}

#[test]
fn a_tolerance_of_more_than_five_minutes_is_refused() {
    let registration = registration(grantline_core::Provider::visma_connect(), "isv_web");
    let refused = WebApp::new(registration.clock_tolerance(Duration::from_secs(301)));
    assert_eq!(refused.unwrap_err().code(), "clock_tolerance_too_long");
}

#[test]
fn f146_the_nonce_is_that_of_this_login() {
    let upper = |nonce: &str| id_token(&json!({"nonce": nonce.to_uppercase()}));
    assert_eq!(outcome_with(&web(), request(), upper), "id_token_nonce_mismatch");
    assert_eq!(outcome(&json!({"nonce": "another"})), "id_token_nonce_mismatch");
    assert_eq!(outcome(&json!({"nonce": null})), "id_token_nonce_mismatch");
}

#[test]
fn an_id_token_that_nobody_asked_for_is_validated_and_has_no_nonce() {
    let without = || LoginRequest::new(scopes(&["api:read"])).session(session("anna"));
    let answered = |changes: &Value| {
        let mut world = Scenario::new();
        let begun = begin(&mut world, &web(), without());
        let call = crate::logins::complete(&mut world, &begun, &query(&begun), cookie(&begun));
        world.grant(&tokens(&id_token(changes)));
        world.nothing_to_do();
        world.outcome(call).unwrap().map(|_| ()).map_err(|error| error.code().into_owned())
    };
    assert_eq!(answered(&json!({})), Ok(()));
    assert_eq!(answered(&json!({"nonce": "n"})), Err("id_token_nonce_mismatch".to_owned()));
    assert_eq!(answered(&json!({"aud": "isv_other"})), Err("id_token_audience_mismatch".to_owned()));
}

#[test]
fn f147_at_hash_binds_the_access_token_where_it_is_there() {
    // Of `an-access-token`, by SHA-512, which Ed25519 has inside; the second of another token.
    let right = left_half(ACCESS_TOKEN);
    assert_eq!(outcome(&json!({"at_hash": right})), "accepted");
    assert_eq!(outcome(&json!({"at_hash": left_half("another")})), "id_token_access_token_mismatch");
    assert_eq!(outcome(&json!({"at_hash": ""})), "id_token_access_token_mismatch");
}

fn left_half(token: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(token)[..32])
}

#[test]
fn f148_max_age_needs_a_login_that_is_young_enough() {
    let asked = || request().max_age(Duration::from_secs(600));
    let now = now_s();
    for (changes, expected) in [
        (json!({}), "accepted"),
        (json!({"auth_time": now - 660}), "accepted"),
        (json!({"auth_time": now - 661}), "id_token_auth_too_old"),
        (json!({"auth_time": null}), "id_token_claim_missing"),
    ] {
        assert_eq!(outcome_of(&web(), asked(), &changes), expected, "{changes}");
    }
}

#[test]
fn f149_a_subject_is_there_and_of_bounded_length() {
    assert_eq!(outcome(&json!({"sub": null})), "id_token_claim_missing");
    for subject in [json!(""), json!(7), json!("a".repeat(256)), json!("a\u{0}")] {
        assert_eq!(outcome(&json!({"sub": subject})), "id_token_claim_malformed");
    }
}

#[test]
fn r158_an_authentication_context_that_was_asked_for_is_reached_or_the_login_fails() {
    let metadata = server::metadata("https://connect.visma.com").to_string();
    let standard = grantline_core::Provider::from_metadata("https://connect.visma.com", &metadata).unwrap();
    let standard: LoginApp = WebApp::new(registration(standard, "isv_web")).unwrap().into();
    let asked = || request().acr_values("gold silver");
    for (changes, expected) in [
        (json!({"acr": "silver"}), "accepted"),
        (json!({"acr": "bronze"}), "id_token_acr_mismatch"),
        (json!({}), "id_token_claim_missing"),
    ] {
        assert_eq!(outcome_of(&standard, asked(), &changes), expected, "{changes}");
    }
    let preferred = request().prefer_acr_values("gold silver");
    assert_eq!(outcome_of(&standard, preferred.clone(), &json!({"acr": "bronze"})), "accepted");
    for both in [preferred.acr_values("gold"), asked().prefer_acr_values("bronze")] {
        assert_eq!(outcome_of(&standard, both, &json!({"acr": "bronze"})), "id_token_acr_mismatch");
    }
    // Visma Connect's is a small number on a scale of its own.
    let mfa = || request().acr_values("urn:idp:vismaconnect:mfa");
    assert_eq!(outcome_of(&web(), mfa(), &json!({"acr": "2"})), "accepted");
    assert_eq!(outcome_of(&web(), mfa(), &json!({})), "id_token_claim_missing");
}

#[test]
fn f142_f157_text_that_is_no_object_repeats_a_name_or_is_huge_is_refused() {
    for token in ["x.y.z", "e30.e30", "", "....", &"a".repeat(60_000)] {
        let got = outcome_with(&web(), request(), |_| token.to_owned());
        assert!(matches!(got.as_str(), "id_token_malformed" | "id_token_missing"), "{got}");
    }
    let huge = json!({"claim": "x".repeat(50_000)});
    let got = outcome(&huge);
    assert!(matches!(got.as_str(), "id_token_missing" | "id_token_malformed"), "{got}");
}

#[test]
fn f158_a_clock_that_is_wrong_is_named_with_the_server_s_beside_it() {
    let message = |date: Option<&str>, exp: u64| {
        let (mut world, call, nonce) = at_the_exchange(&web(), request());
        let (id, _) = world.request();
        let body = tokens(&id_token(&json!({"nonce": nonce, "iat": exp - 300, "exp": exp})));
        let mut response = json_response(200, &body);
        response.headers.extend(date.map(|date| ("Date".to_owned(), date.to_owned())));
        world.reply(id, Ok(response));
        world.nothing_to_do();
        world.outcome(call).unwrap().unwrap_err().to_string()
    };
    // This machine's clock stands at noon, the server's two hours before and after it.
    let before = message(Some("Sat, 21 Nov 2026 10:00:00 GMT"), now_s() - 7200 + 300);
    assert!(
        before.contains("expired 6900 s ago by this machine's clock, which is 7200 s ahead of the server's"),
        "{before}"
    );
    let after = message(Some("Sat, 21 Nov 2026 14:00:00 GMT"), now_s() + 7200 + 300);
    assert!(
        after.contains("7200 s from now by this machine's clock, which is 7200 s behind the server's"),
        "{after}"
    );
    for silent in [None, Some("yesterday")] {
        let message = message(silent, now_s() - 100);
        assert!(
            message.contains("expired 100 s ago by this machine's clock: is the clock right?"),
            "{message}"
        );
    }
}
