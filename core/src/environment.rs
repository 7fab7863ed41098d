//! What all flows of one engine share.

use std::sync::Arc;
use std::time::Duration;

use crate::circuit::Circuits;
use crate::directory::Directory;
use crate::http::DEFAULT_HTTP_TIMEOUT;
use crate::jose::SignatureVerifier;
use crate::logout::SeenNotices;
use crate::seal::Sealing;

/// Settings and common knowledge. A flow that is driven by hand has the usual ones to itself.
pub(crate) struct Environment {
    /// How long one HTTP request may take.
    pub(crate) http_timeout: Duration,
    /// Whether service tokens are kept in the store, for other processes to use.
    pub(crate) shares_service_tokens: bool,
    /// The providers that are in trouble.
    pub(crate) circuits: Circuits,
    /// What is known of providers.
    pub(crate) directory: Directory,
    /// What the providers told of the ends of sessions.
    pub(crate) seen_notices: SeenNotices,
    /// Who verifies signatures.
    pub(crate) verifier: Option<Arc<dyn SignatureVerifier>>,
    /// How records are sealed on their way to the store.
    pub(crate) sealing: Sealing,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            http_timeout: DEFAULT_HTTP_TIMEOUT,
            shares_service_tokens: false,
            circuits: Circuits::default(),
            directory: Directory::default(),
            seen_notices: SeenNotices::default(),
            verifier: usual_verifier(),
            sealing: Sealing::DangerousPlaintext,
        }
    }
}

#[cfg(feature = "rustcrypto")]
#[allow(clippy::unnecessary_wraps, reason = "without the feature there is none")]
fn usual_verifier() -> Option<Arc<dyn SignatureVerifier>> {
    Some(Arc::new(crate::jose::RustCryptoVerifier))
}

#[cfg(not(feature = "rustcrypto"))]
fn usual_verifier() -> Option<Arc<dyn SignatureVerifier>> {
    None
}
