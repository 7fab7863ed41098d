//! A session beyond its tokens: a token that an API refused, the end, the list.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use grantline::{Revocation, SessionId};
use grantline_emulator::Mode;
use support::{NATIVE, client, emulator, native_app, refreshes, session};

#[tokio::test]
async fn a_token_that_an_api_refused_is_not_handed_out_again_and_is_replaced_once() {
    let emulator = emulator(Mode::VismaConnect);
    let session = session(&client(), &emulator).await;
    let first = session.fresh_token().await.unwrap();
    session.invalidate(&first);
    assert!(session.peek(|_| ()).is_none());
    let second = session.fresh_token().await.unwrap();
    assert!(first.generation() < second.generation());
    // Somebody who comes late with the same word.
    session.invalidate(&first);
    assert_eq!(session.fresh_token().await.unwrap().generation(), second.generation());
    assert_eq!(refreshes(&emulator, NATIVE), 1);
}

#[tokio::test]
async fn a_session_that_was_ended_is_over_for_every_handle_and_at_the_server() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = session(&client, &emulator).await;
    let other_handle = native_app(&client, &emulator).await.session(session.id().clone());
    other_handle.fresh_token().await.unwrap();
    assert_eq!(session.end().await.unwrap(), Revocation::Done);
    assert!(other_handle.peek(|_| ()).is_none());
    for handle in [&session, &other_handle] {
        assert_eq!(handle.fresh_token().await.unwrap_err().code(), "session_ended");
    }
    assert!(emulator.grants(NATIVE).iter().all(|grant| grant.ended.is_some()));
    assert_eq!(session.end().await.unwrap(), Revocation::NothingToRevoke);
}

#[tokio::test]
async fn the_sessions_of_an_application_are_listed_by_pages_without_those_that_ended() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let app = native_app(&client, &emulator).await;
    let mut names: Vec<SessionId> = Vec::new();
    for _ in 0..3 {
        names.push(session(&client, &emulator).await.id().clone());
    }
    let ended = session(&client, &emulator).await;
    ended.end().await.unwrap();
    names.sort();
    let first_page = app.sessions(None, 2).await.unwrap();
    let second_page = app.sessions(first_page.last(), 2).await.unwrap();
    assert_eq!((first_page.as_slice(), second_page.as_slice()), names.split_at(2));
}
