//! What the three application types whose users log in have in common: a registration, and what their type may do.

use std::sync::Arc;

use super::pending::PendingLogin;
use super::request::LoginRequest;
use crate::error::{Error, Misuse};
use crate::registration::Registration;
use crate::session::{SessionId, SessionKey};
use crate::store::{Collection, RecordKey, RecordKind};
use crate::uri::{self, RedirectRule};

/// An application whose users log in, of any of the three types: [`WebApp`](crate::WebApp),
/// [`NativeApp`](crate::NativeApp), [`SinglePageApp`](crate::SinglePageApp).
#[derive(Clone, Debug, PartialEq)]
pub struct LoginApp(Arc<Inner>);

#[derive(Debug, PartialEq)]
struct Inner {
    kind: Kind,
    registration: Registration,
    sessions: Collection,
    pending_logins: Collection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Web,
    Native,
    SinglePage,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Web => "web application",
            Self::Native => "native application",
            Self::SinglePage => "single-page application",
        }
    }

    fn redirect_rule(self) -> RedirectRule {
        match self {
            Self::Native => RedirectRule::Native,
            Self::Web | Self::SinglePage => RedirectRule::Web,
        }
    }
}

impl LoginApp {
    pub(super) fn new(kind: Kind, registration: Registration) -> Result<Self, Error> {
        for uri in &registration.redirect_uris {
            uri::redirect_uri(uri, kind.redirect_rule())?;
        }
        if registration.redirect_uris.is_empty() {
            return Err(Misuse::RedirectUriMissing.into());
        }
        let issuer = registration.provider.issuer();
        let sessions = Collection::new(RecordKind::Session, issuer, &registration.client_id);
        let pending_logins = Collection::new(RecordKind::PendingLogin, issuer, &registration.client_id);
        Ok(Self(Arc::new(Inner { kind, registration, sessions, pending_logins })))
    }

    /// Its registration.
    pub fn registration(&self) -> &Registration {
        &self.0.registration
    }

    /// The key of one of its sessions.
    pub fn session_key(&self, session: SessionId) -> SessionKey {
        let Registration { provider, client_id, .. } = &self.0.registration;
        SessionKey { issuer: provider.issuer().to_owned(), client_id: client_id.clone(), session }
    }

    /// Where the records of its sessions stand in a store.
    pub(crate) fn sessions(&self) -> &Collection {
        &self.0.sessions
    }

    /// Where the record of a login waits for its callback.
    pub(super) fn pending_key(&self, state: &str) -> RecordKey {
        RecordKey { collection: self.0.pending_logins.clone(), name: state.to_owned() }
    }

    /// The server's code, if this failed refresh means that the refresh token is dead.
    pub(crate) fn ends_session(&self, error: &Error) -> Option<String> {
        match error {
            Error::Server(refusal) => {
                let ends = self.0.registration.provider.profile().ends_session;
                ends.contains(&refusal.error.as_str()).then(|| refusal.error.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn is_bound_by_cookie(&self) -> bool {
        self.0.kind == Kind::Web
    }

    /// PKCE always, but for a confidential client that loudly declined it.
    pub(crate) fn uses_pkce(&self, request: &LoginRequest) -> Result<bool, Error> {
        let may_decline = self.0.kind == Kind::Web && self.0.registration.client_secret.is_some();
        match request.without_pkce {
            false => Ok(true),
            true if may_decline => Ok(false),
            true if self.0.kind == Kind::Web => {
                Err(Misuse::PkceRequired { application: "web application without a secret" }.into())
            }
            true => Err(Misuse::PkceRequired { application: self.0.kind.name() }.into()),
        }
    }

    pub(crate) fn redirect_uri(&self, request: &LoginRequest) -> Result<String, Error> {
        let registered = &self.0.registration.redirect_uris;
        let Some(chosen) = &request.redirect_uri else {
            return match registered.as_slice() {
                [only] => Ok(only.clone()),
                _ => Err(Misuse::RedirectUriAmbiguous.into()),
            };
        };
        uri::redirect_uri(chosen, self.0.kind.redirect_rule())?;
        match registered.iter().any(|uri| uri::is_registered(chosen, uri)) {
            true => Ok(chosen.clone()),
            false => Err(Misuse::RedirectUriNotRegistered { uri: chosen.clone() }.into()),
        }
    }

    pub(super) fn check_owner(&self, pending: &PendingLogin) -> Result<(), Error> {
        let Registration { provider, client_id, .. } = &self.0.registration;
        match pending.issuer == provider.issuer() && pending.client_id == *client_id {
            true => Ok(()),
            false => Err(Misuse::LoginOfAnotherClient.into()),
        }
    }
}
