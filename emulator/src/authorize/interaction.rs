//! Which page a user has to see, if any.

use axum::response::Response;

use super::cookies::Cookies;
use super::request::{AuthorizationRequest, Prompt};
use super::{consent, login, response, transaction};
use crate::config::Consent;
use crate::refusal::Refusal;
use crate::state::Session;
use crate::visit::Visit;

/// Answers at once where the session and earlier consent suffice; else sends the browser to a page.
pub(super) fn begin(visit: &Visit, cookies: &Cookies, request: AuthorizationRequest) -> Response {
    let silent = request.prompts_for(Prompt::None);
    let session = match usable_session(visit, cookies, &request) {
        Ok(session) => session,
        Err(why) if silent => {
            let description = "prompt=none, and no login that satisfies the request";
            let refusal = Refusal::new("login", "login_required", description);
            return response::refuse(
                visit,
                &request.target,
                refusal.because(format!("prompt=none, and {why}")),
            );
        }
        Err(why) => {
            visit.passed("login", format!("the user is asked: {why}"));
            return transaction::open(visit, cookies, login::PATH, request, None);
        }
    };
    visit.passed("login", "the browser has a session that satisfies the request");
    if !needs_consent(visit, &request, &session) {
        return response::grant(visit, request, session);
    }
    if silent {
        let description = "prompt=none, and the user has not consented";
        let refusal = Refusal::new("consent", "consent_required", description);
        return response::refuse(visit, &request.target, refusal);
    }
    visit.passed("consent", "the user is asked");
    transaction::open(visit, cookies, consent::PATH, request, Some(session))
}

/// The browser's session, if the request lets it stand for a new login; the error is why not.
fn usable_session(
    visit: &Visit,
    cookies: &Cookies,
    request: &AuthorizationRequest,
) -> Result<Session, &'static str> {
    if request.prompts_for(Prompt::Login) || request.prompts_for(Prompt::SelectAccount) {
        return Err("prompt asks for a login");
    }
    let key = cookies.session.as_deref().ok_or("the browser has no session")?;
    let known = visit.state().sessions.of_browser(key, visit.clock.now()).cloned();
    let session = known.ok_or("the browser's session has ended")?;
    visit.config.user_by_sub(&session.sub).ok_or("the user of the browser's session was removed")?;
    let age_s = visit.clock.now_s().saturating_sub(session.authentication.auth_time_s);
    // OpenID Connect Core 1.0, section 3.1.2.1: max_age=0 is prompt=login, also within the same second.
    if request.max_age_s.is_some_and(|max_age_s| max_age_s == 0 || age_s > max_age_s) {
        return Err("the login of the browser's session is older than max_age");
    }
    if request.mfa && !session.authentication.mfa {
        return Err("the browser's session is without the multi-factor authentication that was asked for");
    }
    Ok(session)
}

pub(super) fn needs_consent(visit: &Visit, request: &AuthorizationRequest, session: &Session) -> bool {
    let client_id = &request.target.client_id;
    let skipped = visit.config.application(client_id).is_some_and(|app| app.consent == Consent::Skip);
    let given = || visit.state().consents.cover(&session.sub, client_id, &request.scopes);
    request.prompts_for(Prompt::Consent) || !skipped && !given()
}

/// The company the grant is for: the one hinted at if the user has it, else the user's first.
pub(super) fn tenant<'a>(visit: &'a Visit, request: &AuthorizationRequest, sub: &str) -> Option<&'a str> {
    let tenants = &visit.config.user_by_sub(sub)?.tenants;
    let hinted = request.tenant_hint.as_ref().and_then(|hint| tenants.iter().find(|id| *id == hint));
    hinted.or(tenants.first()).map(String::as_str)
}
