//! What the application is there for: pages that need a user.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use grantline::{Advice, Session};
use serde::Deserialize;

use crate::failure::Failure;
use crate::pages::{Home, Invoices};
use crate::sessions::WebSession;
use crate::{Site, cookies};

#[derive(Deserialize)]
struct Answer {
    invoices: Vec<Invoice>,
}

/// As the API has it.
#[derive(Deserialize)]
pub(crate) struct Invoice {
    pub(crate) number: u64,
    pub(crate) customer: String,
    pub(crate) amount: String,
    pub(crate) currency: String,
}

/// Whose session this browser has.
pub(crate) fn find(site: &Site, headers: &HeaderMap) -> Result<Option<WebSession>, Failure> {
    cookies::value(headers).map_or(Ok(None), |cookie| site.sessions.find(&cookie))
}

/// `GET /`
pub(crate) async fn home(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Home, Failure> {
    Ok(Home { user: find(&site, &headers)?.map(|session| session.user_name) })
}

/// `GET /invoices`: for those who are logged in, with what the API says to their token.
pub(crate) async fn invoices(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Failure> {
    let log_in = || Redirect::to("/login?next=/invoices").into_response();
    let Some(session) = find(&site, &headers)? else { return Ok(log_in()) };
    match fetch(&site, &site.app.session(session.grant)).await {
        Ok(invoices) => Ok(Invoices { invoices }.into_response()),
        // The provider ended the session, or it had no refresh token.
        Err(failure) if failure.advice() == Advice::LogInAgain => Ok(log_in()),
        Err(failure) => Err(failure),
    }
}

async fn fetch(site: &Site, session: &Session) -> Result<Vec<Invoice>, Failure> {
    let request = site.http.get(format!("{}/api/invoices", site.api_url)).build()?;
    let answer = session.api(site.api_origins.clone()).send(&site.http, request).await?;
    if let Some(refusal) = answer.refusal {
        return Err(Failure::ApiRefused(refusal));
    }
    let body = answer.response.error_for_status()?.bytes().await?;
    let answer: Answer = serde_json::from_slice(&body)?;
    Ok(answer.invoices)
}
