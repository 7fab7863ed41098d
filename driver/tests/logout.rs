//! The end of a user's session at the provider: asked for by the application, and told to it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use grantline::{Callback, Client, ClientSecret, LogoutRequest, Provider, Registration, Revocation, Store};
use grantline_emulator::{Config, Emulator, Fault, FaultKind, LogoutTokenFault, Mode, RequestFilter};
use grantline_scripted_browser::{Browser, Landing, User};
use support::receiver::Receiver;
use support::web::{WEB, log_in, login_request, web_app};
use support::{LIMIT, MODES, WEB_CALLBACK, client, emulator};
use tempfile::TempDir;

const LANDING: &str = "https://app.example/";

fn back_to_the_application() -> LogoutRequest {
    LogoutRequest::new().post_logout_redirect_uri(LANDING)
}

#[tokio::test]
async fn a_logout_ends_the_session_here_and_there_and_comes_back_with_its_state() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = web_app(&client(), &emulator).await;
        let mut browser = Browser::new().unwrap();
        let session = log_in(&app, &mut browser).await.session;
        let begun = session.begin_logout(back_to_the_application()).await.unwrap();
        assert_eq!(begun.revocation, Revocation::Done);
        assert_eq!(session.fresh_token().await.unwrap_err().code(), "session_ended");

        let url = begun.redirect.url.clone().unwrap();
        let landing = browser.go_through(&url, User::Anna).await.unwrap();
        let Landing::Url(back) = landing else { panic!("{landing:?}") };
        assert!(back.starts_with(LANDING), "{back}");
        assert!(begun.redirect.is_answered_by(&Callback::url(back)));
        assert!(!begun.redirect.is_answered_by(&Callback::url("https://app.example/?state=guessed")));
        assert!(!begun.redirect.is_answered_by(&Callback::url(LANDING)));
        // The browser is nobody's any more at the provider: a login without its pages is refused.
        let silent = app.begin_stored_login(login_request().prompt(grantline::Prompt::None)).await.unwrap();
        let landing = browser.go_through(&silent.url, User::Anna).await.unwrap();
        let is_refused = |url: &String| url.contains("error=login_required");
        assert!(matches!(&landing, Landing::Url(url) if is_refused(url)), "{landing:?}");
    }
}

#[tokio::test]
async fn a_logout_without_a_way_back_ends_on_the_provider_s_page() {
    let emulator = emulator(Mode::VismaConnect);
    let app = web_app(&client(), &emulator).await;
    let mut browser = Browser::new().unwrap();
    let session = log_in(&app, &mut browser).await.session;
    let begun = session.begin_logout(LogoutRequest::new()).await.unwrap();
    let landing = browser.go_through(&begun.redirect.url.unwrap(), User::Anna).await.unwrap();
    let Landing::Page(page) = landing else { panic!("{landing:?}") };
    assert!(page.body.contains("You are logged out"), "{page:?}");
}

#[tokio::test]
async fn r194_a_logout_ends_the_session_here_although_the_provider_cannot_be_reached() {
    let (emulator, folder) = (emulator(Mode::Standard), TempDir::new().unwrap());
    let store = || Store::sqlite(folder.path().join("sessions.db")).unwrap();
    let open = || Client::builder().store(store()).dangerous_plaintext().build().unwrap();
    let config = emulator.config();
    let application = config.application(WEB).unwrap();
    let secret = ClientSecret::new(application.secret.as_ref().unwrap().expose_secret());
    let registration = Registration::new(Provider::discover(emulator.issuer()).unwrap(), WEB);
    let registration = registration.client_secret(secret).redirect_uri(WEB_CALLBACK);
    let app = |client: &Client| client.web_app(registration.clone()).unwrap();
    let before = open();
    let session = log_in(&app(&before), &mut Browser::new().unwrap()).await.session;
    before.shutdown().await.unwrap();

    // Another process, which knows nothing of the provider, and cannot ask.
    emulator.add_fault(Fault::new(FaultKind::Status { code: 503, retry_after: None })).unwrap();
    let client = open();
    let session = app(&client).session(session.id().clone());
    let begun = session.begin_logout(back_to_the_application()).await.unwrap();
    assert_eq!(begun.redirect.url, None);
    assert_eq!(begun.redirect.failure.as_ref().unwrap().code(), "server_unavailable");
    assert!(matches!(begun.revocation, Revocation::Failed(_)), "{begun:?}");
    assert!(!begun.redirect.is_answered_by(&Callback::url(format!("{LANDING}?state="))));
    assert_eq!(session.fresh_token().await.unwrap_err().code(), "session_ended");
}

#[tokio::test]
async fn who_drops_a_logout_has_ended_the_session_all_the_same() {
    let emulator = emulator(Mode::VismaConnect);
    let client = client();
    let session = log_in(&web_app(&client, &emulator).await, &mut Browser::new().unwrap()).await.session;
    drop(session.begin_logout(back_to_the_application()));
    let path = Some("/connect/revocation".to_owned());
    let told = emulator.wait_for_requests(&RequestFilter { path, ..RequestFilter::default() }, 1, LIMIT);
    assert_eq!(told.len(), 1, "the server was told");
    assert_eq!(session.fresh_token().await.unwrap_err().code(), "session_ended");
}

/// An emulator that tells the web application of the ends of sessions.
fn telling(receiver: &Receiver, mode: Mode) -> Emulator {
    let mut config = Config { mode, ..Config::default() };
    config.application_mut(WEB).unwrap().backchannel_logout_uri = Some(receiver.url.clone());
    Emulator::start(config).unwrap()
}

#[tokio::test]
async fn the_provider_tells_whose_session_is_over_and_the_application_ends_it() {
    for mode in MODES {
        let receiver = Receiver::start();
        let emulator = telling(&receiver, mode);
        let app = web_app(&client(), &emulator).await;
        let done = log_in(&app, &mut Browser::new().unwrap()).await;
        let identity = done.identity.unwrap();
        emulator.end_session(identity.session_id().unwrap());
        let told = receiver.next();
        let notice = app.check_logout_notice(&*told.body).await.unwrap();
        assert_eq!(notice.subject.as_deref(), Some(identity.subject()));
        assert_eq!(notice.session_id.as_deref(), identity.session_id());
        done.session.end().await.unwrap();
        let repeated = app.check_logout_notice(told.body).await.unwrap_err();
        assert_eq!(repeated.code(), "logout_token_repeated");
    }
}

#[tokio::test]
async fn a_wrong_logout_token_is_refused_and_ends_nothing() {
    let receiver = Receiver::start();
    let emulator = telling(&receiver, Mode::VismaConnect);
    let app = web_app(&client(), &emulator).await;
    for (fault, code) in [
        (LogoutTokenFault::AlgNone, "id_token_algorithm_mismatch"),
        (LogoutTokenFault::BrokenSignature, "id_token_signature_invalid"),
        (LogoutTokenFault::WrongIssuer, "id_token_issuer_mismatch"),
        (LogoutTokenFault::WrongAudience, "id_token_audience_mismatch"),
        (LogoutTokenFault::WithNonce, "logout_token_of_another_kind"),
        (LogoutTokenFault::NoEvents, "logout_token_of_another_kind"),
        (LogoutTokenFault::OtherEvent, "logout_token_of_another_kind"),
        (LogoutTokenFault::NoSubjectAndSession, "logout_token_names_nobody"),
        (LogoutTokenFault::Expired, "id_token_expired"),
        (LogoutTokenFault::NoJti, "id_token_claim_missing"),
    ] {
        let session = log_in(&app, &mut Browser::new().unwrap()).await.session;
        emulator.add_fault(Fault::new(FaultKind::LogoutToken(fault)).times(1)).unwrap();
        emulator.log_out("anna@example.com");
        let refused = app.check_logout_notice(receiver.next().body).await.unwrap_err();
        assert_eq!(refused.code(), code, "{fault:?}");
        session.fresh_token().await.unwrap();
    }
}

#[tokio::test]
async fn a_logout_token_whose_typ_is_jwt_is_taken_by_what_it_says() {
    let receiver = Receiver::start();
    let emulator = telling(&receiver, Mode::VismaConnect);
    let app = web_app(&client(), &emulator).await;
    log_in(&app, &mut Browser::new().unwrap()).await;
    let typ = FaultKind::LogoutToken(LogoutTokenFault::IdTokenType);
    emulator.add_fault(Fault::new(typ).times(1)).unwrap();
    emulator.log_out("anna@example.com");
    app.check_logout_notice(receiver.next().body).await.unwrap();
}

#[tokio::test]
async fn a_logout_token_that_is_not_of_now_is_refused() {
    let receiver = Receiver::start();
    let emulator = telling(&receiver, Mode::VismaConnect);
    let app = web_app(&client(), &emulator).await;
    log_in(&app, &mut Browser::new().unwrap()).await;
    emulator.advance_clock(Duration::from_secs(3600));
    emulator.log_out("anna@example.com");
    let refused = app.check_logout_notice(receiver.next().body).await.unwrap_err();
    assert_eq!(refused.code(), "id_token_from_the_future");
}
