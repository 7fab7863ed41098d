//! The application types whose users log in.

use std::sync::Arc;

use grantline_core::{
    BegunLogin, Binding, Callback, Error, IdTokenClaims, Introspection, Judgement, LoginApp, LoginRequest,
    LogoutNotice, Operation, Output, PendingLogin, Registration, SecretText, SessionId, StoredLogin,
};
use tokio::sync::watch;

use super::session::Session;
use crate::call::{Call, Form};
use crate::client::ClientState;
use crate::clock;
use crate::loopback::{self, BrowserLogin, BrowserLoginOptions};
use crate::pump::End;

/// A login that became a session.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session, which is saved.
    pub session: Session,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
    /// Who logged in, by a valid ID token. `None`: nobody was identified, since the login did not ask for `openid`.
    pub identity: Option<IdTokenClaims>,
}

/// What the three types have in common.
#[derive(Clone)]
pub(crate) struct Login {
    client: Arc<ClientState>,
    app: LoginApp,
}

impl Login {
    fn new(client: &Arc<ClientState>, app: LoginApp) -> Self {
        client.rescue_sessions(&app);
        Self { client: Arc::clone(client), app }
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        self.app.registration().redirect_uris()
    }

    /// Tells when the client has ended.
    pub(crate) fn end(&self) -> Result<watch::Receiver<Option<End>>, Error> {
        Ok(self.client.pump()?.end())
    }

    pub(crate) fn begin(&self, request: LoginRequest) -> Call<BegunLogin> {
        let operation = Operation::BeginLogin { app: self.app.clone(), request };
        let form = |output| match output {
            Output::LoginBegun(begun) => Ok(*begun),
            _ => Err(Error::Internal("a login was to begin and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    fn check(&self, pending: &PendingLogin, callback: &Callback, binding: &Binding) -> Result<(), Error> {
        self.app.check_callback(pending, callback, binding, clock::wall()).map(drop)
    }

    /// A callback that no cookie binds to its browser.
    pub(crate) fn judge(&self, pending: &PendingLogin, callback: &Callback) -> Judgement {
        self.app.judge_callback(pending, callback, &Binding::DangerousUnbound, clock::wall())
    }

    pub(crate) fn complete(
        &self,
        pending: PendingLogin,
        callback: Callback,
        binding: Binding,
    ) -> Call<LoggedIn> {
        let operation = Operation::CompleteLogin { app: self.app.clone(), pending, callback, binding };
        Call::begin(&self.client, operation, self.completed())
    }

    pub(crate) fn begin_stored(&self, request: LoginRequest) -> Call<StoredLogin> {
        let operation = Operation::BeginStoredLogin { app: self.app.clone(), request };
        let form = |output| match output {
            Output::LoginStored(begun) => Ok(*begun),
            _ => Err(Error::Internal("a login was to begin and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    fn complete_stored(&self, callback: Callback, binding: Binding) -> Call<LoggedIn> {
        let operation = Operation::CompleteStoredLogin { app: self.app.clone(), callback, binding };
        Call::begin(&self.client, operation, self.completed())
    }

    fn completed(&self) -> Form<LoggedIn> {
        let login = self.clone();
        Box::new(move |output| match output {
            Output::LoggedIn(done) => Ok(LoggedIn {
                session: login.session(done.key.session),
                app_data: done.app_data,
                identity: done.identity,
            }),
            _ => Err(Error::Internal("a login was to end and something else came")),
        })
    }

    fn check_logout_notice(&self, form: impl Into<String>) -> Call<LogoutNotice> {
        let operation = Operation::CheckLogoutNotice { app: self.app.clone(), form: SecretText::new(form) };
        let form = |output| match output {
            Output::LogoutNotice(notice) => Ok(*notice),
            _ => Err(Error::Internal("a logout token was to be checked and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }

    fn session(&self, id: SessionId) -> Session {
        Session::new(&self.client, &self.app, id)
    }

    fn sessions(&self, after: Option<&SessionId>, limit: u32) -> Call<Vec<SessionId>> {
        let after = after.map(|id| id.as_str().to_owned());
        let operation = Operation::ListSessions { app: self.app.clone(), after, limit };
        let form = |output| match output {
            Output::Listed(entries) => entries.into_iter().map(|entry| SessionId::new(entry.name)).collect(),
            _ => Err(Error::Internal("sessions were to be listed and something else came")),
        };
        Call::begin(&self.client, operation, Box::new(form))
    }
}

macro_rules! login_app {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Login);

        impl $name {
            pub(crate) fn new(client: &Arc<ClientState>, app: LoginApp) -> Self {
                Self(Login::new(client, app))
            }

            /// Begins a login: gives the URL for the browser and the record to keep until the callback comes.
            ///
            /// Errors: any of the refusals that concern a login's parameters; nothing is sent.
            pub fn begin_login(&self, request: LoginRequest) -> Call<BegunLogin> {
                self.0.begin(request)
            }

            /// Begins a login whose record waits in the client's store, sealed: whichever process shares the store
            /// completes it. In a store of one process, that one.
            ///
            /// Errors: as [`Self::begin_login`]; whatever keeps the store from taking the record.
            pub fn begin_stored_login(&self, request: LoginRequest) -> Call<StoredLogin> {
                self.0.begin_stored(request)
            }

            /// The session of that name. Nothing is read before its token is asked for.
            pub fn session(&self, id: SessionId) -> Session {
                self.0.session(id)
            }

            /// The names of the sessions that have not ended, in the order of their bytes: a page of `limit` at most,
            /// beginning `after` that name. A shorter page is the last one.
            ///
            /// Errors: whatever keeps the store from listing them.
            pub fn sessions(&self, after: Option<&SessionId>, limit: u32) -> Call<Vec<SessionId>> {
                self.0.sessions(after, limit)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let client_id = self.0.app.registration().client_id();
                f.debug_struct(stringify!($name)).field("client_id", &client_id).finish_non_exhaustive()
            }
        }
    };
}

/// For the types that the operating system, a listener or the page itself binds to their logins.
macro_rules! bound_by_the_system {
    ($name:ident) => {
        impl $name {
            /// Judges a callback without using it up: a listener goes on waiting when a foreign one comes.
            ///
            /// Errors: as [`Self::complete_login`], as far as they need no server.
            pub fn check_callback(&self, pending: &PendingLogin, callback: &Callback) -> Result<(), Error> {
                self.0.check(pending, callback, &Binding::DangerousUnbound)
            }

            /// Completes a login that [`Self::begin_stored_login`] began, in this process or in another.
            ///
            /// Errors: as [`Self::complete_login`]; `login_unknown`, if no login waits for this callback.
            pub fn complete_stored_login(&self, callback: Callback) -> Call<LoggedIn> {
                self.0.complete_stored(callback, Binding::DangerousUnbound)
            }

            /// Completes a login: judges the callback, exchanges its code, saves the session.
            ///
            /// Errors: a violation, if the callback is not this login's, came twice or too late; the server's
            /// refusal; a transport failure, after which a new login is needed, since a code is sent once.
            pub fn complete_login(&self, pending: PendingLogin, callback: Callback) -> Call<LoggedIn> {
                self.0.complete(pending, callback, Binding::DangerousUnbound)
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

impl NativeApp {
    /// Begins a login in the system's browser, on a desktop or in a terminal: opens a listener on loopback
    /// (RFC 8252 section 7.3), then the browser. On Android and iOS the system's authentication tab takes this part.
    ///
    /// The redirect URI is the one chosen with the request, or the first of the registration's on loopback whose port is
    /// free: `127.0.0.1` before `[::1]` before `localhost`. One without a port takes any free one.
    /// Errors: `redirect_uri_not_loopback`, `response_mode_not_query`, `loopback_port_taken`, `loopback_unavailable`,
    /// `invalid_client_setting` (a time limit over 10 minutes), and those of [`Self::begin_login`]. That no browser could
    /// be opened is none: the user can be shown the URL.
    pub fn begin_browser_login(
        &self,
        request: LoginRequest,
        options: BrowserLoginOptions,
    ) -> Call<BrowserLogin> {
        loopback::begin(&self.0, request, options)
    }

    /// Logs in with the system's browser, from its opening to the session. The browser opens as soon as the call is waited
    /// for; dropping the call ends the login and closes its port.
    ///
    /// Where no browser can be opened, [`BrowserLoginOptions::show_url`] is called, and the login waits on. Without it the
    /// URL is printed on standard error, whether that is a terminal or not: consoles of IDEs, notebooks and container logs
    /// are none, and are read.
    ///
    /// Errors: those of [`Self::begin_browser_login`] and [`BrowserLogin::outcome`]; `browser_not_opened`, where standard
    /// error cannot be written to either.
    pub fn log_in_with_browser(&self, request: LoginRequest, options: BrowserLoginOptions) -> Call<LoggedIn> {
        loopback::log_in(&self.0, request, options)
    }
}

impl WebApp {
    /// Judges a callback without using it up.
    ///
    /// Errors: as [`Self::complete_login`], as far as they need no server.
    pub fn check_callback(
        &self,
        pending: &PendingLogin,
        callback: &Callback,
        binding: &Binding,
    ) -> Result<(), Error> {
        self.0.check(pending, callback, binding)
    }

    /// Completes a login: judges the callback and the browser that brought it, exchanges the code, saves the
    /// session.
    ///
    /// `binding`: the `Cookie` header of the request that brought the callback.
    /// Errors: a violation, if the callback is not this login's or this browser's, came twice or too late; the
    /// server's refusal; a transport failure, after which a new login is needed, since a code is sent once.
    pub fn complete_login(
        &self,
        pending: PendingLogin,
        callback: Callback,
        binding: Binding,
    ) -> Call<LoggedIn> {
        self.0.complete(pending, callback, binding)
    }
    /// Completes a login that [`Self::begin_stored_login`] began, in this process or in another that shares the store: each
    /// callback once (RFC 9700 section 4.2.4).
    ///
    /// `binding`: the `Cookie` header of the request that brought the callback.
    /// Errors: as [`Self::complete_login`]; `login_unknown`, if no login waits for this callback.
    pub fn complete_stored_login(&self, callback: Callback, binding: Binding) -> Call<LoggedIn> {
        self.0.complete_stored(callback, binding)
    }

    /// Checks a request of the provider's back-channel (OpenID Connect Back-Channel Logout section 2.5): which user's, or
    /// which of the user's sessions are over at the provider. End those here, and answer 200; answer 400 to an error, both
    /// with `Cache-Control: no-store`. What the login's [`LoggedIn::identity`] said (`sid`, `sub`) tells which they are.
    ///
    /// `form`: the raw body of the POST. Errors: `logout_token_...`, `id_token_...`; a transport failure, if the provider's
    /// keys cannot be had.
    pub fn check_logout_notice(&self, form: impl Into<String>) -> Call<LogoutNotice> {
        self.0.check_logout_notice(form)
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself. Needs a client secret.
    ///
    /// Errors: `endpoint_missing`; the provider's refusal; a transport failure.
    pub fn introspect(&self, token: impl Into<String>) -> Call<Introspection> {
        introspect(&self.0.client, self.0.app.registration(), token)
    }
}

/// Asks about a token as the client of this registration.
pub(super) fn introspect(
    client: &ClientState,
    registration: &Registration,
    token: impl Into<String>,
) -> Call<Introspection> {
    let (registration, token) = (registration.clone(), SecretText::new(token));
    let form = |output| match output {
        Output::Introspection(answer) => Ok(*answer),
        _ => Err(Error::Internal("a token was to be introspected and something else came")),
    };
    Call::begin(client, Operation::Introspect { registration, token }, Box::new(form))
}
