//! The algorithms that ID tokens are signed with.

use std::fmt;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, VerificationAlgorithm,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A JWS algorithm (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; the only one of Visma Connect.
    #[default]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

use SigningAlgorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};

impl SigningAlgorithm {
    pub(crate) const ALL: [Self; 9] = [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, EdDsa];

    /// The name in `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Rs256 => "RS256",
            Rs384 => "RS384",
            Rs512 => "RS512",
            Ps256 => "PS256",
            Ps384 => "PS384",
            Ps512 => "PS512",
            Es256 => "ES256",
            Es384 => "ES384",
            EdDsa => "EdDSA",
        }
    }

    /// Another one that the same key can sign with, or RS256, whose key is another.
    pub(crate) fn another(self) -> Self {
        match self {
            Rs256 | Rs384 | Rs512 => Ps256,
            Ps256 | Ps384 | Ps512 | Es256 | Es384 | EdDsa => Rs256,
        }
    }

    /// The hash of `at_hash` (OpenID Connect Core 1.0, section 3.1.3.6); for `EdDSA` that of Ed25519 itself.
    pub(crate) fn hash(self, data: &[u8]) -> Digest {
        let algorithm = match self {
            Rs256 | Ps256 | Es256 => &digest::SHA256,
            Rs384 | Ps384 | Es384 => &digest::SHA384,
            Rs512 | Ps512 | EdDsa => &digest::SHA512,
        };
        digest::digest(algorithm, data)
    }

    /// How an RSA key signs; `None` for the other keys.
    pub(super) fn rsa_encoding(self) -> Option<&'static dyn RsaEncoding> {
        match self {
            Rs256 => Some(&RSA_PKCS1_SHA256),
            Rs384 => Some(&RSA_PKCS1_SHA384),
            Rs512 => Some(&RSA_PKCS1_SHA512),
            Ps256 => Some(&RSA_PSS_SHA256),
            Ps384 => Some(&RSA_PSS_SHA384),
            Ps512 => Some(&RSA_PSS_SHA512),
            Es256 | Es384 | EdDsa => None,
        }
    }

    pub(super) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Ps256 => &RSA_PSS_2048_8192_SHA256,
            Ps384 => &RSA_PSS_2048_8192_SHA384,
            Ps512 => &RSA_PSS_2048_8192_SHA512,
            Es256 => &ECDSA_P256_SHA256_FIXED,
            Es384 => &ECDSA_P384_SHA384_FIXED,
            EdDsa => &ED25519,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
