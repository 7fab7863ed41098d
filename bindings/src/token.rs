//! Access tokens and scopes.

use std::sync::Arc;

use crate::error::NativeError;

/// An access token.
#[derive(Debug, uniffi::Object)]
pub struct AccessToken(Arc<grantline::AccessToken>);

impl AccessToken {
    pub(crate) fn new(token: Arc<grantline::AccessToken>) -> Self {
        Self(token)
    }
}

#[uniffi::export]
impl AccessToken {
    /// The token itself.
    pub fn expose_secret(&self) -> String {
        self.0.expose_secret().to_owned()
    }

    /// The scopes that were granted.
    pub fn scopes(&self) -> Vec<String> {
        self.0.scopes().iter().map(str::to_owned).collect()
    }

    /// When it ends, in milliseconds since 1970, if the server said so.
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.0.expires_at().map(|end| end.0)
    }

    /// Which rotation of its grant it belongs to.
    pub fn generation(&self) -> u64 {
        self.0.generation().0
    }
}

/// The scopes to ask for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Scopes {
    /// Whatever the registration allows.
    AllAllowed,
    /// Exactly these.
    List {
        /// Each of them.
        scopes: Vec<String>,
    },
}

impl TryFrom<Scopes> for grantline::Scopes {
    type Error = NativeError;

    fn try_from(scopes: Scopes) -> Result<Self, NativeError> {
        match scopes {
            Scopes::AllAllowed => Ok(Self::all_allowed()),
            Scopes::List { scopes } => Ok(Self::list(scopes)?),
        }
    }
}
