//! A callback is bound to the browser that began its login (RFC 6749 section 10.12): an attacker who makes a
//! victim's browser deliver the attacker's own callback must not log the victim in as the attacker.

use crate::error::{Error, Misuse, Violation};
use crate::login::pkce::hash;
use crate::secret::{SecretText, same_secret};

/// The cookie that ties a browser to the login that it began.
///
/// Set it with the redirect to [`BegunLogin::url`](crate::BegunLogin::url). Each login has a cookie of its own,
/// so that two tabs do not disturb each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserBinding {
    pub(crate) cookie_name: String,
    pub(crate) value: SecretText,
    pub(crate) seconds: u64,
}

/// What the browser that brought the callback shows of its binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The `Cookie` header of the request that brought the callback, as it came.
    CookieHeader(SecretText),
    /// The value of the binding's cookie, for who reads cookies otherwise.
    CookieValue(SecretText),
    /// No check. Whoever can make a user's browser open a URL can then log that user in as somebody else.
    DangerousUnbound,
}

impl BrowserBinding {
    /// The cookie's name. It depends on the login's state alone.
    pub fn cookie_name(&self) -> &str {
        &self.cookie_name
    }

    /// The cookie's value.
    pub fn expose_value(&self) -> &str {
        self.value.expose_secret()
    }

    /// The whole `Set-Cookie` header value: `__Host-`, `Secure`, `HttpOnly`, and `SameSite=None`, since a `form_post`
    /// callback is a cross-site POST. Chromium and Firefox keep it on <http://localhost> too; Safari, and all of them
    /// over plain http elsewhere, do not.
    pub fn set_cookie(&self) -> SecretText {
        let (name, value, seconds) = (&self.cookie_name, self.expose_value(), self.seconds);
        SecretText::new(format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None"))
    }
}

impl Binding {
    /// The `Cookie` header as it came.
    pub fn cookie_header(header: impl Into<String>) -> Self {
        Self::CookieHeader(SecretText::new(header))
    }

    /// The value of the binding's cookie.
    pub fn cookie_value(value: impl Into<String>) -> Self {
        Self::CookieValue(SecretText::new(value))
    }

    /// Whether this is the browser that began the login with that state.
    pub(crate) fn check(&self, state: &str, expected_hash: &str) -> Result<(), Error> {
        let value = match self {
            Self::DangerousUnbound => return Ok(()),
            Self::CookieValue(value) => value.expose_secret(),
            Self::CookieHeader(header) => {
                find(header.expose_secret(), &cookie_name(state)).unwrap_or_default()
            }
        };
        match same_secret(&hash(value), expected_hash) {
            true => Ok(()),
            false if value.is_empty() && matches!(self, Self::CookieValue(_)) => {
                Err(Misuse::BindingMissing.into())
            }
            false => Err(Violation::BrowserMismatch.into()),
        }
    }
}

/// The name of the cookie that belongs to a state; `__Host-` keeps other hosts of the site from setting it.
pub(crate) fn cookie_name(state: &str) -> String {
    format!("__Host-grantline-{}", &hash(state)[..12])
}

fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
