//! The end session endpoint (RP-Initiated Logout 1.0) and its confirmation.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};

use super::request::{Hint, LogoutRequest};
use super::{end, pages};
use crate::app_state::{AppState, Shared};
use crate::authorize::{Cookie, Cookies, redirect, refuse_page};
use crate::notices;
use crate::observe::Reason;
use crate::params::Params;
use crate::state::Session;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/connect/endsession", get(endpoint).post(endpoint))
        .route(pages::CONFIRM_PATH, post(confirmed))
}

/// Parameters come in the query of a GET or the form of a POST (section 2).
async fn endpoint(
    State(app): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let encoded = if method == Method::POST { &body } else { uri.query().unwrap_or("").as_bytes() };
    let params = match Params::parse(encoded) {
        Ok(params) => params,
        Err(repeated) => return refuse_page(&app, format!("\"{}\" occurs twice", repeated.0)),
    };
    let request = match LogoutRequest::parse(&app, &params) {
        Ok(request) => request,
        Err(reason) => return refuse_page(&app, reason),
    };
    let session = session(&app, &headers);
    match (&session, &request.hint) {
        // Section 2: whoever has no ID token of this user may only ask.
        (Some(session), hint) if hint.as_ref().is_none_or(|hint| hint.sub != session.sub) => {
            pages::confirm(app.config.user_by_sub(&session.sub).map_or("", |user| &user.name))
        }
        _ => finish(&app, session.as_ref(), &request).await,
    }
}

fn session(app: &AppState, headers: &HeaderMap) -> Option<Session> {
    let cookie = Cookies::of(app, headers).session?;
    app.state().sessions.of_browser(&cookie, app.clock.now()).cloned()
}

/// A form of another site is posted without the session's cookie (`SameSite=Lax`), and so ends nothing.
async fn confirmed(State(app): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Params::parse(&body).unwrap_or_default();
    if form.get("action") != Some("logout") {
        return pages::ended(false, None);
    }
    let nowhere = LogoutRequest { hint: None, landing: None, stays_because: None };
    finish(&app, session(&app, &headers).as_ref(), &nowhere).await
}

/// Ends the browser's session and the one that the hint names, tells their applications, and sends the user on.
async fn finish(app: &AppState, session: Option<&Session>, request: &LogoutRequest) -> Response {
    let of_browser = session.map(|session| session.authentication.sid.clone());
    let of_hint = request.hint.as_ref().and_then(|Hint { sid, .. }| sid.clone());
    let mut sids: Vec<String> = of_browser.into_iter().chain(of_hint).collect();
    sids.dedup();
    notices::send(app, end(app, &sids)).await;
    let mut response = match &request.landing {
        Some(landing) => redirect(app, landing),
        None => pages::ended(true, request.stays_because),
    };
    if let Some(reason) = request.stays_because {
        response.extensions_mut().insert(Reason(reason.to_owned()));
    }
    // A form of another site comes without the cookie, and must not take it away either.
    match session {
        Some(_) => Cookie::Session.forget(app, response),
        None => response,
    }
}
