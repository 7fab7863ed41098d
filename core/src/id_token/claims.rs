//! What an ID token says.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{SignedToken, Violation};
use crate::time::UnixMillis;

/// The longest subject identifier, in ASCII characters (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;
/// A moment beyond the year 9999 is none.
const LATEST_SECOND: f64 = 253_402_300_800.0;

/// The claims of an ID token (OpenID Connect Core section 2), of the right types; those without a meaning here are
/// in [`Self::claim`].
#[derive(Clone, PartialEq)]
pub struct IdTokenClaims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: Vec<String>,
    pub(super) authorized_party: Option<String>,
    pub(super) expires_at: UnixMillis,
    pub(super) issued_at: UnixMillis,
    pub(super) not_before: Option<UnixMillis>,
    pub(super) auth_time: Option<UnixMillis>,
    pub(super) nonce: Option<String>,
    pub(super) acr: Option<String>,
    amr: Vec<String>,
    pub(super) at_hash: Option<String>,
    rest: Map<String, Value>,
}

impl IdTokenClaims {
    /// Takes the claims apart. What is there has the type that the standard gives it, or the token is refused.
    pub(crate) fn read(claims: Map<String, Value>) -> Result<Self, Violation> {
        let mut claims = Reader::new(claims);
        Ok(Self {
            issuer: claims.required_text("iss")?,
            subject: claims.subject()?,
            audience: claims.audience()?,
            authorized_party: claims.text("azp")?,
            expires_at: claims.required_moment("exp")?,
            issued_at: claims.required_moment("iat")?,
            not_before: claims.moment("nbf")?,
            auth_time: claims.auth_time()?,
            nonce: claims.text("nonce")?,
            acr: claims.acr()?,
            amr: claims.list("amr")?,
            at_hash: claims.text("at_hash")?,
            rest: claims.0,
        })
    }

    /// Who issued it (`iss`).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The user, by a name that the issuer gives to nobody else (`sub`). Together with the issuer it identifies the
    /// user; an email address does not (OpenID Connect Core section 5.7).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// For whom it is (`aud`).
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// When it stops being good (`exp`), in milliseconds since 1970. It says nothing of the session's end.
    pub fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    /// When it was issued (`iat`), in milliseconds since 1970.
    pub fn issued_at(&self) -> UnixMillis {
        self.issued_at
    }

    /// When the user logged in (`auth_time`), in milliseconds since 1970.
    pub fn auth_time(&self) -> Option<UnixMillis> {
        self.auth_time
    }

    /// How surely the user was identified (`acr`). Visma Connect writes a small whole number.
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// By what means the user was identified (`amr`; RFC 8176).
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// The user's session at the provider (`sid`; OpenID Connect Back-Channel Logout section 2.1).
    pub fn session_id(&self) -> Option<&str> {
        self.text("sid")
    }

    /// Where the user was identified (`idp`, Visma Connect).
    pub fn identity_provider(&self) -> Option<&str> {
        self.text("idp")
    }

    /// The user's last login before this one (`llt`, Visma Connect), as it stands there.
    pub fn last_login_time(&self) -> Option<&Value> {
        self.rest.get("llt")
    }

    /// The customer whose data the user chose (`tenant_id`, Visma Connect).
    pub fn tenant_id(&self) -> Option<&str> {
        self.text("tenant_id")
    }

    /// Any further claim, as JSON. Text in it is the provider's, and through it perhaps the user's: escape it.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.rest.get(name)
    }

    /// All further claims.
    pub fn further_claims(&self) -> &Map<String, Value> {
        &self.rest
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.rest.get(name)?.as_str()
    }
}

/// Without what is personal.
impl std::fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// Claims that are taken out one after the other.
pub(crate) struct Reader(Map<String, Value>);

impl Reader {
    pub(crate) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Violation> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(name)),
        }
    }

    pub(crate) fn required_text(&mut self, name: &'static str) -> Result<String, Violation> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    fn subject(&mut self) -> Result<String, Violation> {
        let subject = self.required_text("sub")?;
        let is_printable = subject.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
        match !subject.is_empty() && subject.len() <= LONGEST_SUBJECT && is_printable {
            true => Ok(subject),
            false => Err(malformed("sub")),
        }
    }

    /// One name, or a list of them.
    pub(super) fn audience(&mut self) -> Result<Vec<String>, Violation> {
        match self.list("aud")? {
            list if list.is_empty() => Err(missing("aud")),
            list => Ok(list),
        }
    }

    fn list(&mut self, name: &'static str) -> Result<Vec<String>, Violation> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(list)) => {
                let texts = list.into_iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().ok_or_else(|| malformed(name))
            }
            Some(_) => Err(malformed(name)),
        }
    }

    fn moment(&mut self, name: &'static str) -> Result<Option<UnixMillis>, Violation> {
        let Some(value) = self.take(name) else { return Ok(None) };
        moment(&value).map(Some).ok_or_else(|| malformed(name))
    }

    pub(crate) fn required_moment(&mut self, name: &'static str) -> Result<UnixMillis, Violation> {
        self.moment(name)?.ok_or_else(|| missing(name))
    }

    /// Visma Connect writes this one as text in places.
    fn auth_time(&mut self) -> Result<Option<UnixMillis>, Violation> {
        let name = "auth_time";
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(digits)) => {
                let seconds = digits.parse::<u64>().ok().and_then(|seconds| moment(&seconds.into()));
                seconds.map(Some).ok_or_else(|| malformed(name))
            }
            Some(value) => moment(&value).map(Some).ok_or_else(|| malformed(name)),
        }
    }

    /// Some servers write a number.
    fn acr(&mut self) -> Result<Option<String>, Violation> {
        match self.take("acr") {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(malformed("acr")),
        }
    }
}

pub(super) fn missing(name: &'static str) -> Violation {
    Violation::IdTokenClaimMissing { token: SignedToken::IdToken, name }
}

fn malformed(name: &'static str) -> Violation {
    Violation::IdTokenClaimMalformed { token: SignedToken::IdToken, name }
}

/// Seconds since 1970, perhaps with a fraction (RFC 7519 section 2).
pub(crate) fn moment(value: &Value) -> Option<UnixMillis> {
    let seconds = value.as_f64().filter(|seconds| (0.0..LATEST_SECOND).contains(seconds))?;
    let since_1970 = Duration::try_from_secs_f64(seconds).ok()?;
    Some(UnixMillis(0).plus(since_1970))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> Value {
        json!({"iss": "https://a.example", "sub": "anna", "aud": "client", "exp": 2000, "iat": 1000})
    }

    fn read(claims: &Value) -> Result<IdTokenClaims, Violation> {
        IdTokenClaims::read(claims.as_object().unwrap().clone())
    }

    fn with(name: &str, value: Value) -> Result<IdTokenClaims, Violation> {
        let mut claims = claims();
        claims[name] = value;
        read(&claims)
    }

    fn malformed(name: &'static str) -> Result<IdTokenClaims, Violation> {
        Err(super::malformed(name))
    }

    #[test]
    fn what_the_standard_names_has_its_type_and_the_rest_is_kept() {
        let mut all = claims();
        for (name, value) in [
            ("auth_time", json!(999.5)),
            ("acr", json!("2")),
            ("amr", json!(["pwd", "mfa"])),
            ("sid", json!("s1")),
            ("idp", json!("local")),
            ("llt", json!(7)),
            ("tenant_id", json!("t1")),
            ("name", json!("Anna")),
        ] {
            all[name] = value;
        }
        let claims = read(&all).unwrap();
        assert_eq!((claims.issuer(), claims.subject()), ("https://a.example", "anna"));
        assert_eq!((claims.expires_at(), claims.issued_at()), (UnixMillis(2_000_000), UnixMillis(1_000_000)));
        assert_eq!((claims.auth_time(), claims.acr()), (Some(UnixMillis(999_500)), Some("2")));
        assert_eq!(
            (claims.amr(), claims.audience()),
            (&["pwd".to_owned(), "mfa".to_owned()][..], &["client".to_owned()][..])
        );
        assert_eq!((claims.session_id(), claims.identity_provider()), (Some("s1"), Some("local")));
        assert_eq!((claims.last_login_time(), claims.tenant_id()), (Some(&json!(7)), Some("t1")));
        assert_eq!(claims.claim("name"), Some(&json!("Anna")));
        assert!(!format!("{claims:?}").contains("Anna"));
    }

    #[test]
    fn claims_that_must_be_there_are_missed() {
        for name in ["iss", "sub", "aud", "exp", "iat"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(read(&claims), Err(missing(name)));
            assert_eq!(with(name, Value::Null), Err(missing(name)));
        }
        assert_eq!(with("aud", json!([])), Err(missing("aud")));
    }

    #[test]
    fn moments_are_numbers_of_this_age() {
        for name in ["exp", "iat", "nbf", "auth_time"] {
            for value in
                [json!("soon"), json!(-1), json!(1e300), json!(true), json!([]), json!(253_402_300_800_u64)]
            {
                assert_eq!(with(name, value), malformed(name));
            }
        }
        assert_eq!(with("exp", json!("2000")), malformed("exp"));
        assert_eq!(with("exp", json!(1.5)).unwrap().expires_at(), UnixMillis(1_500));
        assert_eq!(with("auth_time", json!("2000")).unwrap().auth_time(), Some(UnixMillis(2_000_000)));
    }

    #[test]
    fn a_subject_is_printable_ascii_of_bounded_length() {
        let longest = "a".repeat(255);
        assert_eq!(with("sub", json!(longest)).unwrap().subject(), longest);
        for value in [json!(""), json!(7), json!("a".repeat(256)), json!("a\u{0}b"), json!("å")] {
            assert_eq!(with("sub", value), malformed("sub"));
        }
    }

    #[test]
    fn what_is_there_has_the_right_type() {
        for (name, value) in [
            ("iss", json!(7)),
            ("aud", json!(7)),
            ("aud", json!(["client", 7])),
            ("azp", json!([])),
            ("nonce", json!(7)),
            ("amr", json!({})),
            ("acr", json!([])),
            ("at_hash", json!(7)),
        ] {
            assert_eq!(with(name, value), malformed(name));
        }
        assert_eq!(with("acr", json!(3)).unwrap().acr(), Some("3"));
    }
}
