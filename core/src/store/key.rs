//! The names under which records are kept.

use std::fmt;
use std::sync::Arc;

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// A user's session.
    Session,
    /// A service token that processes share.
    ServiceToken,
    /// A login that waits for its callback.
    PendingLogin,
}

/// All records of one kind that belong to one registration. Its text is `kind issuer client_id`, joined by spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection(Arc<str>);

/// The name of one record among all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// Where it belongs.
    pub collection: Collection,
    /// Its name there: a session's id, a digest of what a service token was asked for, or the `state` of a login.
    pub name: String,
}

/// Without the state of a login, for which its callback is taken.
impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.collection.is_of(RecordKind::PendingLogin) {
            true => "redacted",
            false => &self.name,
        };
        f.debug_struct("RecordKey").field("collection", &self.collection).field("name", &name).finish()
    }
}

impl RecordKind {
    /// The word that stands in a collection's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ServiceToken => "service_token",
            Self::PendingLogin => "pending_login",
        }
    }
}

impl Collection {
    /// The records of that kind of a client at an issuer. An issuer is a URL and holds no space, so two collections
    /// never have the same text.
    pub fn new(kind: RecordKind, issuer: &str, client_id: &str) -> Self {
        Self(format!("{} {issuer} {client_id}", kind.name()).into())
    }

    fn is_of(&self, kind: RecordKind) -> bool {
        self.0.split(' ').next() == Some(kind.name())
    }

    /// The text that a store keeps.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
