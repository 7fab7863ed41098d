//! The application types whose users log in.

use std::sync::Arc;

use super::identity::IdTokenClaims;
use super::request::LoginRequest;
use super::{BegunLogin, Binding, LoginCallback, PendingLogin, StoredLogin};
use crate::cancel::{Cancellation, wait};
use crate::error::NativeError;
use crate::introspection::Introspection;
use crate::logout::LogoutNotice;
use crate::session::Session;

/// A login that became a session.
#[derive(Debug, uniffi::Record)]
pub struct LoggedIn {
    /// The session.
    pub session: Arc<Session>,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
    /// Who logged in; nobody was identified, if the login did not ask for `openid`.
    pub identity: Option<Arc<IdTokenClaims>>,
}

impl From<grantline::LoggedIn> for LoggedIn {
    fn from(done: grantline::LoggedIn) -> Self {
        let identity = done.identity.map(|claims| Arc::new(IdTokenClaims(claims)));
        Self { session: Arc::new(Session(done.session)), app_data: done.app_data, identity }
    }
}

macro_rules! login_app {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, uniffi::Object)]
        pub struct $name(pub(crate) grantline::$name);

        #[uniffi::export]
        impl $name {
            /// Begins a login.
            pub async fn begin_login(
                &self,
                request: LoginRequest,
                cancellation: Option<Arc<Cancellation>>,
            ) -> Result<BegunLogin, NativeError> {
                Ok(BegunLogin(wait(self.0.begin_login(request.try_into()?), cancellation).await?))
            }

            /// Begins a login whose record waits in the client's store.
            pub async fn begin_stored_login(
                &self,
                request: LoginRequest,
                cancellation: Option<Arc<Cancellation>>,
            ) -> Result<StoredLogin, NativeError> {
                Ok(StoredLogin(wait(self.0.begin_stored_login(request.try_into()?), cancellation).await?))
            }

            /// The names of the sessions that have not ended: a page of `limit` at most, beginning after that name.
            pub async fn sessions(
                &self,
                after: Option<String>,
                limit: u32,
                cancellation: Option<Arc<Cancellation>>,
            ) -> Result<Vec<String>, NativeError> {
                let after = after.map(grantline::SessionId::new).transpose()?;
                let page = wait(self.0.sessions(after.as_ref(), limit), cancellation).await?;
                Ok(page.into_iter().map(|id| id.to_string()).collect())
            }

            /// The session of that name.
            pub fn session(&self, id: String) -> Result<Session, NativeError> {
                Ok(Session(self.0.session(grantline::SessionId::new(id)?)))
            }
        }
    };
}

macro_rules! bound_by_the_system {
    ($name:ident) => {
        #[uniffi::export]
        impl $name {
            /// Judges a callback without using it up.
            pub fn check_callback(
                &self,
                pending: &PendingLogin,
                callback: &LoginCallback,
            ) -> Result<(), NativeError> {
                Ok(self.0.check_callback(&pending.0, &callback.0)?)
            }

            /// Completes a login.
            pub async fn complete_login(
                &self,
                pending: Arc<PendingLogin>,
                callback: Arc<LoginCallback>,
                cancellation: Option<Arc<Cancellation>>,
            ) -> Result<LoggedIn, NativeError> {
                let call = self.0.complete_login(pending.0.clone(), callback.0.clone());
                Ok(wait(call, cancellation).await?.into())
            }

            /// Completes a login that `begin_stored_login` began.
            pub async fn complete_stored_login(
                &self,
                callback: Arc<LoginCallback>,
                cancellation: Option<Arc<Cancellation>>,
            ) -> Result<LoggedIn, NativeError> {
                let call = self.0.complete_stored_login(callback.0.clone());
                Ok(wait(call, cancellation).await?.into())
            }
        }
    };
}

login_app! {
    /// A web application with a server of its own.
    WebApp
}

login_app! {
    /// An application on the user's own device.
    NativeApp
}

login_app! {
    /// An application that runs in the browser.
    SinglePageApp
}

bound_by_the_system!(NativeApp);
bound_by_the_system!(SinglePageApp);

#[uniffi::export]
impl WebApp {
    /// Judges a callback without using it up.
    pub fn check_callback(
        &self,
        pending: &PendingLogin,
        callback: &LoginCallback,
        binding: &Binding,
    ) -> Result<(), NativeError> {
        Ok(self.0.check_callback(&pending.0, &callback.0, &binding.0)?)
    }

    /// Completes a login.
    pub async fn complete_login(
        &self,
        pending: Arc<PendingLogin>,
        callback: Arc<LoginCallback>,
        binding: Arc<Binding>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<LoggedIn, NativeError> {
        let call = self.0.complete_login(pending.0.clone(), callback.0.clone(), binding.0.clone());
        Ok(wait(call, cancellation).await?.into())
    }

    /// Completes a login that `begin_stored_login` began.
    pub async fn complete_stored_login(
        &self,
        callback: Arc<LoginCallback>,
        binding: Arc<Binding>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<LoggedIn, NativeError> {
        let call = self.0.complete_stored_login(callback.0.clone(), binding.0.clone());
        Ok(wait(call, cancellation).await?.into())
    }

    /// Checks a request of the provider's back-channel: the raw body of its POST.
    pub async fn check_logout_notice(
        &self,
        form: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<LogoutNotice, NativeError> {
        Ok(LogoutNotice(wait(self.0.check_logout_notice(form), cancellation).await?))
    }

    /// What the provider knows of a token.
    pub async fn introspect(
        &self,
        token: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Introspection, NativeError> {
        Ok(Introspection(wait(self.0.introspect(token), cancellation).await?))
    }
}
