//! What keeps secrets out of the journal. What is shown in full is listed; everything else is not.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Parameter;
use crate::config::{Config, Secret};

/// Shown as they are, but for the secrets and tokens that somebody put into them by mistake.
const SHOWN: &[&str] = &[
    "acr",
    "acr_values",
    "action",
    "active",
    "allow_loopback_any_port",
    "auth_time",
    "aud",
    "audience",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "email",
    "email_verified",
    "error",
    "error_description",
    "error_uri",
    "exp",
    "expires_in",
    "grant_type",
    "iat",
    "idp",
    "iss",
    "issuer",
    "llt",
    "login_hint",
    "max_age",
    "name",
    "nonce",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "session_state",
    "sid",
    "state",
    "sub",
    "tenant_hint",
    "tenant_id",
    "tenant_name",
    "token_type",
    "token_type_hint",
    "ui_locales",
    "username",
];

/// Shown by their length and their end, so that one can be found again.
const TOKENS: &[&str] = &[
    "access_token",
    "code",
    "id_token",
    "id_token_hint",
    "logout_token",
    "refresh_token",
    "token",
    "transaction",
];

/// From here on the end of a token gives nothing away.
const LONG_ENOUGH: usize = 20;

/// As long as what this server issues: 256 bits in base64url have 43 characters.
const TOKEN_LENGTH: usize = 40;

/// Shorter secrets are recognised as a whole value only: they could be part of any word.
const RECOGNISED: usize = 8;

const MOST_SHOWN: usize = 400;

/// Knows the secrets of one configuration.
pub(crate) struct Shortener<'a> {
    config: &'a Config,
}

impl<'a> Shortener<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        Self { config }
    }

    pub(crate) fn parameter(&self, name: &str, value: &str) -> Parameter {
        let shown = if TOKENS.contains(&name) {
            by_its_end(value)
        } else if name == "errorId" {
            first(value)
        } else if SHOWN.contains(&name) {
            self.text(value)
        } else {
            by_its_length(value)
        };
        Parameter { name: self.text(name), value: shown }
    }

    /// A member of a JSON answer.
    pub(crate) fn member(&self, name: &str, value: &Value) -> Parameter {
        match value {
            Value::String(text) => self.parameter(name, text),
            Value::Array(items) => {
                Parameter { name: self.text(name), value: format!("({} items)", items.len()) }
            }
            Value::Object(members) => {
                Parameter { name: self.text(name), value: format!("({} members)", members.len()) }
            }
            plain => Parameter { name: self.text(name), value: plain.to_string() },
        }
    }

    /// An `Authorization` header field by its scheme.
    pub(crate) fn authorization(&self, value: &str) -> Parameter {
        let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
        let rest = if scheme.eq_ignore_ascii_case("bearer") { by_its_end(rest) } else { by_its_length(rest) };
        Parameter { name: "Authorization".to_owned(), value: format!("{} {rest}", self.text(scheme)) }
    }

    /// The name of a client as it is, if it is one.
    pub(crate) fn client_id(&self, value: &str) -> String {
        match self.config.application(value) {
            Some(_) => value.to_owned(),
            None => first(&self.text(value)),
        }
    }

    /// Words without the secrets, and without what looks like a token, that somebody put into them.
    pub(crate) fn text(&self, text: &str) -> String {
        // Shortened last: a secret that is cut would not be recognised.
        first(&self.cleared(text))
    }

    /// A path as it came, or, where it holds a secret that can be read once it is decoded, as it reads then.
    pub(crate) fn path(&self, path: &str) -> String {
        let mut shown = self.cleared(path);
        // Most paths have nothing to decode, and each request has one.
        if !shown.contains(['%', '+']) {
            return first(&shown);
        }
        for spaced in [shown.clone(), shown.replace('+', " ")] {
            let decoded = percent_decode_str(&spaced).decode_utf8_lossy();
            let cleared = self.cleared(&decoded);
            if cleared != decoded {
                shown = cleared;
            }
        }
        first(&shown)
    }

    fn cleared(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets() {
            if text == secret || secret.len() >= RECOGNISED && text.contains(secret) {
                text = text.replace(secret, &by_its_length(secret));
            }
        }
        let runs: BTreeSet<&str> =
            text.split(|character: char| !is_base64url(character)).filter(|run| is_token(run)).collect();
        runs.iter().fold(text.clone(), |text, run| text.replace(run, &by_its_end(run)))
    }

    fn secrets(&self) -> impl Iterator<Item = &'a str> {
        let of_applications = self
            .config
            .applications
            .iter()
            .flat_map(|application| [application.secret.as_ref(), application.webhook_secret.as_ref()]);
        let of_users = self.config.users.iter().map(|user| Some(&user.password));
        of_applications
            .chain(of_users)
            .flatten()
            .map(Secret::expose_secret)
            .filter(|secret| !secret.is_empty())
    }
}

fn is_base64url(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// Random characters have both cases; the name of a client or a host has one.
fn is_token(run: &str) -> bool {
    run.len() >= TOKEN_LENGTH
        && run.contains(|character: char| character.is_ascii_uppercase())
        && run.contains(|character: char| character.is_ascii_lowercase())
}

fn by_its_length(value: &str) -> String {
    match value.chars().count() {
        0 => String::new(),
        1 => "(1 character)".to_owned(),
        count => format!("({count} characters)"),
    }
}

fn by_its_end(value: &str) -> String {
    let count = value.chars().count();
    if count < LONG_ENOUGH {
        return by_its_length(value);
    }
    let end: String = value.chars().skip(count - 6).collect();
    format!("({count} characters, the last are {end})")
}

fn first(value: &str) -> String {
    value.chars().take(MOST_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, value: &str) -> String {
        Shortener::new(&Config::default()).parameter(name, value).value
    }

    #[test]
    fn secrets_are_shown_by_their_length_and_tokens_by_their_end_too() {
        assert_eq!(shown("client_secret", "service-secret"), "(14 characters)");
        assert_eq!(shown("code_verifier", &"v".repeat(43)), "(43 characters)");
        assert_eq!(shown("code", "0123456789abcdefghij"), "(20 characters, the last are efghij)");
        assert_eq!(shown("code", "0123456789abcdefghi"), "(19 characters)");
        assert_eq!(shown("unheard_of", "x"), "(1 character)");
    }

    #[test]
    fn a_secret_or_token_in_another_parameter_is_not_shown_either() {
        assert_eq!(shown("scope", "openid service-secret"), "openid (14 characters)");
        let across_the_end = format!("{}service-secret", "x ".repeat(MOST_SHOWN / 2 - 4));
        assert!(!shown("scope", &across_the_end).contains("service"), "its beginning is not shown either");
        let token = "Ab3-".repeat(11);
        assert_eq!(shown("state", &token), "(44 characters, the last are 3-Ab3-)");
        assert_eq!(shown("scope", "openid visma_api:read"), "openid visma_api:read");
    }

    #[test]
    fn names_in_one_case_are_shown_however_long() {
        let host = format!("https://{}.example/callback", "a-long-name-".repeat(5));
        assert_eq!(shown("redirect_uri", &host), host);
    }
}
