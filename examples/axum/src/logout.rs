//! The way out: asked for here, or told by the provider.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use grantline::{LogoutRequest, SessionId};

use crate::failure::Failure;
use crate::pages::Message;
use crate::{Site, cookies, portal};

/// `POST /logout`: the session is over here, its tokens are taken back, and the browser ends the one at the provider. A POST,
/// since no other site's reaches it with the cookie; a link or an image of another site would.
pub(crate) async fn begin(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Failure> {
    let Some(session) = portal::find(&site, &headers)? else { return Ok(Redirect::to("/").into_response()) };
    let request = LogoutRequest::new().post_logout_redirect_uri(format!("{}/signed-out", site.base_url));
    let begun = site.app.session(session.grant.clone()).begin_logout(request).await?;
    site.sessions.forget(&session.grant)?;
    let next = Redirect::to(begun.redirect.url.as_deref().unwrap_or("/signed-out"));
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
    let mut answer = Ok(StatusCode::OK);
    for grant in site.sessions.named_by(&notice).map_err(refused)? {
        // One that fails keeps none of the others alive.
        if let Err(failure) = end(&site, grant).await {
            answer = Err(refused(failure));
        }
    }
    answer
}

/// Ends a grant, and then the session that had it.
pub(crate) async fn end(site: &Site, grant: SessionId) -> Result<(), Failure> {
    site.app.session(grant.clone()).end().await?;
    site.sessions.forget(&grant)
}
