//! The server's documents: fetched when they are needed, once for all who want them, and used on while there are none
//! newer.

use std::time::Duration;

use grantline_core::{
    BegunLogin, CallId, EffectId, HttpFailureKind, HttpRequest, LoginApp, LoginRequest, Method, Operation,
    Provider, Registration, SecretText, Sent, ServiceApp, ServiceTokenRequest, TenantChoice, WebApp,
};
use serde_json::{Value, json};

use crate::clients::{form, registration, scopes, session, session_token, token, user_tokens, web};
use crate::id_tokens::id_token;
use crate::logins::{begin, cookie, logged_in, query};
use crate::refresh::with_expired_session;
use crate::scenario::{Scenario, failure};
use crate::server::{key_set, metadata, signed_by};

const ISSUER: &str = "https://id.example";

fn discovered() -> Provider {
    Provider::discover(ISSUER).unwrap()
}

fn service_token_from(client_id: &str) -> Operation {
    let app = ServiceApp::new(registration(discovered(), client_id)).unwrap();
    let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes(&["api:read"]));
    Operation::ServiceToken { app, request, newer_than: None }
}

/// A world in which the test answers for the documents.
fn world() -> Scenario {
    answering(Scenario::new())
}

fn answering(mut world: Scenario) -> Scenario {
    world.serves_documents = false;
    world
}

/// The next request, which is a GET of this URL.
fn fetches(world: &mut Scenario, url: &str) -> EffectId {
    let (id, request) = world.request();
    assert_eq!((request.method, request.url.as_str()), (Method::Get, url));
    assert!(request.body.is_none() && request.headers.iter().all(|(name, _)| *name == "accept"));
    id
}

fn well_known(name: &str) -> String {
    format!("{ISSUER}/.well-known/{name}")
}

#[test]
fn r181_metadata_are_fetched_when_they_are_first_needed_and_kept() {
    let mut world = world();
    let call = world.call(service_token_from("isv_service"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.answer(id, 200, &metadata(ISSUER));
    let sent = world.grant(&token("first"));
    assert_eq!(sent.url, format!("{ISSUER}/connect/token"));
    assert_eq!(world.token(call), "first");
    let other = world.call(service_token_from("isv_other"));
    world.grant(&token("second"));
    assert_eq!(world.token(other), "second");
}

#[test]
fn r180_where_there_is_no_openid_document_rfc_8414_s_is_taken() {
    let mut world = world();
    let call = world.call(service_token_from("isv_service"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.answer(id, 404, &json!({}));
    let id = fetches(&mut world, &well_known("oauth-authorization-server"));
    world.answer(id, 200, &metadata(ISSUER));
    world.grant(&token("first"));
    assert_eq!(world.token(call), "first");
}

#[test]
fn all_who_want_a_document_share_one_fetch() {
    let mut world = world();
    let calls: Vec<_> = (0..5).map(|n| world.call(service_token_from(&format!("isv_{n}")))).collect();
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.nothing_to_do();
    world.answer(id, 200, &metadata(ISSUER));
    world.pass(Duration::from_millis(20));
    for _ in &calls {
        world.grant(&token("shared"));
    }
    for call in calls {
        assert_eq!(world.token(call), "shared");
    }
}

#[test]
fn a_document_that_nobody_came_to_fetch_in_time_is_asked_for_once_more() {
    let mut world = world();
    let call = world.call(service_token_from("isv_1"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.pass(Duration::from_secs(2));
    world.reply(id, Err(failure(HttpFailureKind::NotPerformed, Sent::CertainlyNot)));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.answer(id, 200, &metadata(ISSUER));
    world.grant(&token("after-all"));
    assert_eq!(world.token(call), "after-all");
}

#[test]
fn all_who_wait_for_a_fetch_share_its_failure() {
    let mut world = world();
    let calls: Vec<_> = (0..5).map(|n| world.call(service_token_from(&format!("isv_{n}")))).collect();
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.pass(Duration::from_millis(5));
    world.refuse_connection(id);
    world.pass(Duration::from_millis(20));
    for call in calls {
        assert_eq!(world.error(call), "connect_failed");
    }
    world.pass(Duration::from_secs(31));
    let again = world.call(service_token_from("isv_0"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.answer(id, 200, &metadata(ISSUER));
    world.grant(&token("at-last"));
    assert_eq!(world.token(again), "at-last");
}

/// Two logins that begin, and the fetch of the first of them, for which the second waits.
fn two_logins_at_the_document(world: &mut Scenario) -> (CallId, CallId, EffectId) {
    let app: LoginApp = WebApp::new(registration(discovered(), "isv_web")).unwrap().into();
    let login = |n: &str| Operation::BeginLogin {
        app: app.clone(),
        request: LoginRequest::new(scopes(&["openid"])).session(session(n)),
    };
    let (first, second) = (world.call(login("one")), world.call(login("two")));
    (first, second, fetches(world, &well_known("openid-configuration")))
}

#[test]
fn who_fetches_and_goes_away_leaves_what_was_fetched_to_others() {
    let mut world = world();
    let (first, second, id) = two_logins_at_the_document(&mut world);
    world.engine.forget(first);
    world.pass(Duration::from_millis(20));
    world.nothing_to_do();
    assert!(world.engine.has_nothing_to_lose(), "who closes need not wait for it");
    world.answer(id, 200, &metadata(ISSUER));
    world.pass(Duration::from_millis(20));
    world.nothing_to_do();
    assert!(world.outcome(second).unwrap().is_ok());
    assert!(world.outcome(first).is_none());
}

#[test]
fn who_gives_up_while_others_fetch_is_gone_at_once() {
    let mut world = world();
    let (first, second, id) = two_logins_at_the_document(&mut world);
    world.engine.forget(second);
    world.answer(id, 200, &metadata(ISSUER));
    assert!(world.outcome(first).unwrap().is_ok());
    world.nothing_to_do();
    assert!(world.engine.is_idle());
}

#[test]
fn f170_f172_documents_that_cannot_be_trusted_are_not_used() {
    let refused = |status: u16, document: &Value| {
        let mut world = world();
        let call = world.call(service_token_from("isv_service"));
        let id = fetches(&mut world, &well_known("openid-configuration"));
        world.answer(id, status, document);
        world.error(call)
    };
    for issuer in ["https://id.example/", "https://ID.example", "https://other.example"] {
        assert_eq!(refused(200, &metadata(issuer)), "metadata_issuer_mismatch", "{issuer}");
    }
    assert_eq!(refused(302, &json!({})), "unexpected_redirect");
    assert_eq!(refused(503, &json!({})), "server_unavailable");
    assert_eq!(refused(200, &json!([])), "metadata_malformed");
    for (endpoint, code) in [
        ("http://id.example/token", "insecure_endpoint"),
        ("http://127.0.0.1/token", "insecure_endpoint"),
        ("file:///etc/passwd", "insecure_endpoint"),
        ("javascript:alert(1)", "insecure_endpoint"),
        ("https://user:pass@id.example/token", "invalid_endpoint"),
        ("https://id.example/token#x", "invalid_endpoint"),
    ] {
        let mut document = metadata(ISSUER);
        document["token_endpoint"] = json!(endpoint);
        assert_eq!(refused(200, &document), code, "{endpoint}");
    }
    let mut lenient = metadata(ISSUER);
    lenient["scopes_supported"] = json!(7);
    lenient["token_endpoint"] = json!(null);
    assert_eq!(refused(200, &lenient), "endpoint_missing");
}

#[test]
fn every_endpoint_that_a_document_names_is_https() {
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "jwks_uri",
    ] {
        let mut world = world();
        let call = world.call(service_token_from("isv_service"));
        let id = fetches(&mut world, &well_known("openid-configuration"));
        let mut document = metadata(ISSUER);
        document[member] = json!("http://id.example/somewhere");
        world.answer(id, 200, &document);
        assert_eq!(world.error(call), "insecure_endpoint", "{member}");
    }
}

#[test]
fn keys_are_not_fetched_from_where_a_redirect_leads() {
    let mut world = world();
    let (call, _) = at_the_keys(&mut world);
    let id = fetches(&mut world, VISMA_DOCUMENT);
    world.answer(id, 200, &metadata(VISMA));
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 307, &json!({}));
    assert_eq!(world.error(call), "unexpected_redirect");
}

#[test]
fn old_metadata_serve_on_while_there_are_no_newer_ones() {
    let mut world = world();
    let call = world.call(service_token_from("isv_service"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.answer(id, 200, &metadata(ISSUER));
    world.grant(&token("first"));
    assert_eq!(world.token(call), "first");
    world.pass(Duration::from_secs(24 * 3600));
    let call = world.call(service_token_from("isv_service"));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.refuse_connection(id);
    world.grant(&token("second"));
    assert_eq!(world.token(call), "second");
}

#[test]
fn nothing_is_fetched_under_a_lease() {
    let app: LoginApp = WebApp::new(registration(discovered(), "isv_web")).unwrap().into();
    let mut world = answering(with_expired_session(&app));
    let call = world.call(session_token(&app));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    assert_eq!(world.store.log, ["load"]);
    world.answer(id, 200, &metadata(ISSUER));
    let sent = world.grant(&user_tokens("new"));
    assert_eq!(form(&sent)["refresh_token"], "stored-refresh");
    assert_eq!(world.token(call), "new-access");
    assert_eq!(world.store.log, ["load", "begin", "commit"]);
}

#[test]
fn a_provider_that_is_down_when_its_metadata_are_wanted_keeps_the_session() {
    let app: LoginApp = WebApp::new(registration(discovered(), "isv_web")).unwrap().into();
    let mut world = answering(with_expired_session(&app));
    let call = world.call(session_token(&app));
    let id = fetches(&mut world, &well_known("openid-configuration"));
    world.refuse_connection(id);
    assert_eq!(world.error(call), "connect_failed");
    assert_eq!(world.store.log, ["load"]);
}

/// A login at Visma Connect, and its nonce.
fn begun(world: &mut Scenario) -> (BegunLogin, String) {
    let begun = begin(world, &web(), LoginRequest::new(scopes(&["openid"])).session(session("anna")));
    let (_, rest) = begun.url.split_once("&nonce=").unwrap();
    let nonce = rest.split('&').next().unwrap().to_owned();
    (begun, nonce)
}

/// A login at Visma Connect that waits for the keys.
fn at_the_keys(world: &mut Scenario) -> (CallId, String) {
    let (begun, nonce) = begun(world);
    let call = crate::logins::complete(world, &begun, &query(&begun), cookie(&begun));
    (call, nonce)
}

const VISMA: &str = "https://connect.visma.com";
const VISMA_DOCUMENT: &str = "https://connect.visma.com/.well-known/openid-configuration";
const VISMA_KEYS: &str = "https://connect.visma.com/.well-known/openid-configuration/jwks";

fn grant(world: &mut Scenario, id_token: &str) -> HttpRequest {
    let mut tokens = user_tokens("anna");
    tokens["id_token"] = json!(id_token);
    world.grant(&tokens)
}

/// A login with the keys of these numbers, and the key that has signed.
fn login(world: &mut Scenario, by: u8) -> CallId {
    let (call, nonce) = at_the_keys(world);
    grant(world, &signed_by(by, &crate::id_tokens::claims(&json!({"nonce": nonce}))));
    call
}

/// A world whose engine has fetched key 1 with a login.
fn with_key_1() -> Scenario {
    let mut world = Scenario::new();
    let call = login(&mut world, 1);
    logged_in(&mut world, call);
    world.serves_documents = false;
    world
}

#[test]
fn visma_s_own_document_is_preferred_once_it_was_fetched_and_not_needed() {
    let mut world = world();
    let (call, nonce) = at_the_keys(&mut world);
    let id = fetches(&mut world, VISMA_DOCUMENT);
    let mut document = metadata(VISMA);
    document["jwks_uri"] = json!("https://keys.visma.com/jwks");
    document["token_endpoint"] = json!("https://connect.visma.com/moved/token");
    world.answer(id, 200, &document);
    let id = fetches(&mut world, "https://keys.visma.com/jwks");
    world.answer(id, 200, &key_set(&[1]));
    let sent = grant(&mut world, &id_token(&json!({"nonce": nonce})));
    assert_eq!(sent.url, "https://connect.visma.com/moved/token");
    logged_in(&mut world, call);

    let mut world = self::world();
    let (call, nonce) = at_the_keys(&mut world);
    let id = fetches(&mut world, VISMA_DOCUMENT);
    world.refuse_connection(id);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 200, &key_set(&[1]));
    let sent = grant(&mut world, &id_token(&json!({"nonce": nonce})));
    assert_eq!(sent.url, "https://connect.visma.com/connect/token");
    logged_in(&mut world, call);
}

#[test]
fn keys_that_cannot_be_had_are_noticed_before_the_code_is_sent() {
    let mut world = world();
    let (call, _) = at_the_keys(&mut world);
    let id = fetches(&mut world, VISMA_DOCUMENT);
    world.answer(id, 200, &metadata(VISMA));
    let id = fetches(&mut world, VISMA_KEYS);
    world.refuse_connection(id);
    world.nothing_to_do();
    let error = world.outcome(call).unwrap().unwrap_err();
    assert_eq!((error.code(), error.advice().name()), ("connect_failed".into(), "log_in_again"));
    assert!(error.to_string().contains("its callback is handled only once"), "{error}");
}

#[test]
fn f153_a_key_set_that_is_none_is_refused() {
    for document in [json!([]), json!({}), json!({"keys": {}})] {
        let mut world = world();
        let (call, _) = at_the_keys(&mut world);
        let id = fetches(&mut world, VISMA_DOCUMENT);
        world.answer(id, 200, &metadata(VISMA));
        let id = fetches(&mut world, VISMA_KEYS);
        world.answer(id, 200, &document);
        assert_eq!(world.error(call), "key_set_malformed", "{document}");
    }
}

#[test]
fn f154_an_unknown_key_is_looked_for_once_more() {
    let mut world = with_key_1();
    let call = login(&mut world, 2);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 200, &key_set(&[1, 2]));
    logged_in(&mut world, call);
}

#[test]
fn f154_a_known_key_whose_signature_is_bad_is_looked_for_once_more() {
    let mut world = with_key_1();
    let (call, nonce) = at_the_keys(&mut world);
    let claims = crate::id_tokens::claims(&json!({"nonce": nonce}));
    let under_the_same_name =
        crate::server::signed_under(&json!({"alg": "EdDSA", "kid": "key-1"}), 2, &claims);
    grant(&mut world, &under_the_same_name);
    let id = fetches(&mut world, VISMA_KEYS);
    let mut replaced = key_set(&[2]);
    replaced["keys"][0]["kid"] = json!("key-1");
    world.answer(id, 200, &replaced);
    logged_in(&mut world, call);
}

#[test]
fn f155_tokens_with_ever_new_key_names_cause_one_fetch_in_30_seconds() {
    let mut world = with_key_1();
    let call = login(&mut world, 2);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 200, &key_set(&[1]));
    assert_eq!(world.error(call), "id_token_key_unknown");
    for number in 3..6 {
        let call = login(&mut world, number);
        assert_eq!(world.error(call), "id_token_key_unknown", "and nothing is fetched");
    }
    world.pass(Duration::from_secs(30));
    let call = login(&mut world, 6);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 200, &key_set(&[1, 6]));
    logged_in(&mut world, call);
}

/// A provider's notice whose token is signed with a key that nobody knows, which anybody can send.
fn notice_by_an_unknown_key(world: &mut Scenario) -> CallId {
    let form = format!("logout_token={}", signed_by(9, &json!({"iss": VISMA})));
    world.call(Operation::CheckLogoutNotice { app: web(), form: SecretText::new(form) })
}

#[test]
fn who_asks_for_new_keys_and_gives_up_does_not_keep_them_from_the_others() {
    let mut world = with_key_1();
    for new in 2..5 {
        let notice = notice_by_an_unknown_key(&mut world);
        let id = fetches(&mut world, VISMA_KEYS);
        world.engine.forget(notice);
        let waiting = login(&mut world, new);
        world.answer(id, 200, &key_set(&[1, new]));
        world.pass(Duration::from_millis(20));
        logged_in(&mut world, waiting);
        assert!(world.outcome(notice).is_none());
        world.pass(Duration::from_secs(30));
    }
}

#[test]
fn why_new_keys_could_not_be_had_is_told_to_all_who_need_them() {
    let mut world = with_key_1();
    let first = login(&mut world, 2);
    let id = fetches(&mut world, VISMA_KEYS);
    let second = login(&mut world, 2);
    world.refuse_connection(id);
    world.pass(Duration::from_millis(20));
    let third = login(&mut world, 2);
    for call in [first, second, third] {
        assert_eq!(world.error(call), "connect_failed");
    }
    let known = login(&mut world, 1);
    logged_in(&mut world, known);
    world.pass(Duration::from_secs(30));
    let again = login(&mut world, 2);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 200, &key_set(&[1, 2]));
    logged_in(&mut world, again);
}

#[test]
fn r172_two_logins_with_a_new_key_share_its_fetch() {
    let mut world = with_key_1();
    let logins = [begun(&mut world), begun(&mut world)];
    let calls = logins
        .each_ref()
        .map(|(begun, _)| crate::logins::complete(&mut world, begun, &query(begun), cookie(begun)));
    let exchanges = [world.request().0, world.request().0];
    for (exchange, (_, nonce)) in exchanges.into_iter().zip(&logins) {
        let mut tokens = user_tokens("anna");
        tokens["id_token"] = json!(signed_by(2, &crate::id_tokens::claims(&json!({"nonce": nonce}))));
        world.answer(exchange, 200, &tokens);
    }
    let id = fetches(&mut world, VISMA_KEYS);
    world.nothing_to_do();
    world.answer(id, 200, &key_set(&[1, 2]));
    world.pass(Duration::from_millis(20));
    for call in calls {
        logged_in(&mut world, call);
    }
}

#[test]
fn f156_old_keys_serve_on_while_their_server_is_down_and_bring_no_unknown_one() {
    let mut world = with_key_1();
    world.pass(Duration::from_secs(2 * 3600));
    let (call, nonce) = at_the_keys(&mut world);
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 404, &json!({}));
    let claims = claims_now(&world, &nonce);
    grant(&mut world, &signed_by(1, &claims));
    logged_in(&mut world, call);

    let (call, nonce) = at_the_keys(&mut world);
    let claims = claims_now(&world, &nonce);
    grant(&mut world, &signed_by(2, &claims));
    let id = fetches(&mut world, VISMA_KEYS);
    world.answer(id, 404, &json!({}));
    assert_eq!(world.error(call), "unexpected_status");
}

fn claims_now(world: &Scenario, nonce: &str) -> Value {
    let now = world.now.wall.0 / 1000;
    crate::id_tokens::claims(&json!({"nonce": nonce, "iat": now, "exp": now + 300}))
}

#[test]
fn a_refusal_after_the_code_was_sent_asks_for_a_new_login_where_it_says_try_again() {
    let mut world = with_key_1();
    let call = login(&mut world, 2);
    let id = fetches(&mut world, VISMA_KEYS);
    world.refuse_connection(id);
    world.nothing_to_do();
    let error = world.outcome(call).unwrap().unwrap_err();
    assert_eq!((error.code(), error.advice().name()), ("connect_failed".into(), "log_in_again"));
}

#[test]
fn the_promise_of_an_issuer_in_the_callback_is_that_of_the_document_in_force_at_the_start() {
    for (promises, code) in [(true, "issuer_missing"), (false, "accepted")] {
        let mut world = self::world();
        let app: LoginApp = WebApp::new(registration(discovered(), "isv_web")).unwrap().into();
        let request = LoginRequest::new(scopes(&["api:read"]));
        let call = world.call(Operation::BeginLogin { app: app.clone(), request });
        let id = fetches(&mut world, &well_known("openid-configuration"));
        let mut document = metadata(ISSUER);
        document["authorization_response_iss_parameter_supported"] = json!(promises);
        world.answer(id, 200, &document);
        let Some(Ok(grantline_core::Output::LoginBegun(begun))) = world.outcome(call) else { panic!() };
        let callback = grantline_core::Callback::query(format!("code=c&state={}", begun.pending.state()));
        let judged = app.check_callback(&begun.pending, &callback, &cookie(&begun), world.now.wall);
        assert_eq!(judged.map_or_else(|error| error.code().into_owned(), |_| "accepted".to_owned()), code);
    }
}

#[test]
fn a_registration_at_two_issuers_has_two_sets_of_documents() {
    let mut world = Scenario::new();
    let of = |issuer: &str| {
        let provider = Provider::discover(issuer).unwrap();
        let app = ServiceApp::new(
            Registration::new(provider, "same").client_secret(grantline_core::ClientSecret::new("s")),
        );
        let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes(&["api:read"]));
        Operation::ServiceToken { app: app.unwrap(), request, newer_than: None }
    };
    for issuer in ["https://one.example", "https://two.example"] {
        let call = world.call(of(issuer));
        let sent = world.grant(&token(issuer));
        assert_eq!(sent.url, format!("{issuer}/connect/token"));
        assert_eq!(world.token(call), issuer);
    }
}
