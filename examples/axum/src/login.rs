//! The way in: off to the provider, and back.

use std::sync::Arc;

use axum::extract::{Query, RawForm, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Method};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use grantline::{Binding, Callback, LoggedIn, LoginRequest, ResponseMode, Scopes};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::{Site, cookies, logout, portal};

#[derive(Deserialize)]
pub(crate) struct Wish {
    next: Option<String>,
}

/// What a login carries. The provider's form comes without the cookie of the session that the browser has now.
#[derive(Serialize, Deserialize)]
struct Carried {
    next: Option<String>,
    replaces: Option<String>,
}

/// `GET /login?next=/invoices`: sends the browser to the provider, with the cookie that binds it to this login.
pub(crate) async fn begin(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(Wish { next }): Query<Wish>,
) -> Result<Response, Failure> {
    let scopes = Scopes::list(["openid", "profile", "offline_access", "visma_api:read"])?;
    let replaces = portal::find(&site, &headers)?.map(|session| session.grant.as_str().to_owned());
    let carried = serde_json::to_string(&Carried { next, replaces })?;
    let request = LoginRequest::new(scopes).response_mode(ResponseMode::FormPost).app_data(carried);
    let login = site.app.begin_stored_login(request).await?;
    let binding = login.binding.map(|binding| (SET_COOKIE, binding.set_cookie().expose_secret().to_owned()));
    Ok((AppendHeaders(binding), Redirect::to(&login.url)).into_response())
}

/// `POST /callback`, the provider's form; a GET is judged as well, and refused. Nothing that was planted in the browser
/// before counts: the session and its cookie are new. The browser goes on to a page without the code in its URL.
pub(crate) async fn complete(
    State(site): State<Arc<Site>>,
    method: Method,
    headers: HeaderMap,
    RawForm(raw): RawForm,
) -> Result<Response, Failure> {
    // As it came: decoding it first would hide parameters that occur twice.
    let raw = String::from_utf8_lossy(&raw);
    let callback = match method {
        Method::POST => Callback::form_post(raw),
        _ => Callback::query(raw),
    };
    let binding = Binding::cookie_header(cookies::raw(&headers));
    let done = site.app.complete_stored_login(callback, binding).await?;
    let cookie = site.sessions.begin(&done, &user_name(&done).await)?;
    let Carried { next, replaces } = serde_json::from_str(done.app_data.as_deref().unwrap_or("{}"))?;
    end_what_is_over(&site, replaces.as_deref()).await?;
    let next = local_path(next);
    Ok((AppendHeaders([(SET_COOKIE, cookies::set(&cookie))]), Redirect::to(&next)).into_response())
}

/// Ends the grants that nobody uses any more. No login fails over one that does not end: the next login tries again.
async fn end_what_is_over(site: &Site, replaced: Option<&str>) -> Result<(), Failure> {
    for grant in site.sessions.over(replaced)? {
        if let Err(failure) = logout::end(site, grant).await {
            eprintln!("{}: {:?}", failure.code(), failure.to_string());
        }
    }
    Ok(())
}

/// What the provider calls the user. It decides nothing, a user being known by the subject, so no login fails over it.
async fn user_name(done: &LoggedIn) -> String {
    let user = done.session.user_info().await.ok();
    user.as_ref().and_then(|user| user.claim("name")?.as_str()).unwrap_or("somebody").to_owned()
}

/// Where to go next: a path of this site, or the home page. To a browser `//host`, `/\host` and `/<tab>/host` are other
/// sites.
fn local_path(wish: Option<String>) -> String {
    let is_local = |path: &String| {
        let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        is_plain && path.starts_with('/') && !path.starts_with("//")
    };
    wish.filter(is_local).unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_leads_to_this_site_or_home() {
        for path in ["/", "/invoices?year=2026", "/a//b"] {
            assert_eq!(local_path(Some(path.to_owned())), path);
        }
        let elsewhere =
            ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "", "evil"];
        for wish in elsewhere {
            assert_eq!(local_path(Some(wish.to_owned())), "/", "{wish:?}");
        }
        assert_eq!(local_path(None), "/");
    }
}
