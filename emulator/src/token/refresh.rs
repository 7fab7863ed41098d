//! The refresh grant (RFC 6749, section 6).

use super::error::TokenError;
use super::response::TokenResponse;
use crate::app_state::AppState;
use crate::config::Application;
use crate::limits;
use crate::params::Params;

/// A `scope` parameter is ignored, as Visma Connect does.
pub(super) fn grant(
    app: &AppState,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, TokenError> {
    if !application.may_refresh() {
        return Err(TokenError::new("unauthorized_client", "this application may not use offline_access"));
    }
    let presented =
        params.get("refresh_token").ok_or(TokenError::invalid_request("refresh_token is missing"))?;
    if presented.len() > limits::REFRESH_TOKEN {
        return Err(TokenError::invalid_grant("the refresh token is longer than 100 characters"));
    }
    let refreshed = app.state().refresh_tokens.redeem(presented, application, app.clock.now());
    let (grant, next) = refreshed.map_err(TokenError::invalid_grant)?;
    TokenResponse::for_user(app, application, &grant, Some(next), None)
}
