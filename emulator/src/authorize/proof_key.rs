//! Proof keys (RFC 7636).

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::limits;
use crate::params::Params;
use crate::random::{base64url, sha256};

#[derive(Clone)]
pub(crate) struct ProofKeyChallenge {
    method: Method,
    value: String,
}

fn beginning(text: &str) -> String {
    text.chars().take(8).collect()
}

#[derive(Clone, Copy)]
enum Method {
    Plain,
    S256,
}

impl ProofKeyChallenge {
    /// The challenge of an authorization request, if it has one; the error is the reason.
    pub(super) fn parse(params: &Params) -> Result<Option<Self>, &'static str> {
        let Some(value) = params.get("code_challenge") else {
            return match params.get("code_challenge_method") {
                None => Ok(None),
                Some(_) => Err("code_challenge_method without a code_challenge"),
            };
        };
        if !limits::PROOF_KEY.contains(&value.len()) {
            return Err("code_challenge is not 43 to 128 characters long");
        }
        let method = match params.get("code_challenge_method") {
            None | Some("plain") => Method::Plain,
            Some("S256") => Method::S256,
            Some(_) => return Err("code_challenge_method is neither S256 nor plain"),
        };
        Ok(Some(Self { method, value: value.to_owned() }))
    }

    /// Why this verifier, which does not fit, does not.
    pub(crate) fn misfit(&self, verifier: &str) -> String {
        let count = verifier.chars().count();
        if !limits::PROOF_KEY.contains(&verifier.len()) {
            return format!("it has {count} characters, and needs 43 to 128");
        }
        match self.method {
            Method::S256 if verifier == self.value => "it is the challenge itself".to_owned(),
            Method::S256 => format!(
                "its S256 begins with {}, the challenge with {}",
                beginning(&base64url(&sha256(verifier.as_bytes()))),
                beginning(&self.value)
            ),
            // Here the challenge is the secret.
            Method::Plain => format!(
                "the method is plain, and it is not the challenge ({count} and {} characters)",
                self.value.len()
            ),
        }
    }

    pub(crate) fn fits(&self, verifier: &str) -> bool {
        let computed = match self.method {
            Method::Plain => verifier.to_owned(),
            Method::S256 => base64url(&sha256(verifier.as_bytes())),
        };
        limits::PROOF_KEY.contains(&verifier.len())
            && verify_slices_are_equal(computed.as_bytes(), self.value.as_bytes()).is_ok()
    }
}
