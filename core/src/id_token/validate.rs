//! Whether an ID token may be believed (OpenID Connect Core section 3.1.3.7).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::claims::{IdTokenClaims, Reader, missing};
use crate::directory;
use crate::error::{ClockDifference, Error, SignedToken, Unsupported, Violation};
use crate::flow::Io;
use crate::jose::{Compact, KeySet, Malformed, SignatureVerifier, SigningAlgorithm, Verdict};
use crate::registration::Registration;
use crate::secret::{AuthorizationCode, BearerToken, RawIdToken, SecretText, same_secret};
use crate::time::UnixMillis;
use crate::token_endpoint::cut;

/// The member of `events` by which a logout token is known (OpenID Connect Back-Channel Logout section 2.4).
pub(crate) const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a login expects of its ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTokenExpectations {
    nonce: Option<SecretText>,
    max_age: Option<Duration>,
    acr_values: Option<String>,
    access_token: Option<BearerToken>,
    code: Option<AuthorizationCode>,
}

impl IdTokenExpectations {
    /// `nonce`: what the authorization request sent.
    pub fn nonce(nonce: impl Into<String>) -> Self {
        Self { nonce: Some(SecretText::new(nonce)), ..Self::expect_no_nonce() }
    }

    /// The authorization request sent none, so that nothing ties the ID token to it. One that has a nonce is refused.
    pub fn expect_no_nonce() -> Self {
        Self { nonce: None, max_age: None, acr_values: None, access_token: None, code: None }
    }

    /// How long ago the user may have logged in at most, as `max_age` was sent.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The authentication contexts of which one has to be reached, separated by spaces, as `acr_values` was sent.
    #[must_use]
    pub fn acr_values(mut self, values: impl Into<String>) -> Self {
        self.acr_values = Some(values.into());
        self
    }

    /// The access token that came with it, for its hash (`at_hash`).
    #[must_use]
    pub fn access_token(mut self, token: BearerToken) -> Self {
        self.access_token = Some(token);
        self
    }

    /// The code that it was exchanged for, for its hash (`c_hash`).
    #[must_use]
    pub(crate) fn code(mut self, code: AuthorizationCode) -> Self {
        self.code = Some(code);
        self
    }
}

impl Registration {
    /// Verifies an ID token with keys that are at hand, and checks everything that it says. Logins do so by themselves,
    /// with the keys that the provider publishes.
    ///
    /// `keys`: the provider's. `now`: milliseconds since 1970.
    /// Errors: the refusals of an ID token; `client_id_missing`, `clock_tolerance_too_long`.
    pub fn check_id_token(
        &self,
        token: &RawIdToken,
        keys: &KeySet,
        expected: &IdTokenExpectations,
        verifier: &dyn SignatureVerifier,
        now: UnixMillis,
    ) -> Result<IdTokenClaims, Error> {
        self.check()?;
        let token = parse(token.expose_secret())?;
        verify_with(self, &token, keys, verifier)?;
        Ok(believe(self, token, expected, now)?)
    }
}

/// Verifies the signature of an ID token, and everything that it says.
pub(crate) async fn validate(
    io: &Io,
    registration: &Registration,
    token: &RawIdToken,
    expected: &IdTokenExpectations,
) -> Result<IdTokenClaims, Error> {
    let token = parse(token.expose_secret())?;
    verify(io, registration, &token).await?;
    Ok(believe(registration, token, expected, io.now().wall)?)
}

pub(crate) fn parse(token: &str) -> Result<Compact<'_>, Violation> {
    Compact::parse(token)
        .map_err(|Malformed(why)| Violation::IdTokenMalformed { token: SignedToken::IdToken, why })
}

/// With keys that are at hand.
pub(crate) fn verify_with(
    registration: &Registration,
    token: &Compact<'_>,
    keys: &KeySet,
    verifier: &dyn SignatureVerifier,
) -> Result<(), Violation> {
    check_algorithm(registration, token)?;
    refuse_unless_good(keys.judge(token, registration.id_token_algorithm, verifier))
}

/// Keys that do not verify it are fetched once more, in case they were replaced.
pub(crate) async fn verify(io: &Io, registration: &Registration, token: &Compact<'_>) -> Result<(), Error> {
    check_algorithm(registration, token)?;
    let environment = io.environment();
    let verifier = environment.verifier.as_deref().ok_or(Unsupported::SignatureVerifierMissing)?;
    let keys = directory::keys(io, &registration.provider).await?;
    if keys.judge(token, registration.id_token_algorithm, verifier) == Verdict::Good {
        return Ok(());
    }
    let others = directory::other_keys(io, &registration.provider, &keys).await?;
    Ok(refuse_unless_good(others.judge(token, registration.id_token_algorithm, verifier))?)
}

/// The algorithm is the one that was registered, never the one that the token names (RFC 8725 section 3.1).
fn check_algorithm(registration: &Registration, token: &Compact<'_>) -> Result<(), Violation> {
    let algorithm = registration.id_token_algorithm;
    match token.header.algorithm == Some(algorithm) {
        true => Ok(()),
        false => Err(Violation::IdTokenAlgorithm {
            token: SignedToken::IdToken,
            expected: algorithm.name(),
            got: cut(&token.header.algorithm_name, 50),
        }),
    }
}

fn refuse_unless_good(verdict: Verdict) -> Result<(), Violation> {
    match verdict {
        Verdict::Good => Ok(()),
        Verdict::Bad => Err(Violation::IdTokenSignatureInvalid { token: SignedToken::IdToken }),
        Verdict::KeyUnknown => Err(Violation::IdTokenKeyUnknown { token: SignedToken::IdToken }),
    }
}

/// What a token says whose signature is good.
fn believe(
    registration: &Registration,
    token: Compact<'_>,
    expected: &IdTokenExpectations,
    now: UnixMillis,
) -> Result<IdTokenClaims, Violation> {
    check_kind(&token)?;
    let claims = IdTokenClaims::read(token.claims)?;
    claims.check_parties(registration)?;
    claims.check_times(registration.clock_tolerance, now)?;
    claims.check_login(registration, expected, now)?;
    claims.check_hashes(registration.id_token_algorithm, expected)?;
    Ok(claims)
}

/// Neither an access token nor a logout token stands in for an ID token (RFC 8725 section 3.12).
pub(crate) fn check_kind(token: &Compact<'_>) -> Result<(), Violation> {
    let is_other_kind = token.header.kind.as_deref().is_some_and(|kind| kind != "jwt");
    let is_logout = token.claims.get("events").is_some_and(|events| events.get(LOGOUT_EVENT).is_some());
    match is_other_kind || is_logout {
        true => Err(Violation::IdTokenOfAnotherKind { token: SignedToken::IdToken }),
        false => Ok(()),
    }
}

impl IdTokenClaims {
    /// Points 2 to 5: by whom it was issued, and for whom.
    fn check_parties(&self, registration: &Registration) -> Result<(), Violation> {
        self.check_issuer(registration.provider.issuer())?;
        let client_id = registration.client_id.as_str();
        self.check_audience(client_id)?;
        let is_trusted =
            |party: &String| party == client_id || registration.trusted_audiences.contains(party);
        if let Some(stranger) = self.audience.iter().find(|party| !is_trusted(party)) {
            return Err(Violation::IdTokenAudienceUntrusted { got: cut(stranger, 200) });
        }
        match self.authorized_party.as_deref() {
            Some(party) if party != client_id => Err(Violation::IdTokenAuthorizedPartyMismatch),
            None if self.audience.len() > 1 => Err(Violation::IdTokenAuthorizedPartyMismatch),
            _ => Ok(()),
        }
    }

    pub(super) fn check_issuer(&self, issuer: &str) -> Result<(), Violation> {
        check_issuer(&self.issuer, issuer)
    }

    pub(super) fn check_audience(&self, client_id: &str) -> Result<(), Violation> {
        check_audience(&self.audience, client_id)
    }

    /// Points 9 and 10, by the wall clock.
    fn check_times(&self, tolerance: Duration, now: UnixMillis) -> Result<(), Violation> {
        let begins = self.not_before.map_or(self.issued_at, |moment| moment.max(self.issued_at));
        check_times(begins, self.expires_at, tolerance, now)
    }

    /// Points 11 to 13: whether it is about this login, and the login is as good as was asked for.
    fn check_login(
        &self,
        registration: &Registration,
        expected: &IdTokenExpectations,
        now: UnixMillis,
    ) -> Result<(), Violation> {
        let is_of_this_login = match (self.nonce.as_deref(), &expected.nonce) {
            (Some(got), Some(sent)) => same_secret(got, sent.expose_secret()),
            (None, None) => true,
            _ => false,
        };
        if !is_of_this_login {
            return Err(Violation::IdTokenNonceMismatch);
        }
        self.check_age(expected.max_age, registration.clock_tolerance, now)?;
        let names_it = registration.provider.profile().acr_names_what_was_asked;
        self.check_context(expected.acr_values.as_deref(), names_it)
    }

    fn check_age(
        &self,
        max_age: Option<Duration>,
        tolerance: Duration,
        now: UnixMillis,
    ) -> Result<(), Violation> {
        let Some(max_age) = max_age else { return Ok(()) };
        let logged_in = self.auth_time.ok_or_else(|| missing("auth_time"))?;
        match now > logged_in.plus(max_age).plus(tolerance) {
            true => Err(Violation::IdTokenAuthTooOld {
                seconds: now.since(logged_in).as_secs(),
                limit: max_age.as_secs(),
            }),
            false => Ok(()),
        }
    }

    fn check_context(&self, acr_values: Option<&str>, names_it: bool) -> Result<(), Violation> {
        let Some(values) = acr_values else { return Ok(()) };
        let acr = self.acr.as_deref().ok_or_else(|| missing("acr"))?;
        match !names_it || values.split(' ').any(|value| value == acr) {
            true => Ok(()),
            false => Err(Violation::IdTokenAcrMismatch { expected: values.to_owned(), got: cut(acr, 200) }),
        }
    }

    /// Sections 3.1.3.8 and 3.3.2.10: where such a claim is there, it is the left half of the hash.
    fn check_hashes(
        &self,
        algorithm: SigningAlgorithm,
        expected: &IdTokenExpectations,
    ) -> Result<(), Violation> {
        let is_of = |claimed: &str, text: &str| same_secret(claimed, &left_half_of_hash(algorithm, text));
        if let (Some(claimed), Some(token)) = (&self.at_hash, &expected.access_token)
            && !is_of(claimed, token.expose_secret())
        {
            return Err(Violation::IdTokenAccessTokenHashMismatch);
        }
        if let (Some(claimed), Some(code)) = (self.code_hash(), &expected.code)
            && !claimed.as_str().is_some_and(|claimed| is_of(claimed, code.expose_secret()))
        {
            return Err(Violation::IdTokenCodeHashMismatch);
        }
        Ok(())
    }

    fn code_hash(&self) -> Option<&Value> {
        self.claim("c_hash").filter(|claimed| !claimed.is_null())
    }
}

/// By whom a signed token of another kind was issued, and for whom.
pub(crate) fn issuer_and_audience(claims: &mut Reader, registration: &Registration) -> Result<(), Violation> {
    check_issuer(&claims.required_text("iss")?, registration.provider.issuer())?;
    check_audience(&claims.audience()?, &registration.client_id)
}

/// Whether a signed token is good now.
pub(crate) fn check_times(
    begins: UnixMillis,
    ends: UnixMillis,
    tolerance: Duration,
    now: UnixMillis,
) -> Result<(), Violation> {
    let (token, clocks) = (SignedToken::IdToken, ClockDifference::default());
    if now >= ends.plus(tolerance) {
        return Err(Violation::IdTokenExpired { token, seconds: now.since(ends).as_secs(), clocks });
    }
    match begins > now.plus(tolerance) {
        true => {
            let seconds = begins.since(now).as_secs();
            Err(Violation::IdTokenFromTheFuture { token, seconds, clocks })
        }
        false => Ok(()),
    }
}

fn check_issuer(got: &str, issuer: &str) -> Result<(), Violation> {
    if got == issuer {
        return Ok(());
    }
    let (expected, got) = (issuer.to_owned(), cut(got, 200));
    Err(Violation::IdTokenIssuerMismatch { token: SignedToken::IdToken, expected, got })
}

fn check_audience(audience: &[String], client_id: &str) -> Result<(), Violation> {
    let (token, expected) = (SignedToken::IdToken, client_id);
    match audience.iter().any(|party| party == expected) {
        true => Ok(()),
        false => Err(Violation::IdTokenAudienceMismatch { token, expected: expected.to_owned() }),
    }
}

/// By the hash of the algorithm's name; SHA-512 for Ed25519, which has it inside.
fn left_half_of_hash(algorithm: SigningAlgorithm, text: &str) -> String {
    use SigningAlgorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let text = text.as_bytes();
    match algorithm {
        Rs256 | Ps256 | Es256 => URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16]),
        Rs384 | Ps384 | Es384 => URL_SAFE_NO_PAD.encode(&Sha384::digest(text)[..24]),
        Rs512 | Ps512 | EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(text)[..32]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::effect::Reply;
    use crate::environment::Environment;
    use crate::flow::{Flow, Step};
    use crate::provider::Provider;
    use crate::seed::Seed;
    use crate::time::Millis;
    use crate::time::Now;

    #[test]
    fn without_a_verifier_no_id_token_is_believed() {
        let token = RawIdToken::new("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2ln");
        let mut flow = Flow::new(Seed::new([1; 32]), async move |io| {
            let registration = Registration::new(Provider::visma_connect(), "isv_web");
            validate(&io, &registration, &token, &IdTokenExpectations::expect_no_nonce()).await
        });
        flow.set_in(&Arc::new(Environment { verifier: None, ..Environment::default() }));
        let now = Now { wall: UnixMillis(1_000_000_000), boot: Millis(7) };
        let Step::Done(Err(error)) = flow.step(Reply::Start, now) else {
            panic!("nothing is fetched for it")
        };
        assert_eq!(error.code(), "signature_verifier_missing");
    }
}
