//! Access tokens and scopes.

use std::sync::Arc;

use crate::error::NativeError;

/// An access token.
#[derive(Debug, uniffi::Object)]
pub struct AccessToken(pub(crate) Arc<grantline::AccessToken>);

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

    /// For how long from now a copy may be handed out without asking the native side again: until it is time to
    /// refresh ahead. None where its end is unknown.
    pub fn fresh_for_ms(&self) -> Option<u64> {
        let left = self.0.fresh_for(grantline::now());
        left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether the store has taken the tokens that came with it.
    pub fn is_saved(&self) -> bool {
        self.0.is_saved()
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
    /// These.
    Exactly {
        /// Each of them.
        scopes: Vec<String>,
    },
}

impl TryFrom<Scopes> for grantline::Scopes {
    type Error = NativeError;

    fn try_from(scopes: Scopes) -> Result<Self, NativeError> {
        match scopes {
            Scopes::AllAllowed => Ok(Self::all_allowed()),
            Scopes::Exactly { scopes } => Ok(Self::list(scopes)?),
        }
    }
}
