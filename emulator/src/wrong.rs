//! What wrong tokens and documents say.

use serde_json::Value;

pub(crate) const ISSUER: &str = "https://other-issuer.example";
pub(crate) const CLIENT_ID: &str = "another-client";
pub(crate) const SUB: &str = "f0f0f0f0-0000-4000-8000-00000000000f";

pub(crate) const HOUR_S: u64 = 3600;

/// Takes a member out of a JSON object.
pub(crate) fn remove(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}
