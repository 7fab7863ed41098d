//! The userinfo endpoint (OpenID Connect Core 1.0, section 5.3).

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::bearer;
use crate::config::User;
use crate::faults::{FaultKind, UserinfoFault};
use crate::refusal::Refusal;
use crate::token::access_token;
use crate::visit::Visit;
use crate::wrong::{self, remove};

/// A refusal has no challenge in Visma mode, which lets a client show that it can do without (RFC 6750, section 3, asks
/// for one).
pub(crate) async fn endpoint(visit: Visit, headers: HeaderMap) -> Response {
    match answer(&visit, &headers) {
        Ok(claims) => Json(claims).into_response(),
        Err(refusal) => {
            let mut response = bearer::refuse(&visit, &refusal);
            if visit.is_visma() {
                response.headers_mut().remove(WWW_AUTHENTICATE);
            }
            response
        }
    }
}

fn answer(visit: &Visit, headers: &HeaderMap) -> Result<Value, Refusal> {
    let token = bearer::authorize(visit, headers, "openid")?;
    let user = user(visit, &token)?;
    let scopes = access_token::scopes(&token);
    let mut claims = json!({"sub": user.sub});
    if scopes.contains(&"profile") {
        claims["name"] = user.name.as_str().into();
    }
    if scopes.contains(&"email") {
        claims["email"] = user.username.as_str().into();
        claims["email_verified"] = true.into();
    }
    for name in ["sid", "idp", "acr", "amr", "auth_time"] {
        claims[name] = token[name].clone();
    }
    if visit.is_visma() {
        // Seen on the live server: a number written as a string.
        claims["auth_time"] = token["auth_time"].to_string().into();
    }
    spoil(visit, &token, &mut claims);
    Ok(claims)
}

fn user<'a>(visit: &'a Visit, token: &Value) -> Result<&'a User, Refusal> {
    let sub = token["sub"].as_str();
    let user = sub.and_then(|sub| visit.config.user_by_sub(sub)).ok_or_else(|| {
        bearer::invalid("the token's user is not known").because(match sub {
            Some(_) => "the token's user is not known any more",
            None => "the token is a service's, and of no user",
        })
    })?;
    visit.passed("user", user.username.as_str());
    Ok(user)
}

fn spoil(visit: &Visit, token: &Value, claims: &mut Value) {
    let fault = visit.take_fault("userinfo", None, token["client_id"].as_str(), |kind| match kind {
        FaultKind::Userinfo(fault) => Some(*fault),
        _ => None,
    });
    match fault {
        None => {}
        Some(UserinfoFault::OtherSubject) => claims["sub"] = wrong::SUB.into(),
        Some(UserinfoFault::NoSubject) => remove(claims, "sub"),
    }
}
