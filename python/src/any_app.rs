//! What the applications have in common whose users log in.

use grantline::{BegunLogin, Call, LoginRequest, Session, SessionId, StoredLogin};

/// One of them. In Rust they are types of their own; in Python they share a base class.
#[derive(Clone)]
pub(crate) enum AnyApp {
    Web(grantline::WebApp),
    Native(grantline::NativeApp),
    SinglePage(grantline::SinglePageApp),
}

impl AnyApp {
    pub(crate) fn begin_login(&self, request: LoginRequest) -> Call<BegunLogin> {
        match self {
            Self::Web(app) => app.begin_login(request),
            Self::Native(app) => app.begin_login(request),
            Self::SinglePage(app) => app.begin_login(request),
        }
    }

    pub(crate) fn begin_stored_login(&self, request: LoginRequest) -> Call<StoredLogin> {
        match self {
            Self::Web(app) => app.begin_stored_login(request),
            Self::Native(app) => app.begin_stored_login(request),
            Self::SinglePage(app) => app.begin_stored_login(request),
        }
    }

    pub(crate) fn session(&self, id: SessionId) -> Session {
        match self {
            Self::Web(app) => app.session(id),
            Self::Native(app) => app.session(id),
            Self::SinglePage(app) => app.session(id),
        }
    }

    pub(crate) fn sessions(&self, after: Option<&SessionId>, limit: u32) -> Call<Vec<SessionId>> {
        match self {
            Self::Web(app) => app.sessions(after, limit),
            Self::Native(app) => app.sessions(after, limit),
            Self::SinglePage(app) => app.sessions(after, limit),
        }
    }
}
