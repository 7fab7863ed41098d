//! Logins whose record waits in a store that two servers share.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use grantline::{Binding, Callback, Client, LoggedIn, ResponseMode, SealingKey, SealingKeys, Store, WebApp};
use grantline_emulator::{CannedReply, Emulator, Mode};
use grantline_scripted_browser::{Browser, Landing, User};
use support::web::{WEB, approve, cookie, log_in, login_request, web_app};
use support::{LIMIT, MODES, emulator, native_app};
use tempfile::TempDir;

/// One of the servers of an application.
fn server(folder: &TempDir) -> Client {
    let store = Store::sqlite(folder.path().join("sessions.db")).unwrap();
    let keys = SealingKeys::new(SealingKey::from_bytes([7; 32]));
    Client::builder().store(store).sealing_keys(keys).build().unwrap()
}

async fn two_servers(folder: &TempDir, emulator: &Emulator) -> (WebApp, WebApp) {
    (web_app(&server(folder), emulator).await, web_app(&server(folder), emulator).await)
}

fn exchanges(emulator: &Emulator) -> usize {
    let requests = emulator.requests(WEB);
    requests.iter().filter(|request| request.grant_type.as_deref() == Some("authorization_code")).count()
}

#[tokio::test]
async fn a_login_that_one_server_began_is_completed_by_another_in_both_response_modes() {
    for mode in MODES {
        for response_mode in [ResponseMode::Query, ResponseMode::FormPost] {
            let (emulator, folder) = (emulator(mode), TempDir::new().unwrap());
            let (one, other) = two_servers(&folder, &emulator).await;
            let request = login_request().response_mode(response_mode).app_data("/invoices/7");
            let begun = one.begin_stored_login(request).await.unwrap();
            let callback = approve(&mut Browser::new().unwrap(), &begun).await;
            let done = other.complete_stored_login(callback, cookie(&begun)).await.unwrap();
            assert_eq!(done.app_data.as_deref(), Some("/invoices/7"));
            assert!(done.identity.is_some());
            done.session.fresh_token().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_that_get_one_callback_at_once_exactly_one_logs_in() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let (one, other) = two_servers(&folder, &emulator).await;
    for round in 1..=10 {
        let begun = one.begin_stored_login(login_request()).await.unwrap();
        let landing = emulator.log_in(&begun.url, "anna@example.com").unwrap();
        let complete = |app: &WebApp| {
            tokio::spawn(app.complete_stored_login(Callback::query(&*landing.response), cookie(&begun)))
        };
        let both = [complete(&one), complete(&other)];
        let mut sessions: Vec<LoggedIn> = Vec::new();
        for outcome in both {
            match outcome.await.unwrap() {
                Ok(done) => sessions.push(done),
                // Either both had found the login, or the first had taken it out by then.
                Err(refused) => {
                    assert!(
                        matches!(&*refused.code(), "callback_already_used" | "login_unknown"),
                        "{refused}"
                    );
                }
            }
        }
        assert_eq!((sessions.len(), exchanges(&emulator)), (1, round));
        sessions[0].session.refresh().await.unwrap();
    }
}

#[tokio::test]
async fn an_attacker_s_own_callback_in_another_browser_logs_nobody_in() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let (one, other) = two_servers(&folder, &emulator).await;
    // The attacker begins a login, goes through it as himself, and has the victim's browser open his callback.
    let attackers = one.begin_stored_login(login_request()).await.unwrap();
    let callback = approve(&mut Browser::new().unwrap(), &attackers).await;
    let victims = one.begin_stored_login(login_request()).await.unwrap();
    for binding in [cookie(&victims), Binding::cookie_header("other=1"), Binding::cookie_header("")] {
        let refused = other.complete_stored_login(callback.clone(), binding).await.unwrap_err();
        assert_eq!(refused.code(), "browser_mismatch");
    }
    assert_eq!(exchanges(&emulator), 0);
    assert_eq!(other.sessions(None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_callback_of_no_login_or_of_one_that_is_through_is_unknown() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let (one, other) = two_servers(&folder, &emulator).await;
    let begun = one.begin_stored_login(login_request()).await.unwrap();
    let callback = approve(&mut Browser::new().unwrap(), &begun).await;
    one.complete_stored_login(callback.clone(), cookie(&begun)).await.unwrap();
    for unknown in [callback, Callback::query("code=stolen&state=guessed")] {
        let refused = other.complete_stored_login(unknown, cookie(&begun)).await.unwrap_err();
        assert_eq!(refused.code(), "login_unknown");
    }
}

#[tokio::test]
async fn a_login_whose_exchange_failed_is_used_up_since_its_code_was_sent() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let (one, other) = two_servers(&folder, &emulator).await;
    let begun = one.begin_stored_login(login_request()).await.unwrap();
    let callback = approve(&mut Browser::new().unwrap(), &begun).await;
    emulator.reply_next(CannedReply::dropped("/connect/token").for_client(WEB)).unwrap();
    one.complete_stored_login(callback.clone(), cookie(&begun)).await.unwrap_err();
    let refused = other.complete_stored_login(callback, cookie(&begun)).await.unwrap_err();
    assert_eq!(refused.code(), "login_unknown");
}

#[tokio::test]
async fn a_server_that_goes_away_in_mid_login_leaves_the_user_with_a_new_login() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let (one, other) = two_servers(&folder, &emulator).await;
    let begun = one.begin_stored_login(login_request()).await.unwrap();
    let callback = approve(&mut Browser::new().unwrap(), &begun).await;
    emulator.reply_next(CannedReply::delay("/connect/token", LIMIT).for_client(WEB)).unwrap();
    let waiting = one.complete_stored_login(callback.clone(), cookie(&begun));
    support::wait_for_arrivals(&emulator, WEB, 1);
    drop((waiting, one));
    emulator.clear_replies();
    let refused = other.complete_stored_login(callback, cookie(&begun)).await.unwrap_err();
    assert!(matches!(&*refused.code(), "callback_already_used" | "login_unknown"), "{refused}");
    log_in(&other, &mut Browser::new().unwrap()).await;
}

#[tokio::test]
async fn a_native_application_keeps_its_login_in_the_store_too() {
    let (emulator, folder) = (emulator(Mode::VismaConnect), TempDir::new().unwrap());
    let begun = {
        let app = native_app(&server(&folder), &emulator).await;
        let request = login_request().redirect_uri("http://127.0.0.1:49152/callback");
        app.begin_stored_login(request).await.unwrap()
    };
    assert!(begun.binding.is_none());
    let landing = Browser::new().unwrap().go_through(&begun.url, User::Anna).await.unwrap();
    let Landing::Url(url) = landing else { panic!("{landing:?}") };
    // The process was ended while the user was in the browser.
    let app = native_app(&server(&folder), &emulator).await;
    app.complete_stored_login(Callback::url(url)).await.unwrap();
}
