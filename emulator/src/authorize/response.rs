//! The authorization response (RFC 6749, section 4.1.2) and where Visma Connect's differs.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use url::{Url, form_urlencoded};

use super::error_page;
use super::interaction;
use super::request::AuthorizationRequest;
use super::target::{ResponseMode, Target};
use crate::pages;
use crate::random::{self, base64url, sha256};
use crate::refusal::Refusal;
use crate::state::{Code, Grant, Session};
use crate::visit::Visit;

/// The only errors that Visma Connect lets reach a redirect URI.
const REDIRECTED_BY_VISMA: [&str; 7] = [
    "access_denied",
    "login_required",
    "consent_required",
    "interaction_required",
    "account_selection_required",
    "temporarily_unavailable",
    "unmet_authentication_requirements",
];

/// Answers with an error: at the redirect URI or, where Visma Connect does not, on the error page.
pub(super) fn refuse(visit: &Visit, target: &Target, refusal: Refusal) -> Response {
    if visit.is_visma() && !REDIRECTED_BY_VISMA.contains(&refusal.code) {
        return error_page::stop(visit, refusal);
    }
    visit.refused(&refusal);
    let mut params = vec![("error", refusal.code), ("error_description", &*refusal.description)];
    params.extend(target.state.as_deref().map(|state| ("state", state)));
    if !visit.is_visma() {
        params.push(("iss", &visit.issuer));
    }
    send(visit, target, &params, visit.is_visma())
}

/// Answers with a code for what the user granted.
pub(super) fn grant(visit: &Visit, request: AuthorizationRequest, session: Session) -> Response {
    let target = request.target.clone();
    match granted(visit, request, session) {
        Ok(params) => {
            let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
            send(visit, &target, &params, false)
        }
        Err(refusal) => refuse(visit, &target, refusal),
    }
}

/// The authorization response: a code for what the user granted.
pub(super) fn granted(
    visit: &Visit,
    request: AuthorizationRequest,
    session: Session,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let target = &request.target;
    let application = visit.config.application(&target.client_id).ok_or(Refusal::new(
        "client",
        "unauthorized_client",
        "no application has this client_id",
    ))?;
    let with_openid = request.scopes.iter().any(|scope| scope == "openid");
    let session_state = with_openid.then(|| session_state(target, &session.authentication.sid));
    let state = target.state.clone();
    let code = Code {
        grant: Grant {
            client_id: target.client_id.clone(),
            tenant_id: interaction::tenant(visit, &request, &session.sub).map(str::to_owned),
            sub: session.sub,
            scopes: request.scopes,
            authentication: session.authentication,
        },
        redirect_uri: request.target.redirect_uri,
        challenge: request.challenge,
        nonce: request.nonce,
    };
    let (sid, sub, now) = (&code.grant.authentication.sid, &code.grant.sub, visit.clock.now());
    let mut tables = visit.state();
    if !tables.are_registered(&application.client_id, sub) {
        let removed = "the application or the user was removed meanwhile";
        return Err(Refusal::new("client", "unauthorized_client", removed));
    }
    tables.sessions.join(sid, sub, &application.client_id, now);
    let code = tables.codes.issue(code, application.code_s, now);
    drop(tables);
    let mut params = vec![("code", code)];
    params.extend(state.map(|state| ("state", state)));
    params.extend(session_state.map(|value| ("session_state", value)));
    params.push(("iss", visit.issuer.clone()));
    Ok(params)
}

/// OpenID Connect Session Management 1.0, section 4.2.
fn session_state(target: &Target, sid: &str) -> String {
    let salt = random::uuid();
    let origin =
        Url::parse(&target.redirect_uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let hash = sha256(format!("{} {origin} {sid} {salt}", target.client_id).as_bytes());
    format!("{}.{salt}", base64url(&hash))
}

fn send(visit: &Visit, target: &Target, params: &[(&str, &str)], mark_end: bool) -> Response {
    let encoded = || form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    let uri = &target.redirect_uri;
    visit.answered(params);
    match target.response_mode {
        ResponseMode::FormPost => pages::form_post(uri, params),
        ResponseMode::Fragment => redirect(visit, &format!("{uri}#{}", encoded())),
        ResponseMode::Query => {
            let separator = if uri.contains('?') { '&' } else { '?' };
            // Visma Connect ends error redirects so that no fragment of an earlier page sticks to them.
            let end = if mark_end { "#_" } else { "" };
            redirect(visit, &format!("{uri}{separator}{}{end}", encoded()))
        }
    }
}

/// Visma Connect redirects with 303 See Other.
pub(crate) fn redirect(visit: &Visit, location: &str) -> Response {
    let status = if visit.is_visma() { StatusCode::SEE_OTHER } else { StatusCode::FOUND };
    match HeaderValue::from_str(location) {
        Ok(location) => (status, [(LOCATION, location)]).into_response(),
        // Registered redirect URIs are URLs in ASCII, so only a control character gets here.
        Err(_) => (StatusCode::BAD_REQUEST, "the redirect URI holds a control character\n").into_response(),
    }
}
