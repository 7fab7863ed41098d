//! What all flows of one engine share.

use std::time::Duration;

use crate::circuit::Circuits;
use crate::http::DEFAULT_HTTP_TIMEOUT;
use crate::seal::Sealing;

/// Settings and common knowledge. A flow that is driven by hand has the usual ones to itself.
pub(crate) struct Environment {
    /// How long one HTTP request may take.
    pub(crate) http_timeout: Duration,
    /// Whether service tokens are kept in the store, for other processes to use.
    pub(crate) shares_service_tokens: bool,
    /// The providers that are in trouble.
    pub(crate) circuits: Circuits,
    /// How records are sealed on their way to the store.
    pub(crate) sealing: Sealing,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            http_timeout: DEFAULT_HTTP_TIMEOUT,
            shares_service_tokens: false,
            circuits: Circuits::default(),
            sealing: Sealing::DangerousPlaintext,
        }
    }
}
