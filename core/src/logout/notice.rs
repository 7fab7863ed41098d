//! Back-Channel Logout: the provider tells the application's server that a user's session is over.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::error::{Error, SignedToken, Violation};
use crate::flow::Io;
use crate::id_token::{self, LOGOUT_EVENT, Reader, issuer_and_audience};
use crate::jose::{Compact, KeySet, SignatureVerifier};
use crate::registration::Registration;
use crate::secret::SecretText;
use crate::time::UnixMillis;

/// The longest form that is read.
const LONGEST_FORM: usize = 128 * 1024;
/// So many notices are remembered, to know a repeated one.
const LIMIT: usize = 10_000;

/// What a valid logout token says (OpenID Connect Back-Channel Logout section 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    /// Whose sessions are over. Without a `session_id`: all of them.
    pub subject: Option<String>,
    /// Which session is over, as the claim `sid` of its ID tokens named it.
    pub session_id: Option<String>,
    /// When it was issued, in milliseconds since 1970.
    pub issued_at: UnixMillis,
}

/// The names of notices that came, until they expire. One engine's: a notice that is repeated to another server of the
/// application is taken there once more, which ends what is over.
#[derive(Default)]
pub(crate) struct SeenNotices(Mutex<BTreeMap<(String, String), UnixMillis>>);

impl SeenNotices {
    /// Whether it is the first of its name.
    fn is_first(&self, issuer: &str, name: &str, until: UnixMillis, now: UnixMillis) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= LIMIT {
            seen.retain(|_, until| *until > now);
        }
        if seen.len() >= LIMIT {
            seen.pop_first();
        }
        seen.insert((issuer.to_owned(), name.to_owned()), until).is_none_or(|until| until <= now)
    }
}

/// Checks a logout request of the provider's: the raw body of its POST (section 2.5). Everything that a bad one brings is
/// an error, and the answer to it is the status 400.
pub(crate) async fn check_logout_notice(
    io: &Io,
    registration: &Registration,
    form: &SecretText,
) -> Result<LogoutNotice, Error> {
    let token = token(form.expose_secret())?;
    let validated = validate(io, registration, &token).await;
    let (notice, name, until) = validated.map_err(|refused| refused.about(SignedToken::LogoutToken))?;
    let now = io.now().wall;
    match io.environment().seen_notices.is_first(registration.provider.issuer(), &name, until, now) {
        true => Ok(notice),
        false => Err(Violation::LogoutTokenRepeated.into()),
    }
}

/// Verifies the signature of a logout token, and everything that it says.
async fn validate(io: &Io, registration: &Registration, token: &str) -> Result<Believed, Error> {
    let token = id_token::parse(token)?;
    id_token::verify(io, registration, &token).await?;
    Ok(believe(token, registration, io.now().wall)?)
}

fn token(form: &str) -> Result<String, Violation> {
    if form.len() > LONGEST_FORM {
        return Err(Violation::LogoutTokenMissing);
    }
    let mut tokens = form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(Violation::LogoutTokenMissing),
    }
}

impl Registration {
    /// Verifies a logout token with keys that are at hand, and checks everything that it says. Whether it came before is not
    /// known here: what takes the provider's own requests looks after that.
    ///
    /// `keys`: the provider's. `now`: milliseconds since 1970.
    /// Errors: the refusals of a logout token; `client_id_missing`, `clock_tolerance_too_long`.
    pub fn check_logout_token(
        &self,
        token: &SecretText,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        now: UnixMillis,
    ) -> Result<LogoutNotice, Error> {
        self.check()?;
        let validate = || {
            let token = id_token::parse(token.expose_secret())?;
            id_token::verify_with(self, &token, keys, verifier)?;
            believe(token, self, now)
        };
        let (notice, ..) = validate().map_err(|refused| refused.about(SignedToken::LogoutToken))?;
        Ok(notice)
    }
}

/// What a token says whose signature is good; with its name, and until when that has to be remembered.
type Believed = (LogoutNotice, String, UnixMillis);

fn believe(token: Compact<'_>, registration: &Registration, now: UnixMillis) -> Result<Believed, Violation> {
    match token.header.kind.as_deref() {
        None | Some("logout+jwt" | "jwt") => read(token.claims, registration, now),
        Some(_) => Err(Violation::LogoutTokenOfAnotherKind),
    }
}

/// Section 2.6, points 4 to 9.
fn read(
    claims: Map<String, Value>,
    registration: &Registration,
    now: UnixMillis,
) -> Result<Believed, Violation> {
    let is_logout =
        claims.get("events").and_then(|events| events.get(LOGOUT_EVENT)).is_some_and(Value::is_object);
    if !is_logout || claims.contains_key("nonce") {
        return Err(Violation::LogoutTokenOfAnotherKind);
    }
    let mut claims = Reader::new(claims);
    issuer_and_audience(&mut claims, registration)?;
    let issued_at = claims.required_moment("iat")?;
    let expires_at = claims.required_moment("exp")?;
    let name = claims.required_text("jti")?;
    let (subject, session_id) = (claims.text("sub")?, claims.text("sid")?);
    let tolerance = registration.clock_tolerance;
    id_token::check_times(issued_at, expires_at, tolerance, now)?;
    match subject.is_some() || session_id.is_some() {
        true => Ok((LogoutNotice { subject, session_id, issued_at }, name, expires_at.plus(tolerance))),
        false => Err(Violation::LogoutTokenNamesNobody),
    }
}
