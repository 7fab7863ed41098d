//! Logins whose record waits in the store: any process that shares it completes them, each once.

use std::time::Duration;

use crate::clients::{error, form, key, login_request, registration, scopes, user_tokens, web};
use crate::logins::logged_in;
use crate::scenario::Scenario;
use grantline_core::{
    Binding, CallId, Callback, Collection, Effect, EffectId, Engine, LoginApp, LoginRequest, Operation,
    Output, Provider, RecordKey, RecordKind, RecordOperation, Reply, StoreRequest, StoredLogin, Todo, WebApp,
};

fn begin(world: &mut Scenario) -> StoredLogin {
    let request = login_request().app_data("next=/invoices");
    let call = world.call(Operation::BeginStoredLogin { app: web(), request });
    world.nothing_to_do();
    match world.outcome(call) {
        Some(Ok(Output::LoginStored(login))) => *login,
        other => panic!("expected a login, got {other:?}"),
    }
}

fn state(login: &StoredLogin) -> String {
    let (_, rest) = login.url.split_once("&state=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

fn query(login: &StoredLogin) -> String {
    format!("code=the-code&state={}&iss=https%3A%2F%2Fconnect.visma.com", state(login))
}

fn cookie(login: &StoredLogin) -> Binding {
    let binding = login.binding.as_ref().unwrap();
    Binding::cookie_header(format!("{}={}", binding.cookie_name(), binding.expose_value()))
}

fn complete(world: &mut Scenario, query: &str, binding: Binding) -> CallId {
    let callback = Callback::query(query);
    world.call(Operation::CompleteStoredLogin { app: web(), callback, binding })
}

fn place(login: &StoredLogin) -> RecordKey {
    let collection = Collection::new(RecordKind::PendingLogin, "https://connect.visma.com", "isv_web");
    RecordKey { collection, name: state(login) }
}

#[test]
fn a_login_is_completed_by_another_process_and_nothing_of_it_stays() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    assert!(world.store.has_record(&place(&login)));
    assert_eq!(login.expires_at, world.now.wall.plus(Duration::from_secs(600)));
    world.engine = Engine::new();
    let call = complete(&mut world, &query(&login), cookie(&login));
    let sent = world.grant(&user_tokens("anna"));
    assert_eq!(form(&sent)["code"], "the-code");
    assert_eq!(form(&sent)["code_verifier"].len(), 43);
    let done = logged_in(&mut world, call);
    assert_eq!((done.key.clone(), done.app_data.as_deref()), (key(&web()), Some("next=/invoices")));
    assert!(!world.store.has_record(&place(&login)));
}

#[test]
fn f007_a_callback_is_good_once_among_all_processes() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    let first = complete(&mut world, &query(&login), cookie(&login));
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, first);
    world.engine = Engine::new();
    let again = complete(&mut world, &query(&login), cookie(&login));
    assert_eq!(world.error(again), "login_unknown");
}

/// The engine is about to take a login out of the store.
fn close(world: &mut Scenario) -> (EffectId, StoreRequest) {
    match world.engine.next() {
        Some(Todo::Do { id, effect: Effect::Store(request), .. }) => {
            assert!(matches!(request, StoreRequest::On { operation: RecordOperation::Close, .. }));
            (id, request)
        }
        other => panic!("expected the login to be taken out, got {other:?}"),
    }
}

#[test]
fn of_two_processes_with_the_same_callback_one_exchanges_it() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    let first = complete(&mut world, &query(&login), cookie(&login));
    // Both have found the login before either takes it out.
    world.store_performs();
    let first_close = close(&mut world);
    let second = complete(&mut world, &query(&login), cookie(&login));
    world.store_performs();
    let second_close = close(&mut world);
    for (id, request) in [first_close, second_close] {
        let reply = world.store.perform(request, world.now.boot);
        world.engine.reply(id, Reply::Store(reply), world.now);
    }
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, first);
    assert_eq!(world.error(second), "callback_already_used");
}

#[test]
fn f006_a_forged_callback_leaves_the_login_for_the_true_one() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    let other = begin(&mut world);
    for (query, binding, code) in [
        ("code=stolen&state=guessed".to_owned(), cookie(&login), "login_unknown"),
        ("code=stolen".to_owned(), cookie(&login), "state_missing"),
        (format!("code=stolen&state={}", "x".repeat(5000)), cookie(&login), "login_unknown"),
        (query(&login), Binding::cookie_header(""), "browser_mismatch"),
        (query(&login), cookie(&other), "browser_mismatch"),
    ] {
        let call = complete(&mut world, &query, binding);
        assert_eq!(world.error(call), code, "{query}");
    }
    let call = complete(&mut world, &query(&login), cookie(&login));
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, call);
}

#[test]
fn an_attacker_s_own_callback_in_another_browser_is_refused() {
    let mut world = Scenario::new();
    // The attacker begins a login, logs in as himself, and sends the victim his callback.
    let attackers = begin(&mut world);
    let victims = begin(&mut world);
    let call = complete(&mut world, &query(&attackers), cookie(&victims));
    assert_eq!(world.error(call), "browser_mismatch");
    assert!(!world.store.has(&key(&web())));
}

#[test]
fn f020_a_callback_that_is_too_late_is_told_so_and_later_nobody_knows_the_login() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    for (passes, code) in [
        (Duration::from_secs(600), "login_expired"),
        (Duration::from_millis(3_599_999), "login_expired"),
        (Duration::from_millis(1), "login_unknown"),
    ] {
        world.pass(passes);
        world.store.sweep(world.now.wall);
        let call = complete(&mut world, &query(&login), cookie(&login));
        assert_eq!(world.error(call), code);
    }
}

#[test]
fn what_is_longer_than_any_state_of_ours_is_not_looked_for() {
    let mut world = Scenario::new();
    for (length, asked) in [(101, 0), (5000, 0), (100, 1)] {
        let query = format!("code=c&state={}", "x".repeat(length));
        let call = complete(&mut world, &query, Binding::cookie_header(""));
        assert_eq!(world.error(call), "login_unknown");
        assert_eq!(world.store.log.len(), asked, "{length}");
    }
}

#[test]
fn a_cancelled_login_is_used_up() {
    let mut world = Scenario::new();
    let login = begin(&mut world);
    let cancelled = format!("error=access_denied&state={}", state(&login));
    let call = complete(&mut world, &cancelled, cookie(&login));
    assert_eq!(world.error(call), "access_denied");
    assert!(!world.store.has_record(&place(&login)));
}

#[test]
fn what_cannot_be_fetched_leaves_the_login_where_it_is() {
    let provider = Provider::discover("https://id.example").unwrap();
    let app: LoginApp = WebApp::new(registration(provider, "isv_web")).unwrap().into();
    let mut world = Scenario::new();
    let request = LoginRequest::new(scopes(&["openid"]));
    let call = world.call(Operation::BeginStoredLogin { app: app.clone(), request });
    world.nothing_to_do();
    let Some(Ok(Output::LoginStored(login))) = world.outcome(call) else { panic!() };
    world.serves_documents = false;
    let callback = format!("code=c&state={}&iss=https%3A%2F%2Fid.example", state(&login));
    let complete = |world: &mut Scenario| {
        let (callback, binding) = (Callback::query(callback.as_str()), cookie(&login));
        world.call(Operation::CompleteStoredLogin { app: app.clone(), callback, binding })
    };
    let call = complete(&mut world);
    let (keys, _) = world.request();
    world.refuse_connection(keys);
    assert_eq!(world.error(call), "connect_failed");
    world.serves_documents = true;
    let call = complete(&mut world);
    let (exchange, _) = world.request();
    world.answer(exchange, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "invalid_grant");
}

#[test]
fn a_store_that_takes_nothing_begins_no_login() {
    let mut world = Scenario::new();
    let call = world.call(Operation::BeginStoredLogin { app: web(), request: login_request() });
    world.store_fails();
    assert_eq!(world.error(call), "store_full");
}
