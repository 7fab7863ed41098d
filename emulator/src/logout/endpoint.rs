//! The end session endpoint (RP-Initiated Logout 1.0) and its confirmation.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};

use super::request::{Hint, LogoutRequest};
use super::{end, pages};
use crate::app_state::Shared;
use crate::authorize::{Cookie, Cookies, redirect, refuse_page};
use crate::notices;
use crate::params::Params;
use crate::state::Session;
use crate::visit::Visit;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/connect/endsession", get(endpoint).post(endpoint))
        .route(pages::CONFIRM_PATH, post(confirmed))
}

/// Parameters come in the query of a GET or the form of a POST (section 2).
async fn endpoint(visit: Visit, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let encoded = if method == Method::POST { &body } else { uri.query().unwrap_or("").as_bytes() };
    let params = match Params::parse(encoded) {
        Ok(params) => params,
        Err(repeated) => {
            return refuse_page(&visit, "parameters", format!("\"{}\" occurs twice", repeated.0));
        }
    };
    let request = match LogoutRequest::parse(&visit, &params) {
        Ok(request) => request,
        Err(wrong) => return refuse_page(&visit, wrong.check, wrong.reason),
    };
    let session = session(&visit, &headers);
    match (&session, &request.hint) {
        // Section 2: whoever has no ID token of this user may only ask.
        (Some(session), hint) if hint.as_ref().is_none_or(|hint| hint.sub != session.sub) => {
            visit.passed("session", "the browser's user is asked, for there is no ID token of this user");
            pages::confirm(visit.config.user_by_sub(&session.sub).map_or("", |user| &user.name))
        }
        _ => finish(&visit, session.as_ref(), &request).await,
    }
}

fn session(visit: &Visit, headers: &HeaderMap) -> Option<Session> {
    let cookie = Cookies::of(visit, headers).session?;
    visit.state().sessions.of_browser(&cookie, visit.clock.now()).cloned()
}

/// A form of another site is posted without the session's cookie (`SameSite=Lax`), and so ends nothing.
async fn confirmed(visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let form = Params::parse(&body).unwrap_or_default();
    if form.get("action") != Some("logout") {
        return pages::ended(false, None);
    }
    let nowhere = LogoutRequest { hint: None, landing: None, stays_because: None };
    finish(&visit, session(&visit, &headers).as_ref(), &nowhere).await
}

/// Ends the browser's session and the one that the hint names, tells their applications, and sends the user on.
async fn finish(visit: &Visit, session: Option<&Session>, request: &LogoutRequest) -> Response {
    let of_browser = session.map(|session| session.authentication.sid.clone());
    let of_hint = request.hint.as_ref().and_then(|Hint { sid, .. }| sid.clone());
    let mut sids: Vec<String> = of_browser.into_iter().chain(of_hint).collect();
    sids.dedup();
    visit.passed("session", ended(&sids));
    notices::send(&visit.app, end(visit, &sids)).await;
    let response = match &request.landing {
        Some(landing) => redirect(visit, landing),
        None => pages::ended(true, request.stays_because.as_deref()),
    };
    // A form of another site comes without the cookie, and must not take it away either.
    match session {
        Some(_) => Cookie::Session.forget(visit, response),
        None => response,
    }
}

fn ended(sids: &[String]) -> String {
    match sids {
        [] => "none to end".to_owned(),
        sids => format!("ended: {}", sids.join(", ")),
    }
}
