//! The end of a session: by the user (OpenID Connect RP-Initiated Logout 1.0) or by a test, and the applications that
//! are told of it (Back-Channel Logout 1.0).

mod endpoint;
mod pages;
mod request;
mod token;

pub(crate) use endpoint::routes;
pub(crate) use pages::CONFIRM_PATH;

use crate::app_state::AppState;
use crate::notices::{Notice, NoticeKind};

/// Ends these sessions: what their applications are told.
pub(crate) fn end(app: &AppState, sids: &[String]) -> Vec<Notice> {
    sids.iter().flat_map(|sid| end_one(app, sid)).collect()
}

/// The sessions of a user that are not over.
pub(crate) fn sessions_of(app: &AppState, sub: &str) -> Vec<String> {
    app.sessions(|session| session.sub == sub).into_iter().map(|session| session.sid).collect()
}

fn end_one(app: &AppState, sid: &str) -> Vec<Notice> {
    let Some(ended) = app.state().sessions.end(sid) else {
        return Vec::new();
    };
    let config = app.config();
    let applications = ended.client_ids.iter().filter_map(|client_id| config.application(client_id));
    applications
        .filter_map(|application| {
            let url = application.backchannel_logout_uri.clone()?;
            // Signing fails only where the system's crypto does; then this application is not told.
            let token = token::issue(app, application, &ended.sub, sid).ok()?;
            Some(Notice {
                kind: NoticeKind::LogoutToken,
                client_id: application.client_id.clone(),
                url,
                content_type: "application/x-www-form-urlencoded",
                field: None,
                body: format!("logout_token={token}").into_bytes(),
            })
        })
        .collect()
}
