//! ID tokens that are wrong in one way.

use aws_lc_rs::error::Unspecified;
use serde_json::{Value, json};

use crate::config::{Application, Secret};
use crate::faults::IdTokenFault;
use crate::keys::{KeyRing, Seal, SigningAlgorithm};
use crate::random;
use crate::token::access_token;
use crate::wrong::{self, HOUR_S, remove};

pub(super) fn change_claims(fault: IdTokenFault, now: u64, application: &Application, claims: &mut Value) {
    match fault {
        IdTokenFault::WrongIssuer => claims["iss"] = wrong::ISSUER.into(),
        IdTokenFault::IssuerWithSlash => {
            claims["iss"] = format!("{}/", claims["iss"].as_str().unwrap_or_default()).into();
        }
        IdTokenFault::WrongAudience => claims["aud"] = wrong::CLIENT_ID.into(),
        IdTokenFault::TwoAudiences => claims["aud"] = json!([application.client_id, wrong::CLIENT_ID]),
        IdTokenFault::WrongAuthorizedParty => claims["azp"] = wrong::CLIENT_ID.into(),
        IdTokenFault::WrongNonce => claims["nonce"] = random::identifier().into(),
        IdTokenFault::NoNonce => remove(claims, "nonce"),
        IdTokenFault::Expired => {
            claims["iat"] = now.saturating_sub(2 * HOUR_S).into();
            claims["exp"] = now.saturating_sub(HOUR_S).into();
        }
        IdTokenFault::NoExpiry => remove(claims, "exp"),
        IdTokenFault::IssuedInFuture => {
            claims["iat"] = now.saturating_add(HOUR_S).into();
            claims["exp"] = now.saturating_add(2 * HOUR_S).into();
        }
        IdTokenFault::NotYetValid => {
            claims["nbf"] = now.saturating_add(HOUR_S).into();
            claims["exp"] = now.saturating_add(2 * HOUR_S).into();
        }
        IdTokenFault::OtherSubject => claims["sub"] = wrong::SUB.into(),
        IdTokenFault::NoSubject => remove(claims, "sub"),
        IdTokenFault::WrongAtHash => {
            claims["at_hash"] = random::base64url(&[0; 16]).into();
        }
        IdTokenFault::NoAtHash => remove(claims, "at_hash"),
        IdTokenFault::OldAuthTime => claims["auth_time"] = now.saturating_sub(24 * HOUR_S).into(),
        IdTokenFault::NoAuthTime => remove(claims, "auth_time"),
        IdTokenFault::WrongAcr => claims["acr"] = "0".into(),
        IdTokenFault::NoAcr => remove(claims, "acr"),
        _ => {}
    }
}

pub(super) fn change_header(fault: IdTokenFault, algorithm: SigningAlgorithm, header: &mut Value) {
    match fault {
        IdTokenFault::UnknownKid => header["kid"] = random::identifier().into(),
        IdTokenFault::NoKid => remove(header, "kid"),
        IdTokenFault::WrongAlg => header["alg"] = algorithm.another().name().into(),
        IdTokenFault::AlgNone => header["alg"] = "none".into(),
        IdTokenFault::Hs256WithPublicKey | IdTokenFault::Hs256WithClientSecret => {
            header["alg"] = "HS256".into();
        }
        IdTokenFault::UnknownCrit => {
            header["crit"] = json!(["unheard-of"]);
            header["unheard-of"] = true.into();
        }
        IdTokenFault::AccessTokenType => header["typ"] = access_token::TYP.into(),
        _ => {}
    }
}

pub(super) fn seal(
    keys: &KeyRing,
    fault: IdTokenFault,
    application: &Application,
) -> Result<Seal, Unspecified> {
    let algorithm = application.id_token_signed_response_alg;
    Ok(match fault {
        IdTokenFault::AlgNone | IdTokenFault::NoSignature => Seal::Nothing,
        IdTokenFault::BrokenSignature => Seal::Broken(algorithm),
        IdTokenFault::WrongAlg => Seal::Signed(algorithm.another()),
        IdTokenFault::Hs256WithPublicKey => Seal::Hmac(keys.rsa_public_pem()?.into_bytes()),
        IdTokenFault::Hs256WithClientSecret => {
            let secret = application.secret.as_ref().map_or("", Secret::expose_secret);
            Seal::Hmac(secret.as_bytes().to_vec())
        }
        _ => Seal::Signed(algorithm),
    })
}
