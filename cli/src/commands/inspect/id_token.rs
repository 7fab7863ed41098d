//! The library's own judgement of an ID token.

use std::fs;
use std::path::Path;

use grantline::{
    AwsLcVerifier, IdTokenExpectations, Inspection, KeySet, RawIdToken, Registration, inspect, now,
};
use serde_json::Value;

use super::check::Check;
use super::reference::Reference;
use crate::failure::Failure;
use crate::published;

/// All that a login checks, but for what only the login knows: its nonce is taken from the token.
///
/// `keys`: a file with the provider's; without it they are fetched. Who cannot reach the provider is told the rest.
pub(super) fn verdict(text: &str, keys: Option<&Path>, reference: &Reference<'_>) -> Result<Check, Failure> {
    let keys = match keys {
        Some(path) => of_file(path)?,
        None => match published::keys(&reference.provider) {
            Ok(keys) => keys,
            Err(failure) => return Ok(Check::new("grantline", None, failure.to_string())),
        },
    };
    let registration = Registration::new(reference.provider.clone(), &reference.profile.entry.client_id);
    let (token, expected) = (RawIdToken::new(text), expected(text));
    let judged = registration.check_id_token(&token, &keys, &expected, &AwsLcVerifier::default(), now().wall);
    Ok(match judged {
        Ok(_) => Check::new(
            "grantline",
            true,
            "its signature is good, and a login that sent its nonce would believe it",
        ),
        Err(error) => Check::new("grantline", false, format!("{error} ({})", error.code())),
    })
}

/// For who gave keys, and has no profile that the token is of.
pub(super) fn not_judged() -> Check {
    let words =
        "no profile was named, and the token is not of the default one's provider and client: give --profile";
    Check::new("grantline", None, words)
}

fn of_file(path: &Path) -> Result<KeySet, Failure> {
    let advice = "save the document that jwks_uri of the provider's metadata names";
    let document =
        fs::read_to_string(path).map_err(|error| Failure::of_file(path, "read", &error, advice))?;
    Ok(KeySet::from_json(&document)?)
}

fn expected(text: &str) -> IdTokenExpectations {
    let nonce = match inspect(text) {
        Inspection::Jwt { claims, .. } => claims.get("nonce").and_then(Value::as_str).map(str::to_owned),
        Inspection::Opaque => None,
    };
    nonce.map_or_else(IdTokenExpectations::expect_no_nonce, IdTokenExpectations::nonce)
}
