//! What an engine can be asked for, and what it answers.

use std::sync::Arc;

use crate::error::Error;
use crate::login::{BegunLogin, Binding, Callback, LoginApp, LoginRequest, PendingLogin};
use crate::service::{ServiceApp, ServiceTokenRequest};
use crate::session::{SessionId, SessionKey};
use crate::token::{AccessToken, Generation};

/// What an operation came to.
pub type Outcome = Result<Output, Error>;

/// One operation, as data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// A service token. Answered by [`Output::Token`].
    ServiceToken {
        /// The application.
        app: ServiceApp,
        /// Which token.
        request: ServiceTokenRequest,
        /// A token of this generation or an older one will not do.
        newer_than: Option<Generation>,
    },
    /// The start of a login. Answered by [`Output::LoginBegun`].
    BeginLogin {
        /// The application.
        app: LoginApp,
        /// What it asks for.
        request: LoginRequest,
    },
    /// The end of a login. Answered by [`Output::LoggedIn`].
    CompleteLogin {
        /// The application.
        app: LoginApp,
        /// The login that began.
        pending: PendingLogin,
        /// What came back.
        callback: Callback,
        /// What the browser showed of its binding; not looked at for native and single-page applications.
        binding: Binding,
    },
    /// A session's token. Answered by [`Output::Token`].
    SessionToken {
        /// The application.
        app: LoginApp,
        /// Which session.
        session: SessionId,
        /// A token of this generation or an older one will not do.
        newer_than: Option<Generation>,
    },
}

/// What an operation gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// A token that is good now.
    Token(Arc<AccessToken>),
    /// A login that began.
    LoginBegun(Box<BegunLogin>),
    /// A login that became a session, which is saved.
    LoggedIn(Box<LoggedIn>),
}

/// A completed login, saved as a session.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session.
    pub key: SessionKey,
    /// Its first token.
    pub token: Arc<AccessToken>,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
}

/// Which token: every difference in it is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GrantKey {
    /// A service token.
    Service { issuer: String, client_id: String, request: ServiceTokenRequest },
    /// A session's.
    Session(SessionKey),
}

impl Operation {
    /// The token that it asks for, and the generation that will not do.
    pub(super) fn wanted_token(&self) -> Option<(GrantKey, Option<Generation>)> {
        match self {
            Self::ServiceToken { app, request, newer_than } => {
                Some((GrantKey::of_service(app, request), *newer_than))
            }
            Self::SessionToken { app, session, newer_than } => {
                Some((GrantKey::Session(app.session_key(session.clone())), *newer_than))
            }
            Self::BeginLogin { .. } | Self::CompleteLogin { .. } => None,
        }
    }
}

impl GrantKey {
    /// The key of a service token.
    pub(super) fn of_service(app: &ServiceApp, request: &ServiceTokenRequest) -> Self {
        let registration = app.registration();
        Self::Service {
            issuer: registration.provider().issuer().to_owned(),
            client_id: registration.client_id().to_owned(),
            request: request.canonical(),
        }
    }
}
