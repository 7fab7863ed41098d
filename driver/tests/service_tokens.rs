//! Service tokens through the driver, from a real server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use grantline::{
    AccessToken, Advice, Call, Client, ClientSecret, Error, Provider, Registration, Scopes, ServiceApp,
    ServiceTokenRequest, TenantChoice,
};
use grantline_emulator::{CannedReply, Emulator, Mode, RequestFilter};
use support::{BAKERY, MODES, SHIPPING, STRANGER, client, emulator, registration};

const LIMIT: Duration = Duration::from_secs(20);

fn request(tenant: &str) -> ServiceTokenRequest {
    let scopes = Scopes::list(["visma_api:read"]).unwrap();
    ServiceTokenRequest::new(TenantChoice::tenant(tenant).unwrap(), scopes)
}

async fn service_app(emulator: &Emulator) -> ServiceApp {
    client().service_app(registration(emulator, "isv_service").await).unwrap()
}

fn requests(emulator: &Emulator) -> usize {
    emulator.requests("isv_service").len()
}

/// Holds the next answer back until `clear_replies`.
fn hold_next_answer(emulator: &Emulator) {
    emulator.reply_next(CannedReply::delay("/connect/token", LIMIT).for_client("isv_service")).unwrap();
}

fn wait_for_arrival(emulator: &Emulator) {
    let filter = RequestFilter { client_id: Some("isv_service".to_owned()), ..RequestFilter::default() };
    assert_eq!(emulator.wait_for_requests(&filter, 1, LIMIT).len(), 1);
}

#[tokio::test]
async fn each_tenant_has_a_token_of_its_own_that_is_asked_for_once() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = service_app(&emulator).await;
        let bakery = app.token(request(BAKERY)).await.unwrap();
        let again = app.token(request(BAKERY)).await.unwrap();
        let shipping = app.token(request(SHIPPING)).await.unwrap();
        assert!(Arc::ptr_eq(&bakery, &again));
        assert_ne!(bakery.expose_secret(), shipping.expose_secret());
        assert_eq!(bakery.scopes().parameter().as_deref(), Some("visma_api:read"));
        assert_eq!(requests(&emulator), 2);
    }
}

#[tokio::test]
async fn a_tenant_that_has_not_approved_is_refused_with_the_portal_s_page() {
    let emulator = emulator(Mode::VismaConnect);
    let refused = service_app(&emulator).await.token(request(STRANGER)).await.unwrap_err();
    assert_eq!((refused.code().as_ref(), refused.advice()), ("invalid_tenant", Advice::AskAdministrator));
    assert!(refused.to_string().contains("My Applications > Integration > Customers"), "{refused}");
    assert!(refused.to_string().contains("1-2 minutes"), "{refused}");
}

#[tokio::test]
async fn a_wrong_secret_is_the_same_error_whatever_status_it_comes_with() {
    for mode in MODES {
        let emulator = emulator(mode);
        let registration =
            registration(&emulator, "isv_service").await.client_secret(ClientSecret::new("wrong"));
        let refused = client().service_app(registration).unwrap().token(request(BAKERY)).await.unwrap_err();
        assert_eq!((refused.code().as_ref(), refused.advice()), ("invalid_client", Advice::FixConfiguration));
    }
}

#[tokio::test]
async fn of_sixteen_callers_fifteen_are_cancelled_and_one_request_serves_the_last() {
    let emulator = emulator(Mode::VismaConnect);
    let app = service_app(&emulator).await;
    hold_next_answer(&emulator);
    let mut callers: Vec<Call<Arc<AccessToken>>> = (0..16).map(|_| app.token(request(BAKERY))).collect();
    wait_for_arrival(&emulator);
    let last = callers.pop().unwrap();
    drop(callers);
    emulator.clear_replies();
    assert!(!last.await.unwrap().expose_secret().is_empty());
    assert_eq!(requests(&emulator), 1);
}

#[tokio::test]
async fn when_every_caller_is_cancelled_the_next_call_finds_the_token() {
    let emulator = emulator(Mode::VismaConnect);
    let app = service_app(&emulator).await;
    hold_next_answer(&emulator);
    let callers: Vec<Call<Arc<AccessToken>>> = (0..16).map(|_| app.token(request(BAKERY))).collect();
    wait_for_arrival(&emulator);
    drop(callers);
    emulator.clear_replies();
    app.token(request(BAKERY)).await.unwrap();
    assert_eq!(requests(&emulator), 1);
}

#[tokio::test]
async fn a_token_that_is_dead_on_arrival_is_not_handed_out_again() {
    let emulator = emulator(Mode::VismaConnect);
    let app = service_app(&emulator).await;
    let short = r#"{"access_token":"short","token_type":"Bearer","expires_in":0}"#;
    let reply = CannedReply::json("/connect/token", 200, short).for_client("isv_service");
    emulator.reply_next(reply).unwrap();
    assert_eq!(app.token(request(BAKERY)).await.unwrap().expose_secret(), "short");
    assert_ne!(app.token(request(BAKERY)).await.unwrap().expose_secret(), "short");
}

#[test]
fn waiting_works_on_a_plain_thread_and_on_a_runtime_s_own_thread() {
    let emulator = emulator(Mode::VismaConnect);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(service_app(&emulator));
    app.token(request(BAKERY)).wait().unwrap();
    runtime.block_on(async { app.token(request(SHIPPING)).wait().unwrap() });
}

#[test]
fn awaiting_works_under_an_executor_that_is_not_tokio() {
    let emulator = emulator(Mode::VismaConnect);
    let provider = Provider::visma_connect_at(emulator.issuer()).unwrap();
    let registration =
        Registration::new(provider, "isv_service").client_secret(ClientSecret::new("service-secret"));
    let app = Client::new().unwrap().service_app(registration).unwrap();
    futures_executor::block_on(app.token(request(BAKERY))).unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_ends_at_the_client_s_own_time_limit() {
    let emulator = emulator(Mode::VismaConnect);
    let client = Client::builder().http_timeout(Duration::from_secs(2)).build().unwrap();
    let app = client.service_app(registration(&emulator, "isv_service").await).unwrap();
    hold_next_answer(&emulator);
    let slow = app.token(request(BAKERY)).await.unwrap_err();
    assert_eq!((slow.code().as_ref(), slow.advice()), ("timed_out", Advice::Retry { after: None }));
    assert!(slow.to_string().contains("may have arrived"), "{slow}");
}

#[test]
fn a_time_limit_that_a_grace_window_cannot_bear_is_refused() {
    for seconds in [1, 11] {
        let refused = Client::builder().http_timeout(Duration::from_secs(seconds)).build().unwrap_err();
        assert_eq!(refused.code(), "invalid_client_setting");
    }
}

#[test]
fn a_runtime_that_was_handed_in_and_ends_in_mid_request_leaves_no_caller_waiting() {
    let emulator = emulator(Mode::VismaConnect);
    let handed_in = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::builder().runtime(handed_in.handle().clone()).build().unwrap();
    let app = client.service_app(handed_in.block_on(registration(&emulator, "isv_service"))).unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let driven = std::thread::spawn(move || handed_in.block_on(ended));
    hold_next_answer(&emulator);
    let call = app.token(request(BAKERY));
    wait_for_arrival(&emulator);
    end.send(()).unwrap();
    driven.join().unwrap().unwrap();
    assert_eq!(call.wait().unwrap_err().code(), "not_performed");
    assert_eq!(app.token(request(BAKERY)).wait().unwrap_err().code(), "not_performed");
}

#[test]
fn a_runtime_that_was_handed_in_and_ends_with_thousands_in_the_queue_overflows_no_stack() {
    const QUEUED: u32 = 3_000;
    let emulator = emulator(Mode::VismaConnect);
    let handed_in = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::builder().runtime(handed_in.handle().clone()).concurrency(1).build().unwrap();
    let app = client.service_app(handed_in.block_on(registration(&emulator, "isv_service"))).unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let driven = std::thread::spawn(move || handed_in.block_on(ended));
    hold_next_answer(&emulator);
    let tenant = |number: u32| format!("11111111-1111-4111-8111-{number:012}");
    let mut calls = vec![app.token(request(&tenant(0)))];
    wait_for_arrival(&emulator);
    calls.extend((1..=QUEUED).map(|number| app.token(request(&tenant(number)))));
    end.send(()).unwrap();
    driven.join().unwrap().unwrap();
    for call in calls {
        assert_eq!(call.wait().unwrap_err().code(), "not_performed");
    }
}

/// A waker that is foreign code: it goes on to another call of the same client.
struct DropsAnother(Mutex<Option<Call<Arc<AccessToken>>>>, Sender<()>);

impl Wake for DropsAnother {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().unwrap().take());
        self.1.send(()).unwrap();
    }
}

#[tokio::test]
async fn a_caller_that_is_woken_may_drop_another_call_at_once() {
    let emulator = emulator(Mode::VismaConnect);
    let app = service_app(&emulator).await;
    hold_next_answer(&emulator);
    let mut one = app.token(request(BAKERY));
    let (woken, is_woken) = channel();
    let waker = Waker::from(Arc::new(DropsAnother(Mutex::new(Some(app.token(request(BAKERY)))), woken)));
    assert!(Pin::new(&mut one).poll(&mut Context::from_waker(&waker)).is_pending());
    wait_for_arrival(&emulator);
    emulator.clear_replies();
    is_woken.recv_timeout(LIMIT).unwrap();
    one.await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_down_is_told_from_one_that_answers_html() {
    let emulator = emulator(Mode::VismaConnect);
    let app = service_app(&emulator).await;
    let mut page = CannedReply::json("/connect/token", 200, "<html>busy</html>").for_client("isv_service");
    page.headers.insert("content-type".to_owned(), "text/html".to_owned());
    emulator.reply_next(page).unwrap();
    let html = app.token(request(BAKERY)).await.unwrap_err();
    assert_eq!((html.code().as_ref(), html.advice()), ("not_json", Advice::FixConfiguration));

    let unconnected = service_app(&emulator).await;
    emulator.stop();
    let down = unconnected.token(request(BAKERY)).await.unwrap_err();
    assert_eq!((down.code().as_ref(), down.advice()), ("connect_failed", Advice::Retry { after: None }));
    assert!(matches!(down, Error::Transport(_)));
}
