//! A login without its pages, for tests: the answer to an authorization request as if a user had logged in and given
//! access.

use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};
use utoipa::ToSchema;

use super::request::AuthorizationRequest;
use super::target::Target;
use super::{login, response};
use crate::params::Params;
use crate::state::Session;
use crate::visit::Visit;

/// Who shall have logged in, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginAtOnce {
    /// The authorization request: the URL that a browser would be sent to.
    pub(crate) url: String,
    /// A user of the configuration.
    pub(crate) username: String,
}

/// What the browser would bring back to the application.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Landing {
    /// Where to.
    pub redirect_uri: String,
    /// The authorization response, form-encoded, whatever the response mode.
    pub response: String,
}

impl std::fmt::Debug for Landing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Landing").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

/// Why there was no login.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// No such user.
    #[error("no user is called \"{0}\": name one of the configuration")]
    User(String),
    /// A browser would have come to a page that says so, or back with this error.
    #[error("the authorization request is refused: {0}")]
    Refused(String),
}

pub(crate) fn log_in(visit: &Visit, login: &LoginAtOnce) -> Result<Landing, LoginError> {
    let user = visit.config.user(&login.username).ok_or(LoginError::User(login.username.clone()))?;
    let refused = |reason: &dyn std::fmt::Display| LoginError::Refused(reason.to_string());
    let url = Url::parse(&login.url).map_err(|error| refused(&error))?;
    let params = Params::parse(url.query().unwrap_or_default().as_bytes())
        .map_err(|repeated| refused(&format!("\"{}\" occurs twice", repeated.0)))?;
    let target = Target::find(visit, &params).map_err(|refusal| refused(&refusal))?;
    let request = AuthorizationRequest::parse(visit, target, &params).map_err(|error| refused(&error))?;
    if request.mfa && !user.mfa {
        return Err(refused(&"the user has no multi-factor authentication"));
    }
    let session =
        Session { sub: user.sub.clone(), authentication: login::authentication(visit, request.mfa) };
    let redirect_uri = request.target.redirect_uri.clone();
    let params = response::granted(visit, request, session).map_err(|error| refused(&error))?;
    let response = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    Ok(Landing { redirect_uri, response })
}
