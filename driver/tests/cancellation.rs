//! Callers that go away in mid-refresh: the refresh token is good once, and the record is on the disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use grantline::{AccessToken, Client, Error, Session, SessionId, Store};
use grantline_emulator::{Config, Emulator, Mode, RefreshPolicy};
use support::{NATIVE, hold_next_answer, native_app, refreshes, session, wait_for_arrivals};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A server whose refresh tokens are good once, without any grace.
fn server() -> Emulator {
    let mut config = Config { mode: Mode::VismaConnect, ..Config::default() };
    for application in &mut config.applications {
        application.grace_s = 0;
    }
    let emulator = Emulator::start(config).unwrap();
    assert_eq!(emulator.config().application(NATIVE).unwrap().refresh, RefreshPolicy::OneTime);
    emulator
}

fn client(folder: &TempDir) -> Client {
    let store = Store::sqlite(folder.path().join("sessions.db")).unwrap();
    Client::builder().store(store).dangerous_plaintext().build().unwrap()
}

type Caller = JoinHandle<Result<Arc<AccessToken>, Error>>;

/// A session whose token has ended, and sixteen callers who wait for the one refresh that was sent.
async fn sixteen_in_mid_refresh(client: &Client, emulator: &Emulator) -> (Session, Vec<Caller>) {
    // Dead on arrival.
    emulator.set_access_token_lifetime(NATIVE, 0);
    let session = session(client, emulator).await;
    emulator.set_access_token_lifetime(NATIVE, 3600);
    hold_next_answer(emulator, NATIVE);
    let asks = |session: Session| async move { session.fresh_token().await };
    let callers = (0..16).map(|_| tokio::spawn(asks(session.clone()))).collect();
    tokio::task::yield_now().await;
    wait_for_arrivals(emulator, NATIVE, 2);
    (session, callers)
}

async fn cancel(callers: impl IntoIterator<Item = Caller>) {
    for caller in callers {
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
    }
}

/// The token that a second process finds in the store.
async fn found_by_another(folder: &TempDir, emulator: &Emulator, id: &SessionId) -> Arc<AccessToken> {
    native_app(&client(folder), emulator).await.session(id.clone()).fresh_token().await.unwrap()
}

#[tokio::test]
async fn of_sixteen_callers_fifteen_are_cancelled_and_the_last_and_the_next_have_the_token() {
    let (emulator, folder) = (server(), TempDir::new().unwrap());
    let client = client(&folder);
    let (session, mut callers) = sixteen_in_mid_refresh(&client, &emulator).await;
    let last = callers.pop().unwrap();
    cancel(callers).await;
    emulator.clear_replies();
    let token = last.await.unwrap().unwrap();
    assert_eq!((token.generation().0, token.is_saved()), (2, true));
    assert_eq!(session.fresh_token().await.unwrap().generation().0, 2);
    assert_eq!(refreshes(&emulator, NATIVE), 1);
    // What was saved is the token that is good now.
    assert_eq!(session.refresh().await.unwrap().generation().0, 3);
}

#[tokio::test]
async fn all_sixteen_are_cancelled_and_the_next_finds_the_new_token_saved_here_and_in_another_process() {
    let (emulator, folder) = (server(), TempDir::new().unwrap());
    let client = client(&folder);
    let (session, callers) = sixteen_in_mid_refresh(&client, &emulator).await;
    cancel(callers).await;
    emulator.clear_replies();
    let token = session.fresh_token().await.unwrap();
    assert_eq!((token.generation().0, token.is_saved()), (2, true));
    let elsewhere = found_by_another(&folder, &emulator, session.id()).await;
    assert_eq!(elsewhere.expose_secret(), token.expose_secret());
    assert_eq!(refreshes(&emulator, NATIVE), 1);
    assert_eq!(session.refresh().await.unwrap().generation().0, 3);
}

#[tokio::test]
async fn all_sixteen_are_cancelled_and_their_client_closed_and_another_process_finds_the_new_token() {
    let (emulator, folder) = (server(), TempDir::new().unwrap());
    let client = client(&folder);
    let (session, callers) = sixteen_in_mid_refresh(&client, &emulator).await;
    cancel(callers).await;
    let end = client.shutdown();
    emulator.clear_replies();
    end.await.unwrap();
    assert_eq!(found_by_another(&folder, &emulator, session.id()).await.generation().0, 2);
    assert_eq!(refreshes(&emulator, NATIVE), 1);
}
