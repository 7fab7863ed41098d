//! The revocation endpoint (RFC 7009).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app_state::{AppState, Shared};
use crate::state::NotRevoked;
use crate::token::{TokenError, access_token, authenticated_form};

pub(crate) async fn endpoint(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response();
    }
    match revoke(&app, &method, &headers, &body) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => error.into_response(&app, &headers),
    }
}

/// A refresh token ends its whole family. Access tokens are self-contained and live on.
fn revoke(app: &AppState, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<(), TokenError> {
    let (application, params) = authenticated_form(app, method, headers, body)?;
    let token = params.get("token").ok_or(TokenError::invalid_request("token is missing"))?;
    let hint = params.get("token_type_hint");
    // RFC 7009, section 2.1: a server may ignore the hint; Visma Connect's kind refuses one that it does not know.
    if app.is_visma() && !matches!(hint, None | Some("access_token" | "refresh_token")) {
        return Err(unsupported("token_type_hint is neither access_token nor refresh_token"));
    }
    let revoked = app.state().refresh_tokens.revoke(token, &application.client_id, app.clock.now());
    match revoked {
        // RFC 7009, section 2.1; Visma Connect's kind tells nobody that a foreign token exists.
        Err(NotRevoked::OfAnotherClient) if !app.is_visma() => {
            Err(TokenError::invalid_grant("the token is another client's"))
        }
        Err(NotRevoked::Unknown) if !app.is_visma() && is_access_token(app, token) => {
            Err(unsupported("access tokens cannot be revoked here"))
        }
        // RFC 7009, section 2.2: a token that is not known is as good as revoked.
        Ok(()) | Err(NotRevoked::OfAnotherClient | NotRevoked::Unknown) => Ok(()),
    }
}

fn is_access_token(app: &AppState, token: &str) -> bool {
    app.keys.verify(access_token::TYP, token).is_some()
}

/// RFC 7009, section 2.2.1.
fn unsupported(reason: &'static str) -> TokenError {
    TokenError::new("unsupported_token_type", reason)
}
