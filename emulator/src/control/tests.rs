//! A removal and a request that began before it: the request still has the configuration of its arrival.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::{Url, form_urlencoded};

use super::{ControlError, applications};
use crate::app_state::Shared;
use crate::authorize::{LoginAtOnce, LoginError, log_in};
use crate::config::{Config, Consent};
use crate::server::{ANY_LOOPBACK_PORT, Server};
use crate::token;
use crate::visit::Visit;

const CLIENT_ID: &str = "isv_web_reuse";
const REDIRECT_URI: &str = "http://localhost:8080/callback";

fn emulator() -> Shared {
    Server::bind(ANY_LOOPBACK_PORT, Config::default()).unwrap().shared()
}

fn login() -> LoginAtOnce {
    let params = [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("scope", "openid offline_access"),
        ("redirect_uri", REDIRECT_URI),
    ];
    let url = Url::parse_with_params("http://127.0.0.1/connect/authorize", params).unwrap();
    LoginAtOnce { url: url.into(), username: "anna@example.com".to_owned() }
}

async fn exchange(visit: Visit, landing: &str) -> StatusCode {
    let (_, code) = form_urlencoded::parse(landing.as_bytes()).find(|(name, _)| name == "code").unwrap();
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("client_secret", "web-reuse-secret")
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("code", &code)
        .finish();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, form_type)]);
    token::endpoint(visit, Method::POST, headers, Bytes::from(form)).await.status()
}

/// The first half of a removal: what was granted is not forgotten yet.
fn take_out_application(app: &Shared) {
    let taken = app.registry.change(|config| {
        config.applications.retain(|application| application.client_id != CLIENT_ID);
        Ok::<_, ControlError>(())
    });
    taken.unwrap();
}

fn take_out_user(app: &Shared) {
    let taken = app.registry.change(|config| {
        config.users.retain(|user| user.username != "anna@example.com");
        Ok::<_, ControlError>(())
    });
    taken.unwrap();
}

#[tokio::test]
async fn a_code_that_is_exchanged_in_the_middle_of_a_removal_begins_no_grant() {
    for take_out in [take_out_application, take_out_user] {
        let app = emulator();
        let visit = Visit::begin(&app, app.keys.made().await);
        let landing = log_in(&visit, &login()).unwrap();
        take_out(&app);
        assert_eq!(exchange(visit, &landing.response).await, StatusCode::BAD_REQUEST);
        assert!(app.grants(|_| true).is_empty());
    }
}

#[tokio::test]
async fn a_login_in_the_middle_of_a_removal_gives_no_code() {
    for take_out in [take_out_application, take_out_user] {
        let app = emulator();
        let visit = Visit::begin(&app, app.keys.made().await);
        take_out(&app);
        let refused = log_in(&visit, &login());
        assert!(matches!(&refused, Err(LoginError::Refused(why)) if why.contains("removed meanwhile")));
    }
}

/// So that the two tests before refuse for the removal, and for nothing else.
#[tokio::test]
async fn without_a_removal_the_same_code_begins_one() {
    let app = emulator();
    let visit = Visit::begin(&app, app.keys.made().await);
    let landing = log_in(&visit, &login()).unwrap();
    assert_eq!(exchange(visit, &landing.response).await, StatusCode::OK);
    assert_eq!(app.grants(|_| true).len(), 1);
}

#[tokio::test]
async fn a_code_of_an_application_that_was_removed_is_no_code_of_the_next_one_of_its_name() {
    let app = emulator();
    let visit = Visit::begin(&app, app.keys.made().await);
    let landing = log_in(&visit, &login()).unwrap();
    let application = app.config().application(CLIENT_ID).cloned().unwrap();
    applications::remove(&app, CLIENT_ID).unwrap();
    let client_type = applications::ClientType::Confidential;
    applications::register(
        &app,
        crate::config::Application { consent: Consent::Skip, ..application },
        client_type,
    )
    .unwrap();
    assert_eq!(exchange(visit, &landing.response).await, StatusCode::BAD_REQUEST);
    assert!(app.grants(|_| true).is_empty());
}
