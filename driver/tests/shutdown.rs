//! The end of a client: what was sent is not lost, and what comes after it is told so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use grantline::{
    Client, ClientSecret, HttpResponse, HttpWork, LoginRequest, Provider, Registration, Scopes, SecretBytes,
    Store,
};
use grantline_emulator::Mode;
use support::{
    BAKERY, LIMIT, NATIVE, SERVICE, SHIPPING, emulator, hold_next_answer, native_app, refreshes,
    registration, service_request, session, wait_for_arrivals,
};

fn client_with(store: &Store) -> Client {
    Client::builder().store(store.clone()).build().unwrap()
}

fn token_response(token: &str) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
    HttpResponse { status: 200, headers, body: SecretBytes::new(body.into_bytes()) }
}

#[tokio::test]
async fn a_client_that_was_shut_down_refuses_every_call_also_for_a_token_that_is_still_fresh() {
    let emulator = emulator(Mode::VismaConnect);
    let client = support::client();
    let session = session(&client, &emulator).await;
    let source = client
        .service_app(registration(&emulator, SERVICE).await)
        .unwrap()
        .token_source(service_request(BAKERY));
    source.fresh_token().await.unwrap();
    assert!(source.peek(|_| ()).is_some() && session.peek(|_| ()).is_some());

    client.shutdown().await.unwrap();
    assert!(source.peek(|_| ()).is_none() && session.peek(|_| ()).is_none());
    let login = native_app(&client, &emulator).await.begin_login(LoginRequest::new(Scopes::all_allowed()));
    for refused in [
        source.fresh_token().await.unwrap_err(),
        session.fresh_token().await.unwrap_err(),
        session.end().await.unwrap_err(),
        login.await.unwrap_err(),
    ] {
        assert_eq!(refused.code(), "client_closed");
    }
}

#[tokio::test]
async fn what_was_sent_is_waited_for_and_saved_whoever_waits_for_the_end() {
    let emulator = emulator(Mode::VismaConnect);
    let store = Store::memory();
    let client = client_with(&store);
    let session = session(&client, &emulator).await;
    hold_next_answer(&emulator, NATIVE);
    let refresh = session.refresh();
    wait_for_arrivals(&emulator, NATIVE, 2);
    drop(client.shutdown());
    assert_eq!(session.refresh().await.unwrap_err().code(), "client_closed");

    emulator.clear_replies();
    client.shutdown().await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(refresh.await.unwrap().generation().0, 2);
    let next = client_with(&store);
    let found = native_app(&next, &emulator).await.session(session.id().clone());
    assert_eq!(found.fresh_token().await.unwrap().generation().0, 2);
    assert_eq!(refreshes(&emulator, NATIVE), 1);
}

#[tokio::test]
async fn what_takes_longer_than_the_limit_is_given_up_and_whoever_waits_is_told() {
    let emulator = emulator(Mode::VismaConnect);
    let client = support::client();
    let app = client.service_app(registration(&emulator, SERVICE).await).unwrap();
    hold_next_answer(&emulator, SERVICE);
    let token = app.token(service_request(BAKERY));
    wait_for_arrivals(&emulator, SERVICE, 1);
    let (ample, none) = (client.shutdown(), client.shutdown_within(Duration::ZERO));
    assert_eq!(token.await.unwrap_err().code(), "cancelled");
    assert_eq!(none.await.unwrap_err().code(), "cancelled");
    assert_eq!(ample.await.unwrap_err().code(), "cancelled");
    assert_eq!(client.shutdown().await.unwrap_err().code(), "cancelled", "also for whoever asks later");
}

#[tokio::test]
async fn who_only_waits_for_the_refresh_of_another_client_is_not_waited_for() {
    let emulator = emulator(Mode::VismaConnect);
    let store = Store::memory();
    let (client, other) = (client_with(&store), client_with(&store));
    let session = session(&client, &emulator).await;
    hold_next_answer(&emulator, NATIVE);
    let refresh = session.refresh();
    wait_for_arrivals(&emulator, NATIVE, 2);

    let same = native_app(&other, &emulator).await.session(session.id().clone());
    same.fresh_token().await.unwrap();
    let waiting = same.refresh();
    other.shutdown().await.unwrap();
    assert_eq!(waiting.await.unwrap_err().code(), "cancelled");
    emulator.clear_replies();
    assert_eq!(refresh.await.unwrap().generation().0, 2);
}

#[tokio::test]
async fn nothing_is_sent_whose_answer_would_not_be_waited_for() {
    let emulator = emulator(Mode::VismaConnect);
    let client = Client::builder().concurrency(1).build().unwrap();
    let app = client.service_app(registration(&emulator, SERVICE).await).unwrap();
    hold_next_answer(&emulator, SERVICE);
    let sent = app.token(service_request(BAKERY));
    let queued = app.token(service_request(SHIPPING));
    wait_for_arrivals(&emulator, SERVICE, 1);
    let end = client.shutdown();
    emulator.clear_replies();
    sent.await.unwrap();
    assert_eq!(queued.await.unwrap_err().code(), "not_performed");
    end.await.unwrap();
    assert_eq!(emulator.requests(SERVICE).len(), 1);
}

#[tokio::test]
async fn dropping_the_last_handle_loses_nothing_that_was_sent() {
    let emulator = emulator(Mode::VismaConnect);
    let store = Store::memory();
    let client = client_with(&store);
    // The first token is dead on arrival, so that whoever wants one waits for the refresh.
    emulator.set_access_token_lifetime(NATIVE, 0);
    let session = session(&client, &emulator).await;
    emulator.set_access_token_lifetime(NATIVE, 3600);
    hold_next_answer(&emulator, NATIVE);
    drop(session.fresh_token());
    wait_for_arrivals(&emulator, NATIVE, 2);
    let id = session.id().clone();
    drop((client, session));

    let next = client_with(&store);
    let waiting = native_app(&next, &emulator).await.session(id).fresh_token();
    emulator.clear_replies();
    assert_eq!(waiting.await.unwrap().generation().0, 2);
    assert_eq!(refreshes(&emulator, NATIVE), 1);
}

#[tokio::test]
async fn requests_that_the_application_sends_are_handed_out_until_the_end() {
    let emulator = emulator(Mode::VismaConnect);
    let client = Client::builder().http_outside().build().unwrap();
    let app = client.service_app(registration(&emulator, SERVICE).await).unwrap();
    let token = app.token(service_request(BAKERY));
    let end = client.shutdown();
    let Some(HttpWork::Perform { id, .. }) = client.next_http_work().await else { panic!("a request waits") };
    client.reply_http(id, Ok(token_response("late")));
    assert_eq!(token.await.unwrap().expose_secret(), "late");
    end.await.unwrap();
    assert!(client.next_http_work().await.is_none());
}

/// A client whose requests a thread answers, until the end.
fn answered_by_a_thread<'scope>(scope: &'scope std::thread::Scope<'scope, '_>) -> Client {
    let client = Client::builder().http_outside().build().unwrap();
    let work = client.clone();
    scope.spawn(move || {
        while let Some(next) = futures_executor::block_on(work.next_http_work()) {
            if let HttpWork::Perform { id, .. } = next {
                work.reply_http(id, Ok(token_response("quick")));
            }
        }
    });
    client
}

#[test]
fn no_caller_is_left_waiting_wherever_the_end_falls() {
    for calls_before_the_end in 0..40 {
        std::thread::scope(|scope| {
            let client = answered_by_a_thread(scope);
            let registration = Registration::new(Provider::visma_connect(), SERVICE)
                .client_secret(ClientSecret::new("service-secret"));
            let app = client.service_app(registration).unwrap();
            let (done, counted) = std::sync::mpsc::channel();
            for tenant in [BAKERY, SHIPPING] {
                let (app, done) = (app.clone(), done.clone());
                scope.spawn(move || {
                    let source = app.token_source(service_request(tenant));
                    let outcomes = std::iter::repeat_with(|| {
                        let outcome = source.refresh().wait_for(LIMIT).unwrap();
                        let _ = done.send(());
                        outcome
                    });
                    let end = outcomes.filter_map(Result::err).find(|error| error.code() == "client_closed");
                    assert!(end.is_some());
                });
            }
            (0..calls_before_the_end).for_each(|_| counted.recv().unwrap());
            client.shutdown().wait_for(LIMIT).unwrap().unwrap();
        });
    }
}
