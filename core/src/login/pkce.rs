//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::secret::CodeVerifier;

/// `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 section 4.2).
pub(crate) fn s256(verifier: &CodeVerifier) -> String {
    hash(verifier.expose_secret())
}

/// SHA-256 in base64url: 43 characters.
pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_come_out_as_the_rfc_prints_them() {
        let of = |verifier: &str| s256(&CodeVerifier::new(verifier));
        assert_eq!(
            of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(of(&"a".repeat(43)), "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA");
        assert_eq!(of(&"~".repeat(128)), "zNhOm5Jyonenca7bQzzpjUpwFDVrfhrbbOGCqgWA6HU");
    }
}
