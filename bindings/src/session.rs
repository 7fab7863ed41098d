//! Users' sessions.

use std::sync::Arc;

use crate::cancel::{Cancellation, wait};
use crate::error::NativeError;
use crate::token::AccessToken;

/// A handle on a user's session.
#[derive(Debug, uniffi::Object)]
pub struct Session(pub(crate) grantline::Session);

#[uniffi::export]
impl Session {
    /// Its name.
    pub fn id(&self) -> String {
        self.0.id().as_str().to_owned()
    }

    /// An access token that is good now.
    pub async fn fresh_token(
        &self,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<AccessToken, NativeError> {
        Ok(AccessToken::new(wait(self.0.fresh_token(), cancellation).await?))
    }

    /// A new access token, although the one in hand is still fresh.
    pub async fn refresh(&self, cancellation: Option<Arc<Cancellation>>) -> Result<AccessToken, NativeError> {
        Ok(AccessToken::new(wait(self.0.refresh(), cancellation).await?))
    }
}
