//! A look into a token, for a person. It decides nothing: an access token is the API's business (RFC 9068 section 6), and
//! no signature is verified.

use serde_json::{Map, Value};

use crate::jose::{base64url, is_object, object};

/// What can be read in a token.
#[derive(Clone, PartialEq)]
pub enum Inspection {
    /// It has the form of a signed JSON Web Token. **Nobody has verified it**: anybody may have written it.
    Jwt {
        /// The header.
        header: Map<String, Value>,
        /// The claims.
        claims: Map<String, Value>,
    },
    /// It is opaque: only its server knows what it means.
    Opaque,
}

/// Without what stands in it.
impl std::fmt::Debug for Inspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jwt { .. } => "Inspection(a JSON Web Token)",
            Self::Opaque => "Inspection(opaque)",
        })
    }
}

/// Looks into a token.
///
/// ```
/// use grantline_core::{Inspection, inspect};
///
/// assert_eq!(inspect("3f5e0c"), Inspection::Opaque);
/// let Inspection::Jwt { header, claims } = inspect("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2ln") else { panic!() };
/// assert_eq!((&header["alg"], &claims["sub"]), (&"RS256".into(), &"anna".into()));
/// ```
pub fn inspect(token: &str) -> Inspection {
    read(token).unwrap_or(Inspection::Opaque)
}

/// Whether a token has the form of a signed JSON Web Token with something like an object in it, well-formed or not.
pub(crate) fn has_claims_in_json(token: &str) -> bool {
    let mut parts = token.split('.').skip(1);
    let claims = parts.next().and_then(base64url);
    let is_signed = parts.next().is_some() && parts.next().is_none();
    is_signed && claims.is_some_and(|claims| is_object(&claims))
}

fn read(token: &str) -> Option<Inspection> {
    let mut parts = token.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let part = |text: &str| object(&base64url(text)?);
    match parts.next() {
        None => Some(Inspection::Jwt { header: part(header)?, claims: part(claims)? }),
        Some(_) => None,
    }
}
