//! The authorization code grant (RFC 6749, section 4.1.3) with proof keys (RFC 7636, section 4.5).

use super::error::TokenError;
use super::response::TokenResponse;
use crate::app_state::AppState;
use crate::authorize::ProofKeyChallenge;
use crate::config::Application;
use crate::limits;
use crate::params::Params;
use crate::state::Code;

pub(super) fn grant(
    app: &AppState,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, TokenError> {
    let presented = params.get("code").ok_or(TokenError::invalid_request("code is missing"))?;
    if presented.len() > limits::CODE {
        return Err(TokenError::invalid_grant("the code is longer than 100 characters"));
    }
    let now = app.clock.now();
    let mut state = app.state();
    let code =
        state.codes.redeem(presented, &application.client_id, now).map_err(TokenError::invalid_grant)?;
    // From here on the code is spent, whatever follows.
    check_redirect_uri(&code, params)?;
    check_proof_key(code.challenge.as_ref(), params.get("code_verifier"))?;
    let refresh_token = code
        .grant
        .holds("offline_access")
        .then(|| state.refresh_tokens.begin(code.grant.clone(), application, now).refresh_token);
    drop(state);
    TokenResponse::for_user(app, application, &code.grant, refresh_token, code.nonce.as_deref())
}

fn check_redirect_uri(code: &Code, params: &Params) -> Result<(), TokenError> {
    match params.get("redirect_uri") {
        Some(uri) if uri == code.redirect_uri => Ok(()),
        _ => Err(TokenError::invalid_grant("redirect_uri is not the one of the authorization request")),
    }
}

fn check_proof_key(challenge: Option<&ProofKeyChallenge>, verifier: Option<&str>) -> Result<(), TokenError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(TokenError::invalid_grant("code_verifier without a code_challenge")),
        (Some(_), None) => Err(TokenError::invalid_grant("code_verifier is missing")),
        (Some(challenge), Some(verifier)) if challenge.fits(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(TokenError::invalid_grant("code_verifier does not fit the code_challenge")),
    }
}
