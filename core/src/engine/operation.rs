//! What an engine can be asked for, and what it answers.

use std::sync::Arc;

use crate::error::Error;
use crate::event::Subject;
use crate::id_token::IdTokenClaims;
use crate::introspection::Introspection;
use crate::login::{BegunLogin, Binding, Callback, LoginApp, LoginRequest, PendingLogin, StoredLogin};
use crate::logout::{LogoutNotice, LogoutRedirect, LogoutRequest};
use crate::registration::Registration;
use crate::secret::{RawIdToken, SecretText};
use crate::service::{ServiceApp, ServiceTokenRequest};
use crate::session::{EndedSession, SessionId, SessionKey};
use crate::store::{Entry, RecordKey};
use crate::token::{AccessToken, Generation};
use crate::user_info::UserInfo;

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
    /// The start of a login whose record is kept in the store. Answered by [`Output::LoginStored`].
    BeginStoredLogin {
        /// The application.
        app: LoginApp,
        /// What it asks for.
        request: LoginRequest,
    },
    /// The end of a login whose record is in the store, whichever process began it. Answered by [`Output::LoggedIn`].
    CompleteStoredLogin {
        /// The application.
        app: LoginApp,
        /// What came back.
        callback: Callback,
        /// What the browser showed of its binding; not looked at for native and single-page applications.
        binding: Binding,
    },
    /// Whose session it is. Answered by [`Output::Identity`].
    SessionIdentity {
        /// The application.
        app: LoginApp,
        /// Which session.
        session: SessionId,
    },
    /// What the provider says of the user that a token is of. Answered by [`Output::UserInfo`].
    UserInfo {
        /// The application.
        app: LoginApp,
        /// The token.
        token: Arc<AccessToken>,
        /// The subject of the login's ID token. An answer about anybody else is refused.
        subject: Option<String>,
    },
    /// What the provider knows of a token. Answered by [`Output::Introspection`].
    Introspect {
        /// Who asks.
        registration: Registration,
        /// The token.
        token: SecretText,
    },
    /// The way of a browser to the end of its user's session at the provider, for a session that [`Self::EndSession`]
    /// ended here. Answered by [`Output::LogoutRedirect`].
    RedirectToLogout {
        /// The application.
        app: LoginApp,
        /// What the session left: [`EndedSession::id_token`].
        id_token: Option<RawIdToken>,
        /// What is asked for.
        request: LogoutRequest,
    },
    /// Whether a logout request came from the provider. Answered by [`Output::LogoutNotice`].
    CheckLogoutNotice {
        /// The application.
        app: LoginApp,
        /// The raw body of the provider's POST.
        form: SecretText,
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
    /// The end of a session, here and at the server. Answered by [`Output::Ended`].
    EndSession {
        /// The application.
        app: LoginApp,
        /// Which session.
        session: SessionId,
    },
    /// The names of living sessions. Answered by [`Output::Listed`].
    ListSessions {
        /// The application.
        app: LoginApp,
        /// Only names after this one, in the order of their bytes.
        after: Option<String>,
        /// How many at most. Fewer than that: there are no more.
        limit: u32,
    },
    /// A look after sessions whose refresh was begun by a process that is gone: each is refreshed at once, while the
    /// server may still take the old refresh token again. For whoever opens a store, both at once and later. Answered by
    /// [`Output::Listed`] with those that were found; what becomes of them is told by events.
    RescueSessions {
        /// The application.
        app: LoginApp,
        /// When to look.
        when: Rescue,
    },
}

/// When sessions are looked for whose refresh was begun by a process that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescue {
    /// Now: where the store knows that a holder is gone, or it has been gone for longer than its lease.
    AtOnce,
    /// When the leases have ended that run now: a process that is started again finds those of its former self.
    OnceLeasesHaveEnded,
}

/// What an operation gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// A token that is good now.
    Token(Arc<AccessToken>),
    /// A login that began.
    LoginBegun(Box<BegunLogin>),
    /// A login that began, and is in the store.
    LoginStored(Box<StoredLogin>),
    /// The claims of a session's ID token; `None`, if its login identified nobody.
    Identity(Option<Box<IdTokenClaims>>),
    /// The user's claims.
    UserInfo(Box<UserInfo>),
    /// What the server knows of a token.
    Introspection(Box<Introspection>),
    /// Where the browser goes.
    LogoutRedirect(Box<LogoutRedirect>),
    /// What the provider told.
    LogoutNotice(Box<LogoutNotice>),
    /// A login that became a session, which is saved.
    LoggedIn(Box<LoggedIn>),
    /// A session that is over, and what the server said to it.
    Ended(Box<EndedSession>),
    /// A page of names.
    Listed(Vec<Entry>),
}

/// A completed login, saved as a session.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session.
    pub key: SessionKey,
    /// Its first token.
    pub token: Arc<AccessToken>,
    /// Who logged in, by a valid ID token. `None`: nobody was identified, since the login did not ask for `openid`.
    pub identity: Option<IdTokenClaims>,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
}

/// What a flight is about, as others see it.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// Its caller's business alone.
    Own,
    /// The token of this key, later than that generation: whoever wants no more shares it. It outlives its callers,
    /// since what was sent has to be saved.
    Token { key: RecordKey, newer_than: Option<Generation> },
    /// The end of the session of this key. It outlives its callers as well.
    End { key: RecordKey },
}

/// What whoever joins a flight gets of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// A token later than that generation.
    Token(Option<Generation>),
    /// The end of the session.
    End,
}

impl Purpose {
    pub(super) fn gives(&self) -> Option<Gives> {
        match self {
            Self::Own => None,
            Self::Token { newer_than, .. } => Some(Gives::Token(*newer_than)),
            Self::End { .. } => Some(Gives::End),
        }
    }

    pub(super) fn key(&self) -> Option<&RecordKey> {
        match self {
            Self::Own => None,
            Self::Token { key, .. } | Self::End { key } => Some(key),
        }
    }
}

impl Operation {
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::ServiceToken { app, request, newer_than } => {
                Purpose::Token { key: app.memory_key(request), newer_than: *newer_than }
            }
            Self::SessionToken { app, session, newer_than } => {
                Purpose::Token { key: record_key(app, session), newer_than: *newer_than }
            }
            Self::EndSession { app, session } => Purpose::End { key: record_key(app, session) },
            _ => Purpose::Own,
        }
    }

    /// Whose token it asks for.
    pub(super) fn subject(&self) -> Option<Subject> {
        match self {
            Self::ServiceToken { app, request, .. } => Some(app.subject(request)),
            Self::SessionToken { app, session, .. } => {
                Some(Subject::Session(app.session_key(session.clone())))
            }
            _ => None,
        }
    }
}

fn record_key(app: &LoginApp, session: &SessionId) -> RecordKey {
    RecordKey { collection: app.sessions().clone(), name: session.as_str().to_owned() }
}
