//! The introspection endpoint (RFC 7662): what the server knows of a token.

use serde_json::{Map, Value};

use crate::directory;
use crate::error::Error;
use crate::flow::Io;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::SecretText;
use crate::time::UnixMillis;
use crate::token_endpoint;

/// What the server says of a token (RFC 7662 section 2.2).
#[derive(Clone, PartialEq)]
pub struct Introspection {
    active: bool,
    members: Map<String, Value>,
}

impl Introspection {
    /// `members`: of an active token. Nothing is known of any other.
    pub(crate) fn new(active: bool, members: Map<String, Value>) -> Self {
        Self { active, members: if active { members } else { Map::new() } }
    }

    /// Whether the token is good now. If it is not, nothing else is known of it.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// The user, or whoever else granted it (`sub`).
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// The client that it was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id")
    }

    /// Its scopes.
    pub fn scopes(&self) -> Option<Scopes> {
        token_endpoint::granted_scopes(self.members.get("scope")?)
    }

    /// When it stops being good, in milliseconds since 1970.
    pub fn expires_at(&self) -> Option<UnixMillis> {
        crate::id_token::moment(self.members.get("exp")?)
    }

    /// Any member, as JSON.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}

/// Without what is personal.
impl std::fmt::Debug for Introspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Introspection").field("active", &self.active).finish_non_exhaustive()
    }
}

/// Asks the server about a token, as the client of this registration.
pub(crate) async fn introspect(
    io: &Io,
    registration: &Registration,
    token: &SecretText,
) -> Result<Introspection, Error> {
    let server = directory::metadata(io, &registration.provider).await?;
    token_endpoint::introspect(io, registration, &server, token).await
}
