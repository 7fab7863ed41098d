//! What can be known of a token: from its server, or by looking into it.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::login::JsonValue;

/// What the provider knows of a token. An object, since a record prints all that it holds.
#[derive(Debug, uniffi::Object)]
pub struct Introspection(pub(crate) grantline::Introspection);

#[uniffi::export]
impl Introspection {
    /// Whether the token is good now.
    pub fn is_active(&self) -> bool {
        self.0.is_active()
    }

    /// The user, or whoever else granted it.
    pub fn subject(&self) -> Option<String> {
        self.0.subject().map(str::to_owned)
    }

    /// The client that it was issued to.
    pub fn client_id(&self) -> Option<String> {
        self.0.client_id().map(str::to_owned)
    }

    /// Its scopes.
    pub fn scopes(&self) -> Option<Vec<String>> {
        Some(self.0.scopes()?.iter().map(str::to_owned).collect())
    }

    /// When it stops being good, in milliseconds since 1970.
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.0.expires_at().map(|end| end.0)
    }

    /// Any member.
    pub fn member(&self, name: &str) -> Option<JsonValue> {
        self.0.member(name).map(JsonValue::from)
    }

    /// All members.
    pub fn members(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(self.0.members())
    }
}

/// What stands in a JSON Web Token, verified by nobody.
#[derive(uniffi::Object)]
pub struct Inspection {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// Without what stands in it.
impl std::fmt::Debug for Inspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspection").finish_non_exhaustive()
    }
}

#[uniffi::export]
impl Inspection {
    /// The header.
    pub fn header(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(&self.header)
    }

    /// The claims.
    pub fn claims(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(&self.claims)
    }
}

/// Looks into a token; none, if it is opaque.
#[uniffi::export]
pub fn inspect_token(token: &str) -> Option<Arc<Inspection>> {
    match grantline::inspect(token) {
        grantline::Inspection::Jwt { header, claims } => Some(Arc::new(Inspection { header, claims })),
        grantline::Inspection::Opaque => None,
    }
}
