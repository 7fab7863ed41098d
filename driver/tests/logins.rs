//! Logins and sessions through the driver, with a scripted browser, at a server of each kind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use grantline::{
    Binding, Callback, Error, LoginRequest, NativeApp, PendingLogin, ResponseMode, Scopes, Session,
    SessionId, WebApp,
};
use grantline_emulator::{CannedReply, Emulator, Mode, RequestFilter};
use grantline_scripted_browser::{Browser, Landing, User};
use support::{MODES, WEB_CALLBACK, client, emulator, registration};

const LIMIT: Duration = Duration::from_secs(20);
const NATIVE_CALLBACK: &str = "http://127.0.0.1:49152/callback";

fn scopes() -> Scopes {
    Scopes::list(["openid", "offline_access", "visma_api:read"]).unwrap()
}

async fn web_app(emulator: &Emulator) -> WebApp {
    let registration = registration(emulator, "isv_web").await.redirect_uri(WEB_CALLBACK);
    client().web_app(registration).unwrap()
}

async fn native_app(emulator: &Emulator) -> NativeApp {
    let registration = registration(emulator, "isv_native").await.redirect_uri("http://127.0.0.1/callback");
    client().native_app(registration).unwrap()
}

/// A web login up to the callback.
struct Begun {
    app: WebApp,
    pending: PendingLogin,
    callback: Callback,
    binding: Binding,
}

impl Begun {
    async fn at(emulator: &Emulator, request: LoginRequest, user: User) -> Self {
        let app = web_app(emulator).await;
        let begun = app.begin_login(request).await.unwrap();
        let binding = begun.binding.unwrap();
        let cookie = format!("other=1; {}={}", binding.cookie_name(), binding.expose_value());
        let callback = match Browser::new().unwrap().go_through(&begun.url, user).await.unwrap() {
            Landing::Url(url) => Callback::query(url.split_once('?').unwrap().1),
            Landing::FormPost(form) => {
                assert_eq!(form.action.as_str(), WEB_CALLBACK);
                Callback::form_post(form.body())
            }
            Landing::Page(page) => panic!("the login ended on a page of the provider's: {page:?}"),
        };
        Self { app, pending: begun.pending, callback, binding: Binding::cookie_header(cookie) }
    }

    async fn complete(self) -> Result<grantline::LoggedIn, Error> {
        self.app.complete_login(self.pending, self.callback, self.binding).await
    }
}

async fn session(emulator: &Emulator) -> Session {
    Begun::at(emulator, LoginRequest::new(scopes()), User::Anna).await.complete().await.unwrap().session
}

fn refreshes(emulator: &Emulator) -> usize {
    let requests = emulator.requests("isv_web");
    requests.iter().filter(|request| request.grant_type.as_deref() == Some("refresh_token")).count()
}

#[tokio::test]
async fn a_web_login_becomes_a_session_in_both_response_modes() {
    for mode in MODES {
        for response_mode in [ResponseMode::Query, ResponseMode::FormPost] {
            let emulator = emulator(mode);
            let request = LoginRequest::new(scopes()).response_mode(response_mode).app_data("/invoices/7");
            let done = Begun::at(&emulator, request, User::Anna).await.complete().await.unwrap();
            assert_eq!(done.app_data.as_deref(), Some("/invoices/7"));
            let token = done.session.fresh_token().await.unwrap();
            assert!(token.scopes().contains("visma_api:read"));
            assert_eq!(refreshes(&emulator), 0);
        }
    }
}

#[tokio::test]
async fn a_native_login_returns_to_any_port_of_loopback() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = native_app(&emulator).await;
        let request = LoginRequest::new(scopes()).redirect_uri(NATIVE_CALLBACK);
        let begun = app.begin_login(request).await.unwrap();
        assert!(begun.binding.is_none());
        let landing = Browser::new().unwrap().go_through(&begun.url, User::Anna).await.unwrap();
        let Landing::Url(url) = landing else { panic!("{landing:?}") };
        let callback = Callback::url(url);
        app.check_callback(&begun.pending, &callback).unwrap();
        let done = app.complete_login(begun.pending, callback).await.unwrap();
        done.session.fresh_token().await.unwrap();
    }
}

#[tokio::test]
async fn a_pending_login_survives_the_process_as_its_record() {
    let emulator = emulator(Mode::VismaConnect);
    let mut begun = Begun::at(&emulator, LoginRequest::new(scopes()), User::Anna).await;
    let record = begun.pending.to_record().unwrap();
    begun.pending = PendingLogin::from_record(record.expose_secret()).unwrap();
    begun.app = web_app(&emulator).await;
    begun.complete().await.unwrap();
}

#[tokio::test]
async fn a_user_who_cancels_is_the_provider_s_own_error_in_both_kinds_of_server() {
    for mode in MODES {
        let emulator = emulator(mode);
        let refused = Begun::at(&emulator, LoginRequest::new(scopes()), User::AnnaWhoCancels).await;
        assert_eq!(refused.complete().await.unwrap_err().code(), "access_denied");
    }
}

#[tokio::test]
async fn a_callback_is_taken_once() {
    let emulator = emulator(Mode::VismaConnect);
    let begun = Begun::at(&emulator, LoginRequest::new(scopes()), User::Anna).await;
    let (app, pending) = (begun.app.clone(), begun.pending.clone());
    let (callback, binding) = (begun.callback.clone(), begun.binding.clone());
    begun.complete().await.unwrap();
    let second = app.complete_login(pending, callback, binding).await.unwrap_err();
    assert_eq!(second.code(), "callback_already_used");
}

#[tokio::test]
async fn a_callback_from_another_browser_or_for_another_login_is_refused_and_the_true_one_still_works() {
    let emulator = emulator(Mode::VismaConnect);
    let mine = Begun::at(&emulator, LoginRequest::new(scopes()), User::Anna).await;
    let other = Begun::at(&emulator, LoginRequest::new(scopes()), User::Anna).await;
    let complete = |callback: &Callback, binding: &Binding| {
        mine.app.complete_login(mine.pending.clone(), callback.clone(), binding.clone())
    };
    assert_eq!(complete(&mine.callback, &other.binding).await.unwrap_err().code(), "browser_mismatch");
    assert_eq!(complete(&other.callback, &mine.binding).await.unwrap_err().code(), "state_mismatch");
    complete(&mine.callback, &mine.binding).await.unwrap();
}

#[tokio::test]
async fn a_session_refreshes_with_a_rotated_token_each_time() {
    for mode in MODES {
        let emulator = emulator(mode);
        let session = session(&emulator).await;
        let first = session.fresh_token().await.unwrap();
        let second = session.refresh().await.unwrap();
        let third = session.refresh().await.unwrap();
        assert!(first.generation() < second.generation() && second.generation() < third.generation());
        assert_eq!(refreshes(&emulator), 2);
    }
}

#[tokio::test]
async fn sixteen_callers_share_one_refresh_though_fifteen_of_them_go_away() {
    let emulator = emulator(Mode::VismaConnect);
    let session = session(&emulator).await;
    hold_next_answer(&emulator);
    let mut callers: Vec<_> = (0..16).map(|_| session.refresh()).collect();
    wait_for_requests(&emulator, 2);
    let last = callers.pop().unwrap();
    drop(callers);
    emulator.clear_replies();
    last.await.unwrap();
    assert_eq!(refreshes(&emulator), 1);
}

#[test]
fn a_caller_s_runtime_that_ends_in_mid_refresh_loses_nothing() {
    let emulator = emulator(Mode::VismaConnect);
    let callers_own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let session = callers_own.block_on(session(&emulator));
    hold_next_answer(&emulator);
    let waiting = session.clone();
    callers_own.spawn(async move { waiting.refresh().await });
    callers_own.block_on(tokio::task::yield_now());
    wait_for_requests(&emulator, 2);
    drop(callers_own);
    // The same refresh, still under way, or its saved outcome.
    let asked = session.refresh();
    emulator.clear_replies();
    assert_eq!(asked.wait().unwrap().generation().0, 2);
    assert_eq!(refreshes(&emulator), 1);
    // What was saved is good: the rotated refresh token works.
    assert_eq!(session.refresh().wait().unwrap().generation().0, 3);
}

#[tokio::test]
async fn a_refresh_that_the_server_refuses_ends_the_session_and_nothing_else_does() {
    let emulator = emulator(Mode::VismaConnect);
    let session = session(&emulator).await;
    let busy = CannedReply::json("/connect/token", 503, "{}").header("retry-after", "0");
    emulator.reply_next(busy.for_client("isv_web")).unwrap();
    assert_eq!(session.refresh().await.unwrap_err().code(), "server_unavailable");
    session.refresh().await.unwrap();

    let refusal =
        CannedReply::json("/connect/token", 400, r#"{"error":"invalid_grant"}"#).for_client("isv_web");
    emulator.reply_next(refusal).unwrap();
    assert_eq!(session.refresh().await.unwrap_err().code(), "invalid_grant");
    assert_eq!(session.refresh().await.unwrap_err().code(), "session_ended");
}

#[tokio::test]
async fn a_session_that_nobody_began_is_unknown() {
    let emulator = emulator(Mode::VismaConnect);
    let session = web_app(&emulator).await.session(SessionId::new("nobody").unwrap());
    assert_eq!(session.fresh_token().await.unwrap_err().code(), "session_unknown");
}

fn hold_next_answer(emulator: &Emulator) {
    emulator.reply_next(CannedReply::delay("/connect/token", LIMIT).for_client("isv_web")).unwrap();
}

fn wait_for_requests(emulator: &Emulator, count: usize) {
    let path = Some("/connect/token".to_owned());
    let filter = RequestFilter { client_id: Some("isv_web".to_owned()), path, ..RequestFilter::default() };
    assert_eq!(emulator.wait_for_requests(&filter, count, LIMIT).len(), count);
}
