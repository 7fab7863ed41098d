//! The revocation endpoint (RFC 7009).

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::refusal::Refusal;
use crate::state::NotRevoked;
use crate::token::{access_token, authenticated_form, not_allowed, refuse};
use crate::visit::Visit;

const TOKEN: &str = "token";

pub(crate) async fn endpoint(visit: Visit, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method != Method::POST {
        return not_allowed(&visit, &method);
    }
    match revoke(&visit, &method, &headers, &body) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => refuse(&visit, &refusal, &headers),
    }
}

/// A refresh token ends its whole family. Access tokens are self-contained and live on.
fn revoke(visit: &Visit, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let (application, params) = authenticated_form(visit, method, headers, body)?;
    let token = params.get("token").ok_or(Refusal::invalid_request(TOKEN, "token is missing"))?;
    let hint = params.get("token_type_hint");
    // RFC 7009, section 2.1: a server may ignore the hint; Visma Connect's kind refuses one that it does not know.
    if visit.is_visma() && !matches!(hint, None | Some("access_token" | "refresh_token")) {
        return Err(unsupported(
            "token_type_hint",
            "token_type_hint is neither access_token nor refresh_token",
        ));
    }
    let revoked = visit.state().refresh_tokens.revoke(token, &application.client_id, visit.clock.now());
    match revoked {
        Ok(()) => {
            visit.passed(TOKEN, "a refresh token: its grant is ended");
            Ok(())
        }
        // RFC 7009, section 2.1; Visma Connect's kind tells nobody that a foreign token exists.
        Err(NotRevoked::OfAnotherClient) if !visit.is_visma() => {
            Err(Refusal::invalid_grant(TOKEN, "the token is another client's"))
        }
        Err(NotRevoked::Unknown) if !visit.is_visma() && is_access_token(visit, token) => {
            Err(unsupported(TOKEN, "access tokens cannot be revoked here"))
        }
        // RFC 7009, section 2.2: a token that is not known is as good as revoked.
        Err(NotRevoked::OfAnotherClient) => {
            visit.failed(
                TOKEN,
                "the token is another client's: nothing was ended, and the answer does not tell",
            );
            Ok(())
        }
        Err(NotRevoked::Unknown) => {
            visit.failed(TOKEN, unknown(visit, token));
            Ok(())
        }
    }
}

fn unknown(visit: &Visit, token: &str) -> &'static str {
    if is_access_token(visit, token) {
        "an access token, which lives on until it expires: nothing was ended, and the answer does not tell"
    } else {
        "the token is unknown: nothing was ended, and the answer does not tell"
    }
}

fn is_access_token(visit: &Visit, token: &str) -> bool {
    visit.keys.verify(access_token::TYP, token).is_some()
}

/// RFC 7009, section 2.2.1.
fn unsupported(check: &'static str, reason: &'static str) -> Refusal {
    Refusal::new(check, "unsupported_token_type", reason)
}
