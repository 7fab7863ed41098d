//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4).

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::config::Application;
use crate::faults::{FaultKind, LogoutTokenFault};
use crate::keys::{Jwt, Seal};
use crate::random;
use crate::token::id_token;
use crate::wrong::{self, HOUR_S, remove};

const TYP: &str = "logout+jwt";

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Visma Connect's live so long.
const LIFETIME_S: u64 = 300;

pub(super) fn issue(
    app: &AppState,
    application: &Application,
    sub: &str,
    sid: &str,
) -> Result<String, Unspecified> {
    let now = app.clock.now_s();
    let claims = json!({
        "iss": app.issuer,
        "aud": application.client_id,
        "iat": now,
        "exp": now.saturating_add(LIFETIME_S),
        "jti": random::uuid(),
        "sub": sub,
        "sid": sid,
        "events": {EVENT: {}},
    });
    let algorithm = application.id_token_signed_response_alg;
    let keys = app.keys.ring();
    let mut jwt = keys.unsigned(algorithm, TYP, claims)?;
    let fault = app.faults.take(None, Some(&application.client_id), |kind| match kind {
        FaultKind::LogoutToken(fault) => Some(*fault),
        _ => None,
    });
    let seal = match fault {
        Some(LogoutTokenFault::AlgNone) => Seal::Nothing,
        Some(LogoutTokenFault::BrokenSignature) => Seal::Broken(algorithm),
        _ => Seal::Signed(algorithm),
    };
    if let Some(fault) = fault {
        spoil(fault, now, &mut jwt);
    }
    keys.seal(&jwt, &seal)
}

fn spoil(fault: LogoutTokenFault, now: u64, Jwt { header, claims }: &mut Jwt) {
    match fault {
        LogoutTokenFault::AlgNone => header["alg"] = "none".into(),
        LogoutTokenFault::BrokenSignature => {}
        LogoutTokenFault::WrongIssuer => claims["iss"] = wrong::ISSUER.into(),
        LogoutTokenFault::WrongAudience => claims["aud"] = wrong::CLIENT_ID.into(),
        LogoutTokenFault::WithNonce => claims["nonce"] = random::identifier().into(),
        LogoutTokenFault::NoEvents => remove(claims, "events"),
        LogoutTokenFault::OtherEvent => claims["events"] = json!({"https://events.example/other": {}}),
        LogoutTokenFault::NoSubjectAndSession => ["sub", "sid"].iter().for_each(|name| remove(claims, name)),
        LogoutTokenFault::Expired => {
            claims["iat"] = Value::from(now.saturating_sub(HOUR_S + LIFETIME_S));
            claims["exp"] = Value::from(now.saturating_sub(HOUR_S));
        }
        LogoutTokenFault::NoJti => remove(claims, "jti"),
        LogoutTokenFault::IdTokenType => header["typ"] = id_token::TYP.into(),
    }
}
