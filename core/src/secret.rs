//! Secrets are types: redacted wherever they are printed, zeroized on drop, read by a loud name.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the secret over; the caller's copy is the caller's to wipe.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(Zeroizing::new(secret.into()))
            }

            /// The secret itself. Keep it out of logs, messages and command lines.
            pub fn expose_secret(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        /// Compares in constant time.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                same_secret(&self.0, &other.0)
            }
        }

        impl Eq for $name {}
    )*};
}

secrets! {
    /// What an access token consists of (RFC 6749 section 1.4): whoever holds it may use it (RFC 6750).
    BearerToken;
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken;
    /// The secret of a confidential client (RFC 6749 section 2.3.1).
    ClientSecret;
    /// An authorization code (RFC 6749 section 1.3.1).
    AuthorizationCode;
    /// A PKCE code verifier (RFC 7636 section 4.1).
    CodeVerifier;
    /// Any other text that must not be seen: a header with credentials, a stored record.
    SecretText;
}

/// An ID token as it came: its claims cannot be read from here.
#[derive(Clone, PartialEq, Eq)]
pub struct RawIdToken(SecretText);

impl RawIdToken {
    /// Takes the token over.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretText::new(token))
    }

    pub(crate) fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for RawIdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawIdToken(redacted)")
    }
}

/// Bytes that must not be seen: a form with credentials, a response with tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Keep them out of logs and messages.
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretBytes({} bytes, redacted)", self.0.len())
    }
}

/// Compares two secrets without telling by the time it takes where they differ.
pub(crate) fn same_secret(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_redacted_in_debug_output() {
        let printed =
            format!("{:?} {:?}", ClientSecret::new("hunter2"), SecretBytes::new(b"hunter2".to_vec()));
        assert_eq!(printed, "ClientSecret(redacted) SecretBytes(7 bytes, redacted)");
    }
}
