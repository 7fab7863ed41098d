//! Code of the application that panics where grantline runs it: a layer of `tracing`, the waker of an event stream.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::Stream as _;
use grantline::{Client, HttpWork};
use grantline_emulator::Mode;
use support::{
    BAKERY, LIMIT, NATIVE, SERVICE, client, emulator, refreshes, registration, service_request, session,
};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Panics at everything that grantline tells.
struct PanicsAtEvents;

impl Subscriber for PanicsAtEvents {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("grantline")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        panic!("a layer of the application's");
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The subscriber is the process's.
fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(PanicsAtEvents).unwrap());
}

struct PanicsWhenWoken;

impl Wake for PanicsWhenWoken {
    fn wake(self: Arc<Self>) {
        panic!("a waker of the application's");
    }
}

#[tokio::test]
async fn a_layer_that_panics_takes_no_answer_and_no_caller_along() {
    subscribe();
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = session(&client, &emulator).await;
    assert_eq!(session.refresh().await.unwrap().generation().0, 2);
    assert_eq!(refreshes(&emulator, NATIVE), 1);
    client.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_listener_whose_waker_panics_does_not_stop_the_clock() {
    subscribe();
    let emulator = emulator(Mode::VismaConnect);
    let builder = Client::builder().http_outside().http_timeout(Duration::from_secs(2));
    let client = builder.build().unwrap();
    let app = client.service_app(registration(&emulator, SERVICE).await).unwrap();
    let mut events = client.events();
    let waker = Waker::from(Arc::new(PanicsWhenWoken));
    assert!(Pin::new(&mut events).poll_next(&mut Context::from_waker(&waker)).is_pending());

    let mut token = app.token(service_request(BAKERY));
    let Some(HttpWork::Perform { .. }) = client.next_http_work().await else { panic!("a request waits") };
    // Nobody replies: the clock alone ends it, and tells of it.
    assert_eq!(token.wait_for(LIMIT).unwrap().unwrap_err().code(), "timed_out");
    client.shutdown().wait_for(LIMIT).unwrap().unwrap();
}
