//! The server's refusal, in its own words.

use serde_json::{Map, Value};

use super::reasons::catalogue;
use super::{Advice, OUTSIDE_THE_CATALOGUE};

/// Which endpoint said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// The authorization endpoint, by way of the callback.
    Authorization,
    /// The token endpoint.
    Token,
    /// The revocation endpoint.
    Revocation,
    /// The introspection endpoint.
    Introspection,
    /// The `UserInfo` endpoint.
    UserInfo,
}

impl Endpoint {
    fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "the authorization endpoint",
            Self::Token => "the token endpoint",
            Self::Revocation => "the revocation endpoint",
            Self::Introspection => "the introspection endpoint",
            Self::UserInfo => "the UserInfo endpoint",
        }
    }
}

/// An error response (RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1). Its texts are the server's and untrusted:
/// escape them before they are shown on a page. Credentials that the server repeated are redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// Where it came from.
    pub endpoint: Endpoint,
    /// The HTTP status; `None` for a callback.
    pub status: Option<u16>,
    /// The server's `error` code, also one that no standard knows.
    pub error: String,
    /// The server's `error_description`, cut at 1,000 characters.
    pub description: Option<String>,
    /// The server's `error_uri`, as text: nothing was checked about it.
    pub uri: Option<String>,
    /// All further members.
    pub members: Map<String, Value>,
    /// What to do.
    pub advice: Advice,
    /// What the provider's profile knows about this error.
    pub hint: Option<&'static str>,
}

impl ServerError {
    /// The server's `error` value where applications may switch on it: one plain word that is no code of ours.
    pub(super) fn code(&self) -> &str {
        let plain = self.error.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        match plain && self.error.len() <= 64 && !is_ours(&self.error) {
            true => &self.error,
            false => "server_refused",
        }
    }
}

fn is_ours(code: &str) -> bool {
    OUTSIDE_THE_CATALOGUE.contains(&code) || catalogue().any(|reason| reason.code == code)
}

/// A server's text for a message: its control characters could forge log lines or write to a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}

impl std::error::Error for ServerError {}

impl std::fmt::Display for ServerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} refused with {}", self.endpoint.as_str(), printable(&self.error))?;
        if let Some(status) = self.status {
            write!(f, " (HTTP status {status})")?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {}", printable(description))?;
        }
        if let Some(hint) = self.hint {
            write!(f, ". {hint}")?;
        }
        Ok(())
    }
}
