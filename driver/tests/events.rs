//! What a client tells of its grants.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use futures_util::StreamExt as _;
use grantline::{EndReason, Event, Events, Notice};
use grantline_emulator::{CannedReply, Mode};
use support::{NATIVE, client, emulator, session};

async fn next(events: &Events) -> Event {
    match events.next().await.unwrap() {
        Some(Notice::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_listener_is_told_what_happens_after_it_came() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = session(&client, &emulator).await;
    let listeners = [client.events(), client.events()];
    session.refresh().await.unwrap();
    for events in &listeners {
        let Event::Refreshed { generation, .. } = next(events).await else { panic!("a refresh is told") };
        assert_eq!(generation.0, 2);
    }
}

#[tokio::test]
async fn a_refresh_that_fails_and_the_end_of_a_session_are_told_with_their_reason() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = session(&client, &emulator).await;
    let events = client.events();
    let busy = CannedReply::json("/connect/token", 503, "{}").header("retry-after", "0");
    emulator.reply_next(busy.for_client(NATIVE)).unwrap();
    session.refresh().await.unwrap_err();
    let Event::RefreshFailed { error, .. } = next(&events).await else { panic!("a failure is told") };
    assert_eq!(error.code(), "server_unavailable");

    session.end().await.unwrap();
    let Event::SessionEnded { key, why } = next(&events).await else { panic!("an end is told") };
    assert_eq!((&key.session, why), (session.id(), EndReason::EndedByApplication));
}

#[tokio::test]
async fn the_events_are_a_stream_that_ends_with_its_client() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = session(&client, &emulator).await;
    let events = client.events();
    session.refresh().await.unwrap();
    client.shutdown().await.unwrap();
    drop((client.clone(), session));
    let told: Vec<Notice> = events.collect().await;
    assert!(matches!(told.as_slice(), [Notice::Event(Event::Refreshed { .. })]), "{told:?}");
    assert_eq!(client.events().next().await, Ok(None));
}
