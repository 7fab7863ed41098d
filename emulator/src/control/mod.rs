//! What can be changed while the emulator runs. The Rust API, the test controls and the pages all call these functions;
//! a change is for the next request.

pub(crate) mod applications;
pub(crate) mod approvals;
pub(crate) mod tenants;
pub(crate) mod users;

pub use applications::{ClientType, NewSecrets};
pub use approvals::ApprovalError;
pub use tenants::TenantDetails;
pub use users::{NewUser, UserDetails};

use axum::http::StatusCode;

use crate::config::ConfigError;

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such thing.
    #[error("there is no {kind} \"{id}\"")]
    Unknown {
        /// What was looked for: `application`, `tenant`, `user`, `delivery`, `fault`.
        kind: &'static str,
        /// By which name.
        id: String,
    },
    /// Only a client with a secret can have a new one.
    #[error("application \"{0}\" is public and has no secret: register it as a confidential client")]
    NoSecret(String),
    /// The configuration would contradict itself.
    #[error(transparent)]
    Rule(#[from] ConfigError),
}

impl ControlError {
    /// The status of the answer that tells it, to programs and to browsers.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown { .. } => StatusCode::NOT_FOUND,
            Self::NoSecret(_) => StatusCode::CONFLICT,
            Self::Rule(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The key of the configuration that is wrong, such as `redirect_uris`: where a form shows the message.
    pub fn key(&self) -> Option<&'static str> {
        match self {
            Self::Rule(ConfigError::Contradiction { key, .. }) => Some(key),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;

fn unknown(kind: &'static str, id: &str) -> ControlError {
    ControlError::Unknown { kind, id: id.to_owned() }
}
