//! The refresh grant (RFC 6749, section 6).

use super::known_user;
use super::response::TokenResponse;
use crate::clock::{UnixMillis, ago};
use crate::config::Application;
use crate::limits;
use crate::params::Params;
use crate::refusal::Refusal;
use crate::state::{GrantEnd, RefreshRefused};
use crate::visit::Visit;

const REFRESH_TOKEN: &str = "refresh_token";

/// A `scope` parameter is ignored, as Visma Connect does.
pub(super) fn grant(
    visit: &Visit,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, Refusal> {
    if !application.may_refresh() {
        let description = "this application may not use offline_access";
        return Err(Refusal::new("grant_type", "unauthorized_client", description)
            .because(application.refusal_of_scope("offline_access")));
    }
    let presented = params
        .get(REFRESH_TOKEN)
        .ok_or(Refusal::invalid_request(REFRESH_TOKEN, "refresh_token is missing"))?;
    if presented.len() > limits::REFRESH_TOKEN {
        let description = "the refresh token is longer than 100 characters";
        return Err(Refusal::invalid_grant(REFRESH_TOKEN, description).because(looks_like_a_jwt(presented)));
    }
    let now = visit.clock.now();
    let refreshed = visit.state().refresh_tokens.redeem(presented, application, now);
    let (grant, next) = refreshed.map_err(|why| refusal(application, &why, now))?;
    visit.passed(
        REFRESH_TOKEN,
        if next == presented { "good, and stays the same" } else { "good, and rotated" },
    );
    known_user(visit, &grant)?;
    TokenResponse::for_user(visit, application, &grant, Some(next), None)
}

fn looks_like_a_jwt(presented: &str) -> String {
    let length = presented.chars().count();
    let jwt = if presented.starts_with("eyJ") { "; it looks like an access or ID token" } else { "" };
    format!("the refresh token has {length} characters, and 100 are allowed{jwt}")
}

fn refusal(application: &Application, why: &RefreshRefused, now: UnixMillis) -> Refusal {
    let old = "the refresh token was revoked or is too old";
    let (description, words) = match why {
        RefreshRefused::Unknown => (
            "the refresh token is unknown or expired",
            "the refresh token is unknown: it was not issued here".to_owned(),
        ),
        RefreshRefused::OfAnotherClient(client_id) => (
            "the refresh token is another client's",
            format!("the refresh token is another client's: it was issued to {client_id}"),
        ),
        RefreshRefused::Ended { by, at } => {
            (old, format!("the refresh token is worth nothing: {}", ended(*by, *at, now)))
        }
        RefreshRefused::Expired(at) => (
            "the refresh token is unknown or expired",
            format!(
                "the refresh token expired {}, after {} s without a refresh",
                ago(*at, now),
                application.refresh_token_s
            ),
        ),
        RefreshRefused::Used(at) => (
            "the refresh token was used before, and its grace window has passed",
            used(application, *at, now),
        ),
    };
    Refusal::invalid_grant(REFRESH_TOKEN, description).because(words)
}

fn ended(by: GrantEnd, at: UnixMillis, now: UnixMillis) -> String {
    let when = ago(at, now);
    match by {
        GrantEnd::Revoked => format!("its client revoked the grant {when}"),
        GrantEnd::Replayed => format!(
            "a used refresh token of the same login came back {when}, and revoke_family_on_reuse ended them all"
        ),
        GrantEnd::Expired => format!("the login reached its absolute lifetime {when}"),
        GrantEnd::Removed => format!("its application or user was removed {when}"),
    }
}

fn used(application: &Application, at: UnixMillis, now: UnixMillis) -> String {
    let grace = match application.grace_s {
        0 => "there is no grace window".to_owned(),
        seconds => format!("the grace window is {seconds} s"),
    };
    let family = match application.revoke_family_on_reuse {
        true => "; revoke_family_on_reuse ends every token of that login",
        false => "",
    };
    format!("the refresh token was used {}, and {grace}{family}", ago(at, now))
}
