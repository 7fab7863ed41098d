//! The consent page.

use askama::Template;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::cookies::Cookies;
use super::{error_page, interaction, response, transaction};
use crate::pages;
use crate::params::Params;
use crate::random;
use crate::refusal::Refusal;
use crate::visit::Visit;

pub(super) const PATH: &str = "/consent";

/// The name of the check.
const CHECK: &str = "consent";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    nonce: &'a str,
    action: &'a str,
    transaction: &'a str,
    application: &'a str,
    user: &'a str,
    company: Option<&'a str>,
    scopes: Vec<ScopeLine>,
}

struct ScopeLine {
    scope: String,
    meaning: &'static str,
}

pub(crate) async fn show(visit: Visit, headers: HeaderMap, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or("").as_bytes()).unwrap_or_default();
    let cookies = Cookies::of(&visit, &headers);
    render(&visit, &cookies, params.get("transaction")).unwrap_or_else(|page| *page)
}

pub(crate) async fn submit(visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let form = Params::parse(&body).unwrap_or_default();
    let cookies = Cookies::of(&visit, &headers);
    decide(&visit, &cookies, &form).unwrap_or_else(|page| *page)
}

fn decide(visit: &Visit, cookies: &Cookies, form: &Params) -> Result<Response, Box<Response>> {
    let accepted = match form.get("action") {
        Some("accept") => true,
        Some("cancel") => false,
        _ => return Ok(problem(visit, "the form says neither accept nor cancel")),
    };
    let transaction = transaction::take(visit, cookies, form.get("transaction"))?;
    let request = transaction.request;
    if !accepted {
        let error = Refusal::new(CHECK, "access_denied", "the user cancelled the consent");
        return Ok(response::refuse(visit, &request.target, error));
    }
    let Some(session) = transaction.session else {
        return Ok(problem(visit, "consent before login"));
    };
    visit.passed(CHECK, "given");
    let mut state = visit.state();
    if state.are_registered(&request.target.client_id, &session.sub) {
        state.consents.add(&session.sub, &request.target.client_id, &request.scopes);
    }
    drop(state);
    Ok(response::grant(visit, request, session))
}

fn problem(visit: &Visit, reason: &'static str) -> Response {
    error_page::render(visit, &Refusal::invalid_request(CHECK, reason))
}

fn render(visit: &Visit, cookies: &Cookies, id: Option<&str>) -> Result<Response, Box<Response>> {
    let shown = transaction::with(visit, cookies, id, |transaction| {
        let request = &transaction.request;
        let sub = transaction.session.as_ref().map(|session| session.sub.clone())?;
        let company = interaction::tenant(visit, request, &sub).and_then(|id| visit.config.tenant_name(id));
        Some((request.target.client_id.clone(), request.scopes.clone(), sub, company))
    })?;
    let Some((client_id, scopes, sub, company)) = shown else {
        return Ok(problem(visit, "consent before login"));
    };
    let nonce = random::identifier();
    let page = ConsentPage {
        nonce: &nonce,
        action: PATH,
        transaction: id.unwrap_or(""),
        application: visit.config.application(&client_id).map_or("", |application| &application.name),
        user: visit.config.user_by_sub(&sub).map_or("", |user| &user.name),
        company,
        scopes: scopes.into_iter().map(|scope| ScopeLine { meaning: meaning(&scope), scope }).collect(),
    };
    Ok(pages::html(StatusCode::OK, &page, &nonce).into_response())
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "openid" => "know who you are",
        "profile" => "see your name",
        "email" => "see your e-mail address",
        "offline_access" => "keep its access while you are away",
        _ => "use this API for you",
    }
}
