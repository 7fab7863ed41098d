//! The names of sessions.

use std::fmt;

use crate::error::{Error, Misuse};
use crate::store::{Collection, RecordKey, RecordKind};

/// The name of a session, chosen by the application (a user's or a connection's id) or generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// A name of the application's own: 1 to 256 bytes, no control characters.
    ///
    /// Errors: `invalid_session_id`.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        match (1..=256).contains(&id.len()) && !id.chars().any(char::is_control) {
            true => Ok(Self(id)),
            false => Err(Misuse::InvalidSessionId.into()),
        }
    }

    pub(crate) fn generated(id: u128) -> Self {
        Self(format!("{id:032x}"))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A session among all: two grants of one user never overwrite each other, nor do two applications'.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// The provider that granted it.
    pub issuer: String,
    /// The application that it was granted to.
    pub client_id: String,
    /// Its name there.
    pub session: SessionId,
}

impl SessionKey {
    /// The name of its record in a store.
    pub fn record_key(&self) -> RecordKey {
        let collection = Collection::new(RecordKind::Session, &self.issuer, &self.client_id);
        RecordKey { collection, name: self.session.as_str().to_owned() }
    }
}
