//! Which page a user has to see, if any.

use axum::response::Response;

use super::cookies::Cookies;
use super::request::{AuthorizationRequest, Prompt};
use super::response::{self, AuthorizationError};
use super::{consent, login, transaction};
use crate::app_state::AppState;
use crate::config::Consent;
use crate::state::Session;

/// Answers at once where the session and earlier consent suffice; else sends the browser to a page.
pub(super) fn begin(app: &AppState, cookies: &Cookies, request: AuthorizationRequest) -> Response {
    let silent = request.prompts_for(Prompt::None);
    let refuse = |request: &AuthorizationRequest, code, reason| {
        response::refuse(app, &request.target, AuthorizationError::new(code, reason))
    };
    let Some(session) = usable_session(app, cookies, &request) else {
        if silent {
            return refuse(
                &request,
                "login_required",
                "prompt=none, and no login that satisfies the request",
            );
        }
        return transaction::open(app, cookies, login::PATH, request, None);
    };
    if !needs_consent(app, &request, &session) {
        return response::grant(app, request, session);
    }
    if silent {
        return refuse(&request, "consent_required", "prompt=none, and the user has not consented");
    }
    transaction::open(app, cookies, consent::PATH, request, Some(session))
}

/// The browser's session, if the request lets it stand for a new login.
fn usable_session(app: &AppState, cookies: &Cookies, request: &AuthorizationRequest) -> Option<Session> {
    if request.prompts_for(Prompt::Login) || request.prompts_for(Prompt::SelectAccount) {
        return None;
    }
    let key = cookies.session.as_deref()?;
    let session = app.state().sessions.of_browser(key, app.clock.now()).cloned()?;
    let age_s = app.clock.now_s().saturating_sub(session.authentication.auth_time_s);
    // OpenID Connect Core 1.0, section 3.1.2.1: max_age=0 is prompt=login, also within the same second.
    let young = request.max_age_s.is_none_or(|max_age_s| max_age_s > 0 && age_s <= max_age_s);
    let strong = !request.mfa || session.authentication.mfa;
    (young && strong).then_some(session)
}

pub(super) fn needs_consent(app: &AppState, request: &AuthorizationRequest, session: &Session) -> bool {
    let client_id = &request.target.client_id;
    let skipped = app.config.application(client_id).is_some_and(|app| app.consent == Consent::Skip);
    let given = || app.state().consents.cover(&session.sub, client_id, &request.scopes);
    request.prompts_for(Prompt::Consent) || !skipped && !given()
}

/// The company the grant is for: the one hinted at if the user has it, else the user's first.
pub(super) fn tenant<'a>(app: &'a AppState, request: &AuthorizationRequest, sub: &str) -> Option<&'a str> {
    let tenants = &app.config.user_by_sub(sub)?.tenants;
    let hinted = request.tenant_hint.as_ref().and_then(|hint| tenants.iter().find(|id| *id == hint));
    hinted.or(tenants.first()).map(String::as_str)
}
