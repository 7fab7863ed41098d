//! The login page.

use askama::Template;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::cookies::{Cookie, Cookies};
use super::{consent, interaction, response, transaction};
use crate::app_state::AppState;
use crate::config::{Config, User};
use crate::pages;
use crate::params::Params;
use crate::random;
use crate::refusal::Refusal;
use crate::state::{Authentication, Session};
use crate::suggestion;
use crate::visit::Visit;

pub(super) const PATH: &str = "/login";

/// The name of the check.
const CHECK: &str = "login";

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

pub(crate) async fn show(visit: Visit, headers: HeaderMap, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or("").as_bytes()).unwrap_or_default();
    render(&visit, &Cookies::of(&visit, &headers), params.get("transaction"), None)
}

pub(crate) async fn submit(visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let form = Params::parse(&body).unwrap_or_default();
    let cookies = Cookies::of(&visit, &headers);
    let id = form.get("transaction");
    if form.get("action") == Some("cancel") {
        return match transaction::take(&visit, &cookies, id) {
            Ok(transaction) => response::refuse(&visit, &transaction.request.target, cancelled()),
            Err(page) => *page,
        };
    }
    let username = form.get("username").unwrap_or("");
    match find_user(&visit.config, username, form.get("password").unwrap_or("")) {
        Ok(user) => {
            visit.passed(CHECK, user.username.as_str());
            log_in(&visit, &cookies, id, user)
        }
        Err(why) => {
            visit.failed(CHECK, why);
            render(&visit, &cookies, id, Some(username))
        }
    }
}

fn cancelled() -> Refusal {
    Refusal::new(CHECK, "access_denied", "the user cancelled the login")
}

/// The error is why there is none; the page does not tell which of the two was wrong.
fn find_user<'a>(config: &'a Config, username: &str, password: &str) -> Result<&'a User, String> {
    let mut users = config.users.iter();
    let user = users.find(|user| user.username.eq_ignore_ascii_case(username)).ok_or_else(|| {
        let near = suggestion::in_words(config.users.iter().map(|user| user.username.as_str()), username);
        format!("no user is called \"{username}\"{near}")
    })?;
    let expected = user.password.expose_secret();
    verify_slices_are_equal(expected.as_bytes(), password.as_bytes()).map(|()| user).map_err(|_| {
        let (came, kept) = (password.chars().count(), expected.chars().count());
        format!("wrong password for {}: {came} characters came, its password has {kept}", user.username)
    })
}

/// Goes on with the transaction: to the consent page, or back to the application.
fn log_in(visit: &Visit, cookies: &Cookies, id: Option<&str>, user: &User) -> Response {
    let request = match transaction::take(visit, cookies, id) {
        Ok(transaction) => transaction.request,
        Err(page) => return *page,
    };
    if request.mfa && !user.mfa {
        let reason = "multi-factor authentication was asked for, and this user has none";
        let error = Refusal::new("mfa", "unmet_authentication_requirements", reason);
        return response::refuse(visit, &request.target, error);
    }
    let (key, session) = begin_session(visit, user, request.mfa);
    let response = if interaction::needs_consent(visit, &request, &session) {
        transaction::open(visit, cookies, consent::PATH, request, Some(session))
    } else {
        response::grant(visit, request, session)
    };
    Cookie::Session.set(visit, &key, response)
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
fn render(visit: &Visit, cookies: &Cookies, id: Option<&str>, failed_as: Option<&str>) -> Response {
    let shown = transaction::with(visit, cookies, id, |transaction| {
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
        application: visit.config.application(&client_id).map_or("", |application| &application.name),
        username: failed_as.unwrap_or(&login_hint),
        mfa,
        failed: failed_as.is_some(),
    };
    let status = if failed_as.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    pages::html(status, &page, &nonce)
}
