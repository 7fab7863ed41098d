//! Logins through the engine, from the URL to the saved session.

use std::time::Duration;

use grantline_core::{
    BegunLogin, Binding, CallId, Callback, LoggedIn, LoginApp, LoginRequest, NativeApp, Operation, Output,
    Provider, Receipt, Registration, Reply, SinglePageApp, WebApp,
};
use serde_json::json;

use crate::clients::{
    REDIRECT_URI, error, form, key, login_request, record, scopes, session, session_token, user_tokens, web,
};
use crate::refresh::with_expired_session;
use crate::scenario::{Scenario, json_response};

const ISSUER: &str = "iss=https%3A%2F%2Fconnect.visma.com";

pub fn begin(world: &mut Scenario, app: &LoginApp, request: LoginRequest) -> BegunLogin {
    let call = world.call(Operation::BeginLogin { app: app.clone(), request });
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(Output::LoginBegun(begun))) => *begun,
        other => panic!("expected a login, got {other:?}"),
    }
}

/// The answer that the server sends the browser back with.
pub fn query(begun: &BegunLogin) -> String {
    format!("code=the-code&state={}&{ISSUER}", begun.pending.state())
}

pub fn cookie(begun: &BegunLogin) -> Binding {
    let binding = begun.binding.as_ref().unwrap();
    Binding::cookie_header(format!("{}={}", binding.cookie_name(), binding.expose_value()))
}

pub fn complete(world: &mut Scenario, begun: &BegunLogin, query: &str, binding: Binding) -> CallId {
    let (pending, callback) = (begun.pending.clone(), Callback::query(query));
    world.call(Operation::CompleteLogin { app: web(), pending, callback, binding })
}

/// A login that is about to exchange its code.
fn at_the_exchange() -> (Scenario, BegunLogin, CallId) {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request().app_data("next=/invoices"));
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    (world, begun, call)
}

pub fn logged_in(world: &mut Scenario, call: CallId) -> LoggedIn {
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(Output::LoggedIn(login))) => *login,
        other => panic!("expected a completed login, got {other:?}"),
    }
}

#[test]
fn a_login_ends_as_a_saved_session_whose_token_is_at_hand() {
    let (mut world, _, call) = at_the_exchange();
    world.grant(&user_tokens("anna"));
    assert!(world.outcome(call).is_none(), "nobody sees a token before it is saved");
    let login = logged_in(&mut world, call);
    assert_eq!(login.key, key(&web()));
    assert_eq!(login.token.expose_secret(), "anna-access");
    assert_eq!(login.app_data.as_deref(), Some("next=/invoices"));
    assert_eq!(world.store.member(&login.key, "refresh_token"), "anna-refresh");
    let token = world.call(session_token(&web()));
    assert_eq!(world.token(token), "anna-access");
    assert_eq!(world.store.log, ["create"]);
}

#[test]
fn the_exchange_repeats_the_redirect_uri_and_proves_the_key() {
    let (mut world, begun, _) = at_the_exchange();
    let (_, request) = world.request();
    let written = begun.pending.to_record().unwrap();
    let record: serde_json::Value = serde_json::from_str(written.expose_secret()).unwrap();
    let form = form(&request);
    let expected = [
        ("client_id", "isv_web"),
        ("client_secret", "client-secret"),
        ("code", "the-code"),
        ("code_verifier", record["code_verifier"].as_str().unwrap()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT_URI),
    ];
    let sent: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_callback_is_good_for_one_exchange() {
    let (mut world, begun, call) = at_the_exchange();
    let at_once = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, call);
    let later = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    assert_eq!(world.error(at_once), "callback_already_used");
    assert_eq!(world.error(later), "callback_already_used");
    world.nothing_to_do();
}

#[test]
fn a_failed_exchange_has_used_its_callback_up_too() {
    let (mut world, begun, call) = at_the_exchange();
    let (request, _) = world.request();
    world.answer(request, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "invalid_grant");
    let again = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    assert_eq!(world.error(again), "callback_already_used");
}

#[test]
fn a_code_is_sent_once_although_its_answer_is_lost() {
    let (mut world, _, call) = at_the_exchange();
    let (request, _) = world.request();
    world.lose_answer(request);
    assert_eq!(world.error(call), "connection_lost");
    assert!(!world.store.has(&key(&web())));
}

#[test]
fn a_forged_callback_does_not_use_the_login_up() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let good = query(&begun);
    let forgeries = [
        (good.replace(begun.pending.state(), "of-another-login"), cookie(&begun), "state_mismatch"),
        ("code=forged".to_owned(), cookie(&begun), "state_missing"),
        (good.clone(), Binding::cookie_header("other=1"), "browser_mismatch"),
        (format!("{good}&code=second"), cookie(&begun), "duplicate_parameter"),
    ];
    for (query, binding, code) in forgeries {
        let call = complete(&mut world, &begun, &query, binding);
        assert_eq!(world.error(call), code);
    }
    let true_one = complete(&mut world, &begun, &good, cookie(&begun));
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, true_one);
}

#[test]
fn a_callback_with_the_right_state_and_browser_uses_the_login_up_whatever_it_brought() {
    let bad = |good: &str| {
        [
            (good.replace("connect.visma.com", "evil.example"), "issuer_mismatch"),
            (format!("{good}&error=access_denied"), "code_and_error"),
        ]
    };
    for place in 0..2 {
        let mut world = Scenario::new();
        let begun = begin(&mut world, &web(), login_request());
        let good = query(&begun);
        let (query, code) = &bad(&good)[place];
        let refused = complete(&mut world, &begun, query, cookie(&begun));
        assert_eq!(world.error(refused), *code);
        let again = complete(&mut world, &begun, &good, cookie(&begun));
        assert_eq!(world.error(again), "callback_already_used");
    }
}

#[test]
fn a_login_that_fails_after_its_code_was_sent_asks_for_a_new_one() {
    for lost in [true, false] {
        let (mut world, _, call) = at_the_exchange();
        let (request, _) = world.request();
        match lost {
            true => world.lose_answer(request),
            false => world.answer(request, 503, &serde_json::json!({"error": "temporarily_unavailable"})),
        }
        let failed = world.outcome(call).unwrap().unwrap_err();
        assert_eq!(failed.advice(), grantline_core::Advice::LogInAgain);
    }
}

#[test]
fn a_user_who_presses_cancel_has_answered_the_login() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let denied = format!("error=access_denied&state={}", begun.pending.state());
    let call = complete(&mut world, &begun, &denied, cookie(&begun));
    assert_eq!(world.error(call), "access_denied");
    let after = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    assert_eq!(world.error(after), "callback_already_used");
}

#[test]
fn a_login_that_took_too_long_is_over() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    world.pass(Duration::from_secs(600));
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    assert_eq!(world.error(call), "login_expired");
}

#[test]
fn a_login_may_be_given_more_time_or_less_and_its_cookie_ends_with_it() {
    for (seconds, in_time) in [(1200, 1199), (30, 29)] {
        let request = LoginRequest::new(scopes(&["openid"])).expires_after(Duration::from_secs(seconds));
        let mut world = Scenario::new();
        let begun = begin(&mut world, &web(), request);
        let set_cookie = begun.binding.as_ref().unwrap().set_cookie();
        assert!(set_cookie.expose_secret().contains(&format!("Max-Age={seconds};")), "{seconds}");
        world.pass(Duration::from_secs(in_time));
        let now = world.now.wall;
        let judged =
            |now| web().check_callback(&begun.pending, &Callback::query(query(&begun)), &cookie(&begun), now);
        assert!(judged(now).is_ok(), "{seconds}");
        assert_eq!(
            judged(now.plus(Duration::from_secs(1))).unwrap_err().code(),
            "login_expired",
            "{seconds}"
        );
    }
}

#[test]
fn two_logins_at_once_are_kept_apart_by_their_state() {
    let mut world = Scenario::new();
    let first = begin(&mut world, &web(), login_request());
    let second = begin(&mut world, &web(), LoginRequest::new(scopes(&["api:read"])).session(session("bo")));
    assert_ne!(first.pending.state(), second.pending.state());
    let call = complete(&mut world, &second, &query(&second), cookie(&second));
    world.grant(&user_tokens("bo"));
    assert_eq!(logged_in(&mut world, call).key.session.as_str(), "bo");
    let call = complete(&mut world, &first, &query(&first), cookie(&first));
    world.grant(&user_tokens("anna"));
    assert_eq!(logged_in(&mut world, call).token.expose_secret(), "anna-access");
}

#[test]
fn an_exchange_that_nobody_waits_for_is_given_up() {
    let (mut world, _, call) = at_the_exchange();
    let (request, _) = world.request();
    world.engine.forget(call);
    world.nothing_to_do();
    assert_eq!(world.cancelled, [request]);
    let late = Reply::Http(Ok(json_response(200, &user_tokens("anna"))));
    assert_eq!(world.engine.reply(request, late, world.now), Receipt::Stale);
    assert!(world.outcome(call).is_none());
    assert!(world.engine.is_idle());
}

#[test]
fn an_exchange_that_was_not_begun_is_given_up_without_a_word() {
    let (mut world, _, call) = at_the_exchange();
    world.engine.forget(call);
    world.nothing_to_do();
    assert!(world.cancelled.is_empty());
}

#[test]
fn without_openid_no_id_token_is_expected_and_nobody_is_identified() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), LoginRequest::new(scopes(&["api:read"])));
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    world.grant(&json!({"access_token": "x", "token_type": "Bearer"}));
    let login = logged_in(&mut world, call);
    assert_eq!(login.key.session.as_str().len(), 32, "a name was generated");
    assert_eq!((login.app_data, login.identity), (None, None));
}

#[test]
fn a_second_login_takes_the_place_of_the_first_with_a_higher_generation() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 7, record(&json!({})));
    let begun = begin(&mut world, &web(), login_request());
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    world.grant(&user_tokens("again"));
    let login = logged_in(&mut world, call);
    assert_eq!(login.token.generation().0, (1 << 32) + 7);
    assert_eq!(world.store.row(&login.key).record.generation.0, (1 << 32) + 7);
    assert_eq!(world.store.member(&login.key, "access_token"), "again-access");
}

#[test]
fn a_login_revives_the_name_of_an_ended_session() {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 3, record(&json!({})));
    world.store.row(&key(&web())).ended = true;
    let begun = begin(&mut world, &web(), login_request());
    let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    world.grant(&user_tokens("again"));
    assert_eq!(logged_in(&mut world, call).token.generation().0, (1 << 32) + 3);
    assert!(!world.store.row(&key(&web())).ended);
}

#[test]
fn a_refresh_from_before_a_login_does_not_replace_the_login_s_token_in_memory() {
    let mut world = with_expired_session(&web());
    let refresh = world.call(session_token(&web()));
    let (refreshing, _) = world.request();
    world.store.put(&key(&web()), 5, record(&json!({})));
    let begun = begin(&mut world, &web(), login_request());
    let login = complete(&mut world, &begun, &query(&begun), cookie(&begun));
    world.grant(&user_tokens("login"));
    assert_eq!(logged_in(&mut world, login).token.generation().0, (1 << 32) + 5);
    world.answer(refreshing, 200, &user_tokens("late"));
    world.store_never_takes_it();
    assert_eq!(world.token(refresh), "late-access");
    let after = world.call(session_token(&web()));
    assert_eq!(world.token(after), "login-access");
}

#[test]
fn resources_are_named_at_both_endpoints() {
    let mut world = Scenario::new();
    let request = login_request().resource("https://api.example/a").resource("https://api.example/b");
    let begun = begin(&mut world, &web(), request);
    complete(&mut world, &begun, &query(&begun), cookie(&begun));
    let (_, request) = world.request();
    let body = String::from_utf8(request.body.unwrap().expose_secret().to_vec()).unwrap();
    let named = body.matches("resource=https%3A%2F%2Fapi.example%2F").count();
    assert_eq!((named, begun.url.matches("&resource=").count()), (2, 2));
}

#[test]
fn a_confidential_application_can_leave_pkce_out_aloud() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request().dangerous_without_pkce());
    assert!(!begun.url.contains("code_challenge"));
    complete(&mut world, &begun, &query(&begun), cookie(&begun));
    let (_, request) = world.request();
    assert!(!form(&request).contains_key("code_verifier"));
}

#[test]
fn a_public_client_cannot_leave_pkce_out() {
    let mut world = Scenario::new();
    let registration =
        || Registration::new(Provider::visma_connect(), "isv_public").redirect_uri(REDIRECT_URI);
    let public: [LoginApp; 3] = [
        WebApp::new(registration()).unwrap().into(),
        NativeApp::new(registration()).unwrap().into(),
        SinglePageApp::new(registration()).unwrap().into(),
    ];
    for app in public {
        let request = login_request().dangerous_without_pkce();
        let call = world.call(Operation::BeginLogin { app, request });
        assert_eq!(world.error(call), "pkce_required");
    }
}

#[test]
fn every_login_draws_its_own_state_verifier_and_cookie() {
    let mut world = Scenario::new();
    let request = || LoginRequest::new(scopes(&["openid"]));
    let one = begin(&mut world, &web(), request());
    let other = begin(&mut world, &web(), request());
    assert_ne!(one.pending.state(), other.pending.state());
    assert_ne!(one.binding, other.binding);
    let parameter = |begun: &BegunLogin, name: &str| {
        let (_, rest) = begun.url.split_once(&format!("&{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&one, name), parameter(&other, name), "{name}");
    }
    assert_ne!(parameter(&one, "state"), parameter(&one, "nonce"));
}
