//! What a provider says of a user.

use std::collections::HashMap;

use crate::login::JsonValue;

/// What the provider says of a user. An object, since a record prints all that it holds.
#[derive(Debug, uniffi::Object)]
pub struct UserInfo(pub(crate) grantline::UserInfo);

#[uniffi::export]
impl UserInfo {
    /// The user.
    pub fn subject(&self) -> String {
        self.0.subject().to_owned()
    }

    /// A claim.
    pub fn claim(&self, name: &str) -> Option<JsonValue> {
        self.0.claim(name).map(JsonValue::from)
    }

    /// All claims.
    pub fn claims(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(self.0.claims())
    }
}
