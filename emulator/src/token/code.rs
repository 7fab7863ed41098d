//! The authorization code grant (RFC 6749, section 4.1.3) with proof keys (RFC 7636, section 4.5).

use super::known_user;
use super::response::TokenResponse;
use crate::authorize::ProofKeyChallenge;
use crate::clock::{UnixMillis, ago};
use crate::config::Application;
use crate::limits;
use crate::params::Params;
use crate::refusal::Refusal;
use crate::state::{Code, CodeRefused, State};
use crate::visit::Visit;

const CODE: &str = "code";

pub(super) fn grant(
    visit: &Visit,
    application: &Application,
    params: &Params,
) -> Result<TokenResponse, Refusal> {
    let presented = params.get("code").ok_or(Refusal::invalid_request(CODE, "code is missing"))?;
    if presented.len() > limits::CODE {
        return Err(Refusal::invalid_grant(CODE, "the code is longer than 100 characters"));
    }
    let now = visit.clock.now();
    let mut state = visit.state();
    let redeemed = state.codes.redeem(presented, &application.client_id, now);
    let code = redeemed.map_err(|why| refusal(&state, why, presented, now))?;
    visit.passed(CODE, "issued to this client, and not used before");
    // From here on the code is spent, whatever follows.
    check_redirect_uri(visit, &code, params)?;
    check_proof_key(visit, code.challenge.as_ref(), params.get("code_verifier"))?;
    known_user(visit, &code.grant)?;
    if !state.are_registered(&code.grant.client_id, &code.grant.sub) {
        return Err(Refusal::invalid_grant("client", "the application or the user was removed meanwhile"));
    }
    let refresh_token = code
        .grant
        .holds("offline_access")
        .then(|| state.refresh_tokens.begin(code.grant.clone(), application, now).refresh_token);
    drop(state);
    TokenResponse::for_user(visit, application, &code.grant, refresh_token, code.nonce.as_deref())
}

fn refusal(state: &State, why: CodeRefused, presented: &str, now: UnixMillis) -> Refusal {
    let useless = "the code is unknown, used or expired";
    let (description, words) = match why {
        CodeRefused::Unknown if state.refresh_tokens.knows(presented) => {
            (useless, "the code is unknown: it is a refresh token".to_owned())
        }
        CodeRefused::Unknown => (useless, "the code is unknown: it was not issued here".to_owned()),
        CodeRefused::OfAnotherClient(client_id) => (
            "the code is another client's",
            format!("the code is another client's: it was issued to {client_id}"),
        ),
        CodeRefused::Used(at) => (useless, format!("the code was used {}", ago(at, now))),
        CodeRefused::Expired(at) => (useless, format!("the code expired {}", ago(at, now))),
    };
    Refusal::invalid_grant(CODE, description).because(words)
}

fn check_redirect_uri(visit: &Visit, code: &Code, params: &Params) -> Result<(), Refusal> {
    let description = "redirect_uri is not the one of the authorization request";
    let refused = |words: String| Err(Refusal::invalid_grant("redirect_uri", description).because(words));
    match params.get("redirect_uri") {
        Some(uri) if uri == code.redirect_uri => {
            visit.passed("redirect_uri", "that of the authorization request");
            Ok(())
        }
        Some(uri) => refused(format!(
            "redirect_uri is \"{uri}\", and the code was issued to \"{}\": both have to be the same",
            code.redirect_uri
        )),
        None => refused(format!("redirect_uri is missing: the code was issued to \"{}\"", code.redirect_uri)),
    }
}

fn check_proof_key(
    visit: &Visit,
    challenge: Option<&ProofKeyChallenge>,
    verifier: Option<&str>,
) -> Result<(), Refusal> {
    let refused = |description| Refusal::invalid_grant("code_verifier", description);
    match (challenge, verifier) {
        (None, None) => {
            visit.passed("code_verifier", "none, as the authorization request had no code_challenge");
            Ok(())
        }
        (None, Some(_)) => Err(refused("code_verifier without a code_challenge")
            .because("code_verifier came, but the authorization request had no code_challenge")),
        (Some(_), None) => Err(refused("code_verifier is missing")
            .because("code_verifier is missing: the authorization request had a code_challenge")),
        (Some(challenge), Some(verifier)) if challenge.fits(verifier) => {
            visit.passed("code_verifier", "fits the code_challenge");
            Ok(())
        }
        (Some(challenge), Some(verifier)) => Err(refused("code_verifier does not fit the code_challenge")
            .because(format!(
                "code_verifier does not fit the code_challenge: {}",
                challenge.misfit(verifier)
            ))),
    }
}
