//! Grants that a test asks for, without a login's pages and requests.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app_state::AppState;
use crate::authorize::authentication;
use crate::config::{Application, User};
use crate::state::{Begun, Grant};

/// Whom a grant shall be for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// An application that may ask for `offline_access`.
    pub client_id: String,
    /// A user, who is taken to have logged in now.
    pub username: String,
    /// What is granted; all that the application may ask for unless given.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// How many such grants, each of a login of its own: 1 to 100000.
    #[serde(default = "one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

/// The most grants that one request asks for.
const MOST: usize = 100_000;

impl GrantRequest {
    /// One grant of everything that the application may ask for.
    pub fn new(client_id: &str, username: &str) -> Self {
        Self { client_id: client_id.to_owned(), username: username.to_owned(), scopes: None, count: 1 }
    }

    /// This many.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }
}

/// A new grant.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BegunGrant {
    /// Its number in the reports.
    pub id: u64,
    /// Its first refresh token.
    pub refresh_token: String,
}

impl std::fmt::Debug for BegunGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BegunGrant").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a grant was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// No such application, or one without refresh tokens.
    #[error("no application \"{0}\" may ask for offline_access: name one of the configuration that may")]
    Application(String),
    /// No such user.
    #[error("no user is called \"{0}\": name one of the configuration")]
    User(String),
    /// A scope that the application may not ask for, or none that gives a refresh token.
    #[error("the scopes must be some that the application may ask for, with offline_access among them")]
    Scopes,
    /// None, or too many.
    #[error("count is {0}: give 1 to {MOST}")]
    Count(usize),
}

pub(crate) fn begin(app: &AppState, request: &GrantRequest) -> Result<Vec<BegunGrant>, GrantError> {
    let config = app.config();
    let no_application = || GrantError::Application(request.client_id.clone());
    let application = config.application(&request.client_id).ok_or_else(no_application)?;
    if !application.may_refresh() {
        return Err(no_application());
    }
    let user = config.user(&request.username).ok_or(GrantError::User(request.username.clone()))?;
    let scopes = scopes(application, request.scopes.as_deref())?;
    if !(1..=MOST).contains(&request.count) {
        return Err(GrantError::Count(request.count));
    }
    let now = app.clock.now();
    let mut state = app.state();
    if !state.are_registered(&application.client_id, &user.sub) {
        return Err(no_application());
    }
    let begin = |_| {
        let grant = grant(app, application, user, scopes);
        state.sessions.join(&grant.authentication.sid, &grant.sub, &grant.client_id, now);
        let Begun { id, refresh_token } = state.refresh_tokens.begin(grant, application, now);
        BegunGrant { id, refresh_token }
    };
    Ok((0..request.count).map(begin).collect())
}

fn scopes<'a>(
    application: &'a Application,
    requested: Option<&'a [String]>,
) -> Result<&'a [String], GrantError> {
    let scopes = requested.unwrap_or(&application.scopes);
    let allowed = scopes.iter().all(|scope| application.scopes.contains(scope));
    let lasting = scopes.iter().any(|scope| scope == "offline_access");
    (allowed && lasting).then_some(scopes).ok_or(GrantError::Scopes)
}

fn grant(app: &AppState, application: &Application, user: &User, scopes: &[String]) -> Grant {
    Grant {
        client_id: application.client_id.clone(),
        sub: user.sub.clone(),
        scopes: scopes.to_vec(),
        tenant_id: user.tenants.first().cloned(),
        authentication: authentication(app, false),
    }
}
