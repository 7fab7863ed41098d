//! ID tokens (OpenID Connect Core 1.0, section 2).

mod faulty;

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use crate::config::Application;
use crate::faults::{FaultKind, IdTokenFault};
use crate::keys::{Seal, SigningAlgorithm};
use crate::random::base64url;
use crate::state::{Grant, IDP};
use crate::visit::Visit;

pub(crate) const TYP: &str = "JWT";

/// The ID token of a grant; `None` only for the fault that leaves it out.
pub(super) fn issue(
    visit: &Visit,
    application: &Application,
    grant: &Grant,
    access_token: &str,
    nonce: Option<&str>,
) -> Result<Option<String>, Unspecified> {
    let algorithm = application.id_token_signed_response_alg;
    let claims = claims(visit, application, grant, access_token, nonce);
    let mut jwt = visit.keys.unsigned(algorithm, TYP, claims)?;
    let fault = visit.take_fault("id-token", None, Some(&application.client_id), |kind| match kind {
        FaultKind::IdToken(fault) => Some(*fault),
        _ => None,
    });
    let seal = match fault {
        None => Seal::Signed(algorithm),
        Some(IdTokenFault::Missing) => return Ok(None),
        Some(fault) => {
            faulty::change_claims(fault, visit.clock.now_s(), application, &mut jwt.claims);
            faulty::change_header(fault, algorithm, &mut jwt.header);
            faulty::seal(&visit.keys, fault, application)?
        }
    };
    visit.keys.seal(&jwt, &seal).map(Some)
}

fn claims(
    visit: &Visit,
    application: &Application,
    grant: &Grant,
    access_token: &str,
    nonce: Option<&str>,
) -> Value {
    let now = visit.clock.now_s();
    let authentication = &grant.authentication;
    let mut claims = json!({
        "iss": visit.issuer,
        "aud": application.client_id,
        "iat": now,
        "exp": now.saturating_add(application.id_token_s),
        "sub": grant.sub,
        "sid": authentication.sid,
        "idp": IDP,
        "acr": authentication.acr(),
        "amr": authentication.amr(),
        "auth_time": authentication.auth_time_s,
        "llt": authentication.auth_time_s,
        "at_hash": at_hash(application.id_token_signed_response_alg, access_token),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    claims
}

/// The left half of the access token's hash (section 3.1.3.6).
fn at_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let hash = algorithm.hash(access_token.as_bytes());
    let hash = hash.as_ref();
    base64url(hash.split_at(hash.len() / 2).0)
}
