//! The way out: asked for here, or told by the provider.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use grantline::LogoutRequest;

use crate::failure::Failure;
use crate::pages::Message;
use crate::{Site, cookies};

/// `POST /logout`: the session is over here, its tokens are taken back, and the browser ends the one at the provider. A POST,
/// since no other site's reaches it with the cookie; a link or an image of another site would.
pub(crate) async fn begin(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Failure> {
    let Some(cookie) = cookies::value(&headers) else { return Ok(Redirect::to("/").into_response()) };
    let session = site.sessions.find(&cookie)?;
    site.sessions.end(&cookie)?;
    let request = LogoutRequest::new().post_logout_redirect_uri(format!("{}/signed-out", site.base_url));
    let url = match session {
        Some(session) => site.app.session(session.grant).begin_logout(request).await?.redirect.url,
        None => None,
    };
    let next = Redirect::to(url.as_deref().unwrap_or("/signed-out"));
    Ok((AppendHeaders([(SET_COOKIE, cookies::forget())]), next).into_response())
}

/// `GET /signed-out`: where the provider sends the browser afterwards. It only says so, hence anybody may open it.
pub(crate) async fn signed_out() -> Message {
    Message::new(StatusCode::OK, "You are logged out", "You can close this page.")
}

/// `POST /backchannel-logout`: the provider's server tells that a user's session is over there.
pub(crate) async fn told_by_the_provider(
    State(site): State<Arc<Site>>,
    RawForm(form): RawForm,
) -> Result<StatusCode, (StatusCode, String)> {
    let refused = |failure: Failure| (StatusCode::BAD_REQUEST, failure.code());
    let form = String::from_utf8_lossy(&form);
    let notice = site.app.check_logout_notice(form).await.map_err(|error| refused(error.into()))?;
    for grant in site.sessions.end_as_told(&notice).map_err(refused)? {
        site.app.session(grant).end().await.map_err(|error| refused(error.into()))?;
    }
    Ok(StatusCode::OK)
}
