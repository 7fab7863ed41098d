//! The end of a user's session at the provider.

use std::sync::Arc;

use grantline::{AwsLcVerifier, KeySet, SecretText, UnixMillis};

use crate::error::NativeError;
use crate::login::LoginCallback;
use crate::provider::Registration;
use crate::session::Revocation;

/// A session that is over here, and on its way to be over at the provider.
#[derive(Debug, uniffi::Record)]
pub struct BegunLogout {
    /// Where the browser goes.
    pub redirect: Arc<LogoutRedirect>,
    /// What the server said to the revocation of the refresh token.
    pub revocation: Revocation,
}

impl TryFrom<grantline::BegunLogout> for BegunLogout {
    type Error = NativeError;

    fn try_from(begun: grantline::BegunLogout) -> Result<Self, NativeError> {
        let redirect = Arc::new(LogoutRedirect(begun.redirect));
        Ok(Self { redirect, revocation: begun.revocation.try_into()? })
    }
}

/// The way of a browser to the end of its user's session at the provider. It holds the ID token.
#[derive(Debug, uniffi::Object)]
pub struct LogoutRedirect(grantline::LogoutRedirect);

#[uniffi::export]
impl LogoutRedirect {
    /// Where the browser goes, if the provider offers such an end and `failure` says nothing else.
    pub fn url(&self) -> Option<String> {
        self.0.url.clone()
    }

    /// Why there is no URL although the provider may offer such an end.
    pub fn failure(&self) -> Option<NativeError> {
        self.0.failure.clone().map(NativeError::from)
    }

    /// What comes back with the browser.
    pub fn state(&self) -> String {
        self.0.state.clone()
    }

    /// Whether a browser that came back came from this logout.
    pub fn is_answered_by(&self, callback: &LoginCallback) -> bool {
        self.0.is_answered_by(&callback.0)
    }
}

/// Where the browser comes back to, and the languages of the provider's page.
pub(crate) fn logout_request(
    post_logout_redirect_uri: Option<String>,
    ui_locales: Option<String>,
) -> grantline::LogoutRequest {
    let mut request = grantline::LogoutRequest::new();
    if let Some(uri) = post_logout_redirect_uri {
        request = request.post_logout_redirect_uri(uri);
    }
    if let Some(locales) = ui_locales {
        request = request.ui_locales(locales);
    }
    request
}

/// What a valid logout token says. An object, since a record prints all that it holds.
#[derive(Debug, uniffi::Object)]
pub struct LogoutNotice(pub(crate) grantline::LogoutNotice);

#[uniffi::export]
impl LogoutNotice {
    /// Whose sessions are over.
    pub fn subject(&self) -> Option<String> {
        self.0.subject.clone()
    }

    /// Which session is over.
    pub fn session_id(&self) -> Option<String> {
        self.0.session_id.clone()
    }

    /// When it was issued, in milliseconds since 1970.
    pub fn issued_at_ms(&self) -> u64 {
        self.0.issued_at.0
    }
}

#[uniffi::export]
impl Registration {
    /// Verifies a logout token with keys that are at hand, and checks everything that it says.
    pub fn check_logout_token(
        &self,
        logout_token: String,
        key_set: &str,
        now_ms: u64,
    ) -> Result<LogoutNotice, NativeError> {
        let token = SecretText::new(logout_token);
        let keys = KeySet::from_json(key_set)?;
        let notice =
            self.0.check_logout_token(&token, &keys, &AwsLcVerifier::default(), UnixMillis(now_ms))?;
        Ok(LogoutNotice(notice))
    }
}
