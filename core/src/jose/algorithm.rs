//! The algorithms by which a server signs.

/// An algorithm with a key pair (RFC 7518 section 3.1, RFC 8037 section 3.1). Neither `none` nor those with a shared secret
/// are among them, so that nothing can lead to one (RFC 8725 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is named as the standard names it")]
pub enum SigningAlgorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in the header of a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of that name, to the letter. `Ed25519` is what RFC 9864 calls the one `EdDSA` that is supported.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_found_by_its_name() {
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(SigningAlgorithm::named("Ed25519"), Some(SigningAlgorithm::EdDsa));
    }

    #[test]
    fn none_and_shared_secrets_have_no_name_here() {
        for name in [
            "none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "rs256", "RS256 ", "ES256K",
            "Ed448",
        ] {
            assert_eq!(SigningAlgorithm::named(name), None, "{name:?}");
        }
    }
}
