//! Users' sessions.

use std::sync::Arc;

use crate::cancel::{Cancellation, wait};
use crate::error::NativeError;
use crate::login::IdTokenClaims;
use crate::logout::{BegunLogout, logout_request};
use crate::token::AccessToken;
use crate::user_info::UserInfo;

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

    /// An API refused this token although it is not past its time.
    pub fn invalidate(&self, refused: &AccessToken) {
        self.0.invalidate(&refused.0);
    }

    /// Ends the session, here and at the server. It goes on when the caller goes away.
    pub async fn end(&self, cancellation: Option<Arc<Cancellation>>) -> Result<Revocation, NativeError> {
        wait(self.0.end(), cancellation).await?.try_into()
    }

    /// Who logged in, by the session's valid ID token.
    pub async fn identity(
        &self,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Option<Arc<IdTokenClaims>>, NativeError> {
        let identity = wait(self.0.identity(), cancellation).await?;
        Ok(identity.map(|claims| Arc::new(IdTokenClaims(claims))))
    }

    /// What the provider says of the user.
    pub async fn user_info(&self, cancellation: Option<Arc<Cancellation>>) -> Result<UserInfo, NativeError> {
        Ok(UserInfo(wait(self.0.user_info(), cancellation).await?))
    }

    /// Ends the session here, and makes the URL that ends it at the provider.
    pub async fn begin_logout(
        &self,
        post_logout_redirect_uri: Option<String>,
        ui_locales: Option<String>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<BegunLogout, NativeError> {
        let request = logout_request(post_logout_redirect_uri, ui_locales);
        wait(self.0.begin_logout(request), cancellation).await?.try_into()
    }
}

/// Whether the server was told that a session is over.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Revocation {
    /// The server revoked the refresh token.
    Done,
    /// There was nothing to revoke.
    NothingToRevoke,
    /// The provider offers no revocation.
    NotOffered,
    /// The server could not be told.
    Failed {
        /// Why.
        error: NativeError,
    },
}

impl TryFrom<grantline::Revocation> for Revocation {
    type Error = NativeError;

    fn try_from(revocation: grantline::Revocation) -> Result<Self, NativeError> {
        match revocation {
            grantline::Revocation::Done => Ok(Self::Done),
            grantline::Revocation::NothingToRevoke => Ok(Self::NothingToRevoke),
            grantline::Revocation::NotOffered => Ok(Self::NotOffered),
            grantline::Revocation::Failed(error) => Ok(Self::Failed { error: error.into() }),
            _ => {
                Err(grantline::Error::Internal("a session has ended in a way that this release cannot tell")
                    .into())
            }
        }
    }
}
