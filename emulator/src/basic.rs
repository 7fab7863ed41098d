//! Basic client authentication with form-encoded parts (RFC 6749, section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

pub(crate) struct BasicCredentials {
    pub(crate) client_id: String,
    pub(crate) secret: String,
    /// The secret before it was form-decoded.
    pub(crate) as_sent: String,
}

/// The credentials of an Authorization header of the Basic scheme; `None` if malformed or another scheme.
pub(crate) fn credentials(authorization: &str) -> Option<BasicCredentials> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some(BasicCredentials {
        client_id: form_decoded(client_id)?,
        as_sent: secret.to_owned(),
        secret: form_decoded(secret)?,
    })
}

fn form_decoded(part: &str) -> Option<String> {
    let spaced = part.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> Option<BasicCredentials> {
        credentials(&format!("Basic {}", STANDARD.encode(text)))
    }

    #[test]
    fn form_decodes_id_and_secret_apart() {
        let parsed = basic("id%3A1:a%2Bb%25+c%26").unwrap();
        assert_eq!((parsed.client_id.as_str(), parsed.secret.as_str()), ("id:1", "a+b% c&"));
    }

    #[test]
    fn refuses_other_schemes_and_malformed_values() {
        assert!(credentials("Bearer abc").is_none());
        assert!(credentials("Basic !!!").is_none());
        assert!(basic("no colon").is_none());
    }
}
