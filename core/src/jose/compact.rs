//! The compact form of a signed token (RFC 7515 section 7.1), taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::SigningAlgorithm;
use super::json;

/// The longest token that is looked at.
const LONGEST: usize = 64 * 1024;

/// A signed token whose signature nobody has looked at yet.
pub(crate) struct Compact<'a> {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
    signed: &'a [u8],
    signature: Vec<u8>,
}

/// What is used of a header. Where a key is to be found (`jku`, `x5u`, `jwk`, `x5c`) is none of a token's business
/// (RFC 8725 section 3.10).
#[derive(Debug)]
pub(crate) struct Header {
    /// What the token says that it is signed by, if that is known here.
    pub(crate) algorithm: Option<SigningAlgorithm>,
    /// In the token's own words.
    pub(crate) algorithm_name: String,
    pub(crate) key_id: Option<String>,
    /// In lower case, without `application/` (RFC 7515 section 4.1.9).
    pub(crate) kind: Option<String>,
}

/// Why a text is no signed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl<'a> Compact<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, Malformed> {
        if token.len() > LONGEST {
            return Err(Malformed("it is longer than 64 KiB"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Malformed("it has not three parts"));
        };
        let header = json::object(&decoded(header)?).ok_or(Malformed("its header is no JSON object"))?;
        let claims_text = decoded(claims)?;
        let claims_end = token.len() - signature.len() - 1;
        Ok(Self {
            header: Header::read(header)?,
            claims: json::object(&claims_text).ok_or(Malformed("its claims are no JSON object"))?,
            signed: token.as_bytes().get(..claims_end).ok_or(Malformed("it has not three parts"))?,
            signature: decoded(signature)?,
        })
    }

    /// What the signature is over, and the signature.
    pub(crate) fn signed(&self) -> (&[u8], &[u8]) {
        (self.signed, &self.signature)
    }
}

impl Header {
    fn read(mut members: Map<String, Value>) -> Result<Self, Malformed> {
        let mut text = |name: &str, wrong| match members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Malformed(wrong)),
        };
        let algorithm = text("alg", "its alg is no text")?.ok_or(Malformed("its header has no alg"))?;
        let key_id = text("kid", "its kid is no text")?;
        let kind = text("typ", "its typ is no text")?.map(|kind| kind.to_ascii_lowercase());
        // Extensions that have to be understood (RFC 7515 section 4.1.11), encryption, and signing what is not encoded
        // (RFC 7797).
        if ["crit", "enc", "zip", "b64"].iter().any(|name| members.contains_key(*name)) {
            return Err(Malformed("its header asks for what is not supported"));
        }
        let short = |kind: String| kind.strip_prefix("application/").map_or(kind.clone(), str::to_owned);
        Ok(Self {
            algorithm: SigningAlgorithm::named(&algorithm),
            algorithm_name: algorithm,
            key_id,
            kind: kind.map(short),
        })
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, Malformed> {
    base64url(part).ok_or(Malformed("a part of it is not base64url without padding"))
}

/// Without padding, white space, or bits that mean nothing (RFC 7515 section 2).
pub(crate) fn base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.{}", encoded(header), encoded(claims), encoded("signature"))
    }

    fn refusal(token: &str) -> &'static str {
        match Compact::parse(token) {
            Err(Malformed(why)) => why,
            Ok(_) => panic!("{token} is taken"),
        }
    }

    #[test]
    fn a_token_is_taken_apart_and_the_signature_is_over_its_first_two_parts() {
        let token = token(r#"{"alg":"RS256","kid":"k1","typ":"application/JWT"}"#, r#"{"sub":"anna"}"#);
        let compact = Compact::parse(&token).ok().unwrap();
        assert_eq!(compact.header.algorithm, Some(SigningAlgorithm::Rs256));
        assert_eq!(
            (compact.header.key_id.as_deref(), compact.header.kind.as_deref()),
            (Some("k1"), Some("jwt"))
        );
        assert_eq!(compact.claims["sub"], "anna");
        let (signed, signature) = compact.signed();
        assert_eq!(signed, token.rsplit_once('.').unwrap().0.as_bytes());
        assert_eq!(signature, b"signature");
    }

    #[test]
    fn algorithms_that_are_none_or_not_known_here_are_told_apart_from_none_at_all() {
        for name in ["none", "HS256", "RS1"] {
            let token = token(&format!(r#"{{"alg":"{name}"}}"#), "{}");
            assert_eq!(Compact::parse(&token).ok().unwrap().header.algorithm, None);
        }
        assert_eq!(refusal(&token("{}", "{}")), "its header has no alg");
        assert_eq!(refusal(&token(r#"{"alg":5}"#, "{}")), "its alg is no text");
    }

    #[test]
    fn only_three_parts_are_a_token() {
        let header = encoded(r#"{"alg":"RS256"}"#);
        for token in [String::new(), header.clone(), format!("{header}.e30"), format!("{header}.e30.x.y.z")] {
            assert_eq!(refusal(&token), "it has not three parts", "{token}");
        }
        assert_eq!(refusal(&".".repeat(60_000)), "it has not three parts");
        assert_eq!(refusal(&"a".repeat(LONGEST + 1)), "it is longer than 64 KiB");
    }

    #[test]
    fn parts_are_base64url_to_the_letter() {
        let header = encoded(r#"{"alg":"RS256"}"#);
        for claims in ["e30=", "e3 0", "e30\n", "e+0", "e/0", "e31"] {
            let token = format!("{header}.{claims}.c2ln");
            assert_eq!(refusal(&token), "a part of it is not base64url without padding", "{claims:?}");
        }
    }

    #[test]
    fn header_and_claims_are_objects_without_repeated_names() {
        assert_eq!(refusal(&token("[]", "{}")), "its header is no JSON object");
        assert_eq!(refusal(&token(r#"{"alg":"RS256","alg":"RS256"}"#, "{}")), "its header is no JSON object");
        assert_eq!(
            refusal(&token(r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#)),
            "its claims are no JSON object"
        );
    }

    #[test]
    fn what_has_to_be_understood_and_is_not_is_refused() {
        for member in [r#""crit":["exp"]"#, r#""b64":false"#, r#""enc":"A256GCM""#, r#""zip":"DEF""#] {
            let token = token(&format!(r#"{{"alg":"RS256",{member}}}"#), "{}");
            assert_eq!(refusal(&token), "its header asks for what is not supported", "{member}");
        }
        assert_eq!(refusal(&token(r#"{"alg":"RS256","kid":{}}"#, "{}")), "its kid is no text");
    }
}
