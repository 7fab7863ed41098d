//! The login page.

use askama::Template;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::cookies::{Cookie, Cookies};
use super::response::{self, AuthorizationError};
use super::{consent, interaction, transaction};
use crate::app_state::{AppState, Shared};
use crate::config::{Config, User};
use crate::pages;
use crate::params::Params;
use crate::random;
use crate::state::{Authentication, Session};

pub(super) const PATH: &str = "/login";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    nonce: &'a str,
    action: &'a str,
    transaction: &'a str,
    application: &'a str,
    username: &'a str,
    mfa: bool,
    failed: bool,
}

pub(crate) async fn show(State(app): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or("").as_bytes()).unwrap_or_default();
    render(&app, &Cookies::of(&app, &headers), params.get("transaction"), None)
}

pub(crate) async fn submit(State(app): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Params::parse(&body).unwrap_or_default();
    let cookies = Cookies::of(&app, &headers);
    let id = form.get("transaction");
    if form.get("action") == Some("cancel") {
        return match transaction::take(&app, &cookies, id) {
            Ok(transaction) => response::refuse(&app, &transaction.request.target, cancelled()),
            Err(page) => *page,
        };
    }
    let username = form.get("username").unwrap_or("");
    match find_user(&app.config, username, form.get("password").unwrap_or("")) {
        Some(user) => log_in(&app, &cookies, id, user),
        None => render(&app, &cookies, id, Some(username)),
    }
}

fn cancelled() -> AuthorizationError {
    AuthorizationError::new("access_denied", "the user cancelled the login")
}

fn find_user<'a>(config: &'a Config, username: &str, password: &str) -> Option<&'a User> {
    let user = config.users.iter().find(|user| user.username.eq_ignore_ascii_case(username))?;
    let expected = user.password.expose_secret().as_bytes();
    verify_slices_are_equal(expected, password.as_bytes()).ok().map(|()| user)
}

/// Goes on with the transaction: to the consent page, or back to the application.
fn log_in(app: &AppState, cookies: &Cookies, id: Option<&str>, user: &User) -> Response {
    let request = match transaction::take(app, cookies, id) {
        Ok(transaction) => transaction.request,
        Err(page) => return *page,
    };
    if request.mfa && !user.mfa {
        let reason = "multi-factor authentication was asked for, and this user has none";
        let error = AuthorizationError::new("unmet_authentication_requirements", reason);
        return response::refuse(app, &request.target, error);
    }
    let (key, session) = begin_session(app, user, request.mfa);
    let response = if interaction::needs_consent(app, &request, &session) {
        transaction::open(app, cookies, consent::PATH, request, Some(session))
    } else {
        response::grant(app, request, session)
    };
    Cookie::Session.set(app, &key, response)
}

/// A login that took place now.
pub(crate) fn authentication(app: &AppState, mfa: bool) -> Authentication {
    Authentication { sid: random::uuid(), auth_time_s: app.clock.now_s(), mfa }
}

fn begin_session(app: &AppState, user: &User, mfa: bool) -> (String, Session) {
    let session = Session { sub: user.sub.clone(), authentication: authentication(app, mfa) };
    let (key, now) = (random::identifier(), app.clock.now());
    app.state().sessions.begin(key.clone(), session.clone(), now);
    (key, session)
}

/// The page; `failed_as` is the user name of an attempt that was refused.
fn render(app: &AppState, cookies: &Cookies, id: Option<&str>, failed_as: Option<&str>) -> Response {
    let shown = transaction::with(app, cookies, id, |transaction| {
        let request = &transaction.request;
        (request.target.client_id.clone(), request.login_hint.clone(), request.mfa)
    });
    let (client_id, login_hint, mfa) = match shown {
        Ok(shown) => shown,
        Err(page) => return *page,
    };
    let nonce = random::identifier();
    let page = LoginPage {
        nonce: &nonce,
        action: PATH,
        transaction: id.unwrap_or(""),
        application: app.config.application(&client_id).map_or("", |application| &application.name),
        username: failed_as.unwrap_or(&login_hint),
        mfa,
        failed: failed_as.is_some(),
    };
    let status = if failed_as.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    pages::html(status, &page, &nonce)
}
