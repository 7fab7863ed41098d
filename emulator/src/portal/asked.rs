//! What the URL of a page asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app_state::Shared;
use crate::params::Params;

/// The parameters of the URL; those of one that repeats a name count for nothing.
pub(super) struct Asked(Params);

impl Asked {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// Which application, customer or user the page is about.
    pub(super) fn id(&self) -> &str {
        self.get("id").unwrap_or("")
    }
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or("");
        Ok(Self(Params::parse(query.as_bytes()).unwrap_or_default()))
    }
}
