//! The three application types whose users log in.

use std::sync::Arc;

use super::begin::{BegunLogin, begin_login};
use super::binding::Binding;
use super::callback::{Callback, ValidatedCallback};
use super::exchange::{CompletedLogin, Grant, exchange_code, refresh_grant};
use super::pending::PendingLogin;
use super::request::LoginRequest;
use crate::error::{Error, Misuse};
use crate::flow::Flow;
use crate::registration::Registration;
use crate::scopes::Scopes;
use crate::secret::RefreshToken;
use crate::seed::Seed;
use crate::session::{SessionId, SessionKey};
use crate::time::UnixMillis;
use crate::token::Generation;
use crate::uri::{self, RedirectRule};

/// An application whose users log in, of any of the three types: [`WebApp`], [`NativeApp`], [`SinglePageApp`].
#[derive(Clone, Debug, PartialEq)]
pub struct LoginApp(Arc<Inner>);

#[derive(Debug, PartialEq)]
struct Inner {
    kind: Kind,
    registration: Registration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Web,
    Native,
    SinglePage,
}

impl Kind {
    fn name(self) -> &'static str {
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
    fn new(kind: Kind, registration: Registration) -> Result<Self, Error> {
        for uri in &registration.redirect_uris {
            uri::redirect_uri(uri, kind.redirect_rule())?;
        }
        match registration.redirect_uris.is_empty() {
            true => Err(Misuse::RedirectUriMissing.into()),
            false => Ok(Self(Arc::new(Inner { kind, registration }))),
        }
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

    /// Begins a login: makes the URL for the browser and the record to keep.
    ///
    /// Errors: any of the refusals of [`Misuse`] that concern a login's parameters; nothing is sent.
    pub fn begin_login(&self, request: LoginRequest, seed: Seed) -> Flow<BegunLogin> {
        let app = self.clone();
        Flow::new(seed, async move |io| begin_login(&io, &app, &request).await)
    }

    /// Judges a callback without using it up: nothing is sent, nothing is consumed.
    ///
    /// `now`: milliseconds since 1970. Errors: the violations of an authorization response, or the server's refusal
    /// that the callback brings.
    pub fn check_callback(
        &self,
        pending: &PendingLogin,
        callback: &Callback,
        binding: &Binding,
        now: UnixMillis,
    ) -> Result<ValidatedCallback, Error> {
        self.check_owner(pending)?;
        callback.validate(self, pending, binding, now)
    }

    /// Exchanges the code of a validated callback for tokens. The code is sent once, whatever happens
    /// (RFC 6749 section 4.1.2).
    pub fn exchange(&self, callback: ValidatedCallback, seed: Seed) -> Flow<CompletedLogin> {
        let app = self.clone();
        Flow::new(seed, async move |io| exchange_code(&io, app.registration(), callback).await)
    }

    /// Asks for new tokens once (RFC 6749 section 6). Who keeps sessions by hand must save the new refresh token
    /// before using anything of the answer, and never run two of these for one grant at a time; an
    /// [`Engine`](crate::Engine) sees to both.
    ///
    /// `scopes`: those in force, for servers that do not repeat them.
    pub fn refresh(&self, token: RefreshToken, scopes: Scopes, seed: Seed) -> Flow<Grant> {
        let app = self.clone();
        Flow::new(seed, async move |io| {
            refresh_grant(&io, app.registration(), &token, &scopes, Generation::FIRST.next()).await
        })
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

    fn check_owner(&self, pending: &PendingLogin) -> Result<(), Error> {
        let Registration { provider, client_id, .. } = &self.0.registration;
        match pending.issuer == provider.issuer() && pending.client_id == *client_id {
            true => Ok(()),
            false => Err(Misuse::LoginOfAnotherClient.into()),
        }
    }
}

macro_rules! application {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(LoginApp);

        impl $name {
            /// Makes the application of its registration, refusing what its type may not have.
            pub fn new(registration: Registration) -> Result<Self, Error> {
                let check: fn(&Registration) -> Result<(), Error> = $check;
                check(&registration)?;
                LoginApp::new($kind, registration).map(Self)
            }
        }

        impl std::ops::Deref for $name {
            type Target = LoginApp;

            fn deref(&self) -> &LoginApp {
                &self.0
            }
        }

        impl From<$name> for LoginApp {
            fn from(application: $name) -> Self {
                application.0
            }
        }
    };
}

application! {
    /// A web application with a server of its own. With a secret it is a confidential client; without one, a public
    /// client that always uses PKCE (Visma Connect allows it).
    ///
    /// Errors: `client_id_missing`, `client_secret_missing` (an empty one), `redirect_uri_...`.
    WebApp, Kind::Web, |registration| match registration.client_secret {
        Some(_) => registration.check_confidential(Kind::Web.name()),
        None => registration.check(),
    }
}

application! {
    /// An application on the user's own device: a public client with PKCE, the system browser, and a loopback,
    /// claimed https or private-use redirect URI (RFC 8252).
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    NativeApp, Kind::Native, |registration| registration.check_public(Kind::Native.name())
}

application! {
    /// An application that runs in the browser: a public client with PKCE, for which no refresh token is expected.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    SinglePageApp, Kind::SinglePage, |registration| registration.check_public(Kind::SinglePage.name())
}
