//! The three application types whose users log in.

use std::sync::Arc;

use grantline::SessionId;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::any_app::AnyApp;
use crate::application::registration;
use crate::arguments::ScopesArgument;
use crate::browser_login::{self, BrowserLogin};
use crate::callback::{Binding, Callback};
use crate::client::{Client, client_of};
use crate::ending::Lasting;
use crate::error::raised;
use crate::introspection::Introspection;
use crate::login::{BegunLogin, LoggedIn, PendingLogin, StoredLogin, login_request};
use crate::logout::LogoutNotice;
use crate::provider::Provider;
use crate::session::Session;
use crate::session_ids::SessionIds;
use crate::{asynchronous, blocking};

/// What `WebApp`, `NativeApp` and `SinglePageApp` have in common.
#[pyclass(frozen, subclass, module = "grantline")]
pub(crate) struct LoginApp {
    app: AnyApp,
    client: Arc<Lasting>,
    #[pyo3(get)]
    client_id: String,
}

#[pymethods]
impl LoginApp {
    /// Begins a login: gives the URL for the browser, and what to keep until the callback comes. Nothing is sent.
    ///
    /// `scopes`: the scopes, or `Scopes.all_allowed()`. With `openid` the login also says who logged in, with
    /// `offline_access` the session outlives its first access token.
    /// `redirect_uri`: which of the registered ones, where there are several; on loopback its port may differ.
    /// `response_mode`: `query` or `form_post`. `prompt`: one or several of `none`, `login`, `consent`,
    /// `select_account`. `login_hint`: who is expected to log in. `max_age`: how long ago the user may have
    /// authenticated, as a `timedelta` or in seconds. `acr_values`: the authentication contexts of which one has to be
    /// reached, separated by spaces. `prefer_acr_values`: the same, and a login that reaches none of them is taken all the
    /// same; beside `acr_values` it has no effect. `ui_locales`: separated by spaces.
    /// `tenant_hint`: the tenant that the user is expected to choose (Visma Connect). `resource`: one or several APIs
    /// that the tokens are for (RFC 8707). `parameters`: further ones that the provider understands.
    /// `session_id`: the application's own name for the session. `app_data`: text that the completed login gives
    /// back; it is never sent. `expires_after`: how long the user may take at the provider, as a `timedelta` or in seconds; 10
    /// minutes unless given. `dangerous_without_pkce`: leaves the proof key out, for a confidential web
    /// application at a server that refuses it.
    ///
    /// Raises `MisuseError` for what may not be asked for.
    #[pyo3(
        signature = (scopes, **options),
        text_signature = "($self, scopes, *, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None, dangerous_without_pkce=False)"
    )]
    fn begin_login(
        &self,
        py: Python<'_>,
        scopes: ScopesArgument,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<BegunLogin> {
        let begun = self.app.begin_login(login_request("begin_login", scopes, options)?);
        blocking::outcome(py, begun).and_then(BegunLogin::new)
    }

    /// As `begin_login`, for asyncio.
    #[pyo3(
        signature = (scopes, **options),
        text_signature = "($self, scopes, *, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None, dangerous_without_pkce=False)"
    )]
    async fn begin_login_async(
        &self,
        scopes: ScopesArgument,
        options: Option<Py<PyDict>>,
    ) -> PyResult<BegunLogin> {
        let request = Python::attach(|py| {
            login_request("begin_login_async", scopes, options.as_ref().map(|it| it.bind(py)))
        })?;
        asynchronous::outcome(self.app.begin_login(request)).await.and_then(BegunLogin::new)
    }

    /// Begins a login whose record waits in the client's store, sealed: whichever process shares the store completes it
    /// with `complete_stored_login`. In a store of one process, that one.
    ///
    /// The arguments are those of `begin_login`. Raises as it does; `StoreError` if the store did not take the record.
    #[pyo3(
        signature = (scopes, **options),
        text_signature = "($self, scopes, *, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None, dangerous_without_pkce=False)"
    )]
    fn begin_stored_login(
        &self,
        py: Python<'_>,
        scopes: ScopesArgument,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<StoredLogin> {
        let begun = self.app.begin_stored_login(login_request("begin_stored_login", scopes, options)?);
        blocking::outcome(py, begun).and_then(StoredLogin::new)
    }

    /// As `begin_stored_login`, for asyncio.
    #[pyo3(
        signature = (scopes, **options),
        text_signature = "($self, scopes, *, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None, dangerous_without_pkce=False)"
    )]
    async fn begin_stored_login_async(
        &self,
        scopes: ScopesArgument,
        options: Option<Py<PyDict>>,
    ) -> PyResult<StoredLogin> {
        let request = Python::attach(|py| {
            login_request("begin_stored_login_async", scopes, options.as_ref().map(|it| it.bind(py)))
        })?;
        asynchronous::outcome(self.app.begin_stored_login(request)).await.and_then(StoredLogin::new)
    }

    /// The session of that name. Nothing is read before its token is asked for.
    ///
    /// Raises `MisuseError` (`invalid_session_id`).
    fn session(&self, id: String) -> PyResult<Session> {
        let id = SessionId::new(id).map_err(raised)?;
        Ok(Session::new(self.app.session(id), &self.client))
    }

    /// The names of the sessions that have not ended, for `for` and for `async for`: `app.session(id)` is the session
    /// of a name.
    ///
    /// Iterating raises `StoreError` where the store cannot list them.
    fn sessions(&self) -> SessionIds {
        SessionIds::new(&self.app, &self.client)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("<grantline.{} client_id={:?}>", slf.get_type().name()?, slf.get().client_id))
    }
}

/// A web application with a server of its own. With a secret it is a confidential client; without one, a public
/// client that always uses PKCE (Visma Connect allows it).
///
/// `id_token_algorithm`: by which the provider signs ID tokens for this client (`id_token_signed_response_alg`), RS256
/// unless said otherwise; one that a token names itself is not followed. `trusted_audiences`: further parties that ID
/// tokens of this client may be for. `clock_tolerance`: by how much this machine's clock and the provider's may differ, as
/// a `timedelta` or in seconds; a minute unless said otherwise, 5 minutes at most.
///
/// `refresh_grace`: for how long after its use the server takes a single-use refresh token again, as it is set there for this
/// client, as a `timedelta` or in seconds. `ask_for_login_after_lost_answer`: never sends a refresh token again whose answer
/// was lost, and ends the session instead. docs/sessions.md says what they are worth.
///
/// Raises `MisuseError` (`client_id_missing`, `client_secret_missing` for an empty one, `clock_tolerance_too_long`, and
/// the refusals of its redirect URIs).
///
/// >>> import os
/// >>> from grantline import Provider, WebApp
/// >>> app = WebApp(
/// ...     Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"]),
/// ...     "isv_web",
/// ...     client_secret="web:secret+100%25&more",
/// ...     redirect_uris=["https://app.example/callback"],
/// ... )
/// >>> begun = app.begin_login(["openid", "visma_api:read", "offline_access"], response_mode="form_post")
/// >>> record = begun.pending.to_record()  # keep it until the callback comes, under begun.pending.state
/// >>> headers = {"Location": begun.url, "Set-Cookie": begun.binding.set_cookie()}
#[pyclass(frozen, extends = LoginApp, module = "grantline")]
pub(crate) struct WebApp {
    app: grantline::WebApp,
    client: Arc<Lasting>,
}

#[pymethods]
impl WebApp {
    #[new]
    #[pyo3(
        signature = (provider, client_id, *, redirect_uris, client=None, **settings),
        text_signature = "(provider, client_id, *, redirect_uris, client_secret=None, client_authentication=None, id_token_algorithm=None, trusted_audiences=None, clock_tolerance=None, refresh_grace=None, ask_for_login_after_lost_answer=False, client=None)"
    )]
    fn new(
        py: Python<'_>,
        provider: &Provider,
        client_id: String,
        redirect_uris: Vec<String>,
        client: Option<&Bound<'_, Client>>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let registration = registration(provider, client_id.clone(), redirect_uris, settings)?;
        let client = client_of(py, client)?;
        let app = client.web_app(registration).map_err(raised)?;
        let base = LoginApp { app: AnyApp::Web(app.clone()), client: Arc::clone(&client), client_id };
        Ok(PyClassInitializer::from(base).add_subclass(Self { app, client }))
    }

    /// Judges a callback without using it up: nothing is sent, nothing is consumed.
    ///
    /// Raises as `complete_login` does, as far as that needs no server.
    fn check_callback(&self, pending: &PendingLogin, callback: &Callback, binding: &Binding) -> PyResult<()> {
        self.app.check_callback(&pending.0, &callback.0, &binding.0).map_err(raised)
    }

    /// Completes a login: judges the callback and the browser that brought it, exchanges the code, saves the
    /// session.
    ///
    /// Raises `ServerMisbehaved` if the callback is not this login's or this browser's, came twice or too late;
    /// `ServerRefused`; `TransportError`, after which a new login is needed, since a code is sent once.
    fn complete_login(
        &self,
        py: Python<'_>,
        pending: &PendingLogin,
        callback: &Callback,
        binding: &Binding,
    ) -> PyResult<LoggedIn> {
        let call = self.app.complete_login(pending.0.clone(), callback.0.clone(), binding.0.clone());
        blocking::outcome(py, call).and_then(|done| LoggedIn::new(done, &self.client))
    }

    /// As `complete_login`, for asyncio. Cancelling the task gives the login up.
    async fn complete_login_async(
        &self,
        pending: Py<PendingLogin>,
        callback: Py<Callback>,
        binding: Py<Binding>,
    ) -> PyResult<LoggedIn> {
        let (pending, callback, binding) = (pending.get(), callback.get(), binding.get());
        let call = self.app.complete_login(pending.0.clone(), callback.0.clone(), binding.0.clone());
        asynchronous::outcome(call).await.and_then(|done| LoggedIn::new(done, &self.client))
    }

    /// Completes a login that `begin_stored_login` began, in this process or in another that shares the store: each callback
    /// once (RFC 9700 section 4.2.4).
    ///
    /// Raises as `complete_login` does; `ServerMisbehaved` (`login_unknown`) if no login waits for this callback;
    /// `StoreError`.
    fn complete_stored_login(
        &self,
        py: Python<'_>,
        callback: &Callback,
        binding: &Binding,
    ) -> PyResult<LoggedIn> {
        let call = self.app.complete_stored_login(callback.0.clone(), binding.0.clone());
        blocking::outcome(py, call).and_then(|done| LoggedIn::new(done, &self.client))
    }

    /// As `complete_stored_login`, for asyncio. Cancelling the task gives the login up.
    async fn complete_stored_login_async(
        &self,
        callback: Py<Callback>,
        binding: Py<Binding>,
    ) -> PyResult<LoggedIn> {
        let call = self.app.complete_stored_login(callback.get().0.clone(), binding.get().0.clone());
        asynchronous::outcome(call).await.and_then(|done| LoggedIn::new(done, &self.client))
    }

    /// Checks a request of the provider's back-channel (OpenID Connect Back-Channel Logout section 2.5): which user's, or
    /// which of the user's sessions are over at the provider. End those here, and answer 200; answer 400 to an exception,
    /// both with `Cache-Control: no-store`. What `Session.identity` says (`session_id`, `subject`) tells which they are.
    ///
    /// `form`: the raw body of the POST. Raises `ServerMisbehaved` (`logout_token_...`, `id_token_...`); `TransportError`, if
    /// the provider's keys cannot be had.
    fn check_logout_notice(&self, py: Python<'_>, form: String) -> PyResult<LogoutNotice> {
        blocking::outcome(py, self.app.check_logout_notice(form)).map(LogoutNotice)
    }

    /// As `check_logout_notice`, for asyncio.
    async fn check_logout_notice_async(&self, form: String) -> PyResult<LogoutNotice> {
        asynchronous::outcome(self.app.check_logout_notice(form)).await.map(LogoutNotice)
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself. Needs a client secret.
    ///
    /// Raises `UnsupportedError` (`endpoint_missing`); `ServerRefused`; `TransportError`.
    fn introspect(&self, py: Python<'_>, token: String) -> PyResult<Introspection> {
        blocking::outcome(py, self.app.introspect(token)).map(Introspection)
    }

    /// As `introspect`, for asyncio.
    async fn introspect_async(&self, token: String) -> PyResult<Introspection> {
        asynchronous::outcome(self.app.introspect(token)).await.map(Introspection)
    }
}

macro_rules! public_app {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $make:ident, { $($further:tt)* }) => {
        $(#[$doc])*
        #[pyclass(frozen, extends = LoginApp, module = "grantline")]
        pub(crate) struct $name {
            app: grantline::$name,
            client: Arc<Lasting>,
        }

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(
                signature = (provider, client_id, *, redirect_uris, client=None, **settings),
                text_signature = "(provider, client_id, *, redirect_uris, client_secret=None, client_authentication=None, id_token_algorithm=None, trusted_audiences=None, clock_tolerance=None, refresh_grace=None, ask_for_login_after_lost_answer=False, client=None)"
            )]
            fn new(
                py: Python<'_>,
                provider: &Provider,
                client_id: String,
                redirect_uris: Vec<String>,
                client: Option<&Bound<'_, Client>>,
                settings: Option<&Bound<'_, PyDict>>,
            ) -> PyResult<PyClassInitializer<Self>> {
                let registration = registration(provider, client_id.clone(), redirect_uris, settings)?;
                let client = client_of(py, client)?;
                let app = client.$make(registration).map_err(raised)?;
                let base = LoginApp { app: AnyApp::$variant(app.clone()), client: Arc::clone(&client), client_id };
                Ok(PyClassInitializer::from(base).add_subclass(Self { app, client }))
            }

            /// Judges a callback without using it up: a listener goes on waiting when a foreign one comes.
            ///
            /// Raises as `complete_login` does, as far as that needs no server.
            fn check_callback(&self, pending: &PendingLogin, callback: &Callback) -> PyResult<()> {
                self.app.check_callback(&pending.0, &callback.0).map_err(raised)
            }

            /// Completes a login: judges the callback, exchanges its code, saves the session.
            ///
            /// Raises `ServerMisbehaved` if the callback is not this login's, came twice or too late;
            /// `ServerRefused`; `TransportError`, after which a new login is needed, since a code is sent once.
            fn complete_login(
                &self,
                py: Python<'_>,
                pending: &PendingLogin,
                callback: &Callback,
            ) -> PyResult<LoggedIn> {
                let call = self.app.complete_login(pending.0.clone(), callback.0.clone());
                blocking::outcome(py, call).and_then(|done| LoggedIn::new(done, &self.client))
            }

            /// As `complete_login`, for asyncio. Cancelling the task gives the login up.
            async fn complete_login_async(
                &self,
                pending: Py<PendingLogin>,
                callback: Py<Callback>,
            ) -> PyResult<LoggedIn> {
                let call = self.app.complete_login(pending.get().0.clone(), callback.get().0.clone());
                asynchronous::outcome(call).await.and_then(|done| LoggedIn::new(done, &self.client))
            }

            /// Completes a login that `begin_stored_login` began, in this process or in another that shares the store: each
            /// callback once.
            ///
            /// Raises as `complete_login` does; `ServerMisbehaved` (`login_unknown`) if no login waits for this callback;
            /// `StoreError`.
            fn complete_stored_login(&self, py: Python<'_>, callback: &Callback) -> PyResult<LoggedIn> {
                let call = self.app.complete_stored_login(callback.0.clone());
                blocking::outcome(py, call).and_then(|done| LoggedIn::new(done, &self.client))
            }

            /// As `complete_stored_login`, for asyncio. Cancelling the task gives the login up.
            async fn complete_stored_login_async(&self, callback: Py<Callback>) -> PyResult<LoggedIn> {
                let call = self.app.complete_stored_login(callback.get().0.clone());
                asynchronous::outcome(call).await.and_then(|done| LoggedIn::new(done, &self.client))
            }

            $($further)*
        }
    };
}

public_app! {
    /// An application on the user's own device: a public client with PKCE, the system browser, and a loopback,
    /// claimed https or private-use redirect URI (RFC 8252).
    ///
    /// Raises `MisuseError` (`client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs).
    ///
    /// >>> from grantline import MisuseError, NativeApp, Provider
    /// >>> try:
    /// ...     NativeApp(
    /// ...         Provider.visma_connect(),
    /// ...         "isv_invoices",
    /// ...         redirect_uris=["com.example.invoices:/callback"],
    /// ...         client_secret="shipped to every phone",
    /// ...     )
    /// ... except MisuseError as error:
    /// ...     print(error.code, error.advice)
    /// secret_for_public_client fix_configuration
    NativeApp, Native, native_app, {
        /// Begins a login in the system's browser, on a desktop or in a terminal: opens a listener on loopback
        /// (RFC 8252 section 7.3), then the browser.
        ///
        /// The redirect URI is the one chosen, or the first of the registered ones on loopback whose port is free; one
        /// without a port takes any free one.
        /// `time_limit`: how long to wait for the user, as a `timedelta` or in seconds; 5 minutes unless said
        /// otherwise, 10 at most. `port`: the port to listen on instead of the redirect URI's, 0 for any free one.
        /// `open_browser`: `False` opens none; a function opens it instead of the system's way, such as
        /// `webbrowser.open`, and may return `False` if it did not. `done_page`, `failed_page`: a `LoginPage` for the
        /// browser to show at the end. The further arguments are those of `begin_login`.
        ///
        /// Raises `MisuseError` (`redirect_uri_not_loopback`, `response_mode_not_query`, `loopback_port_taken`,
        /// `loopback_unavailable`, and those of `begin_login`). That no browser could be opened is no error: the user can
        /// be shown the `url`.
        #[pyo3(
            signature = (scopes, **options),
            text_signature = "($self, scopes, *, time_limit=None, port=None, open_browser=True, done_page=None, failed_page=None, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None)"
        )]
        fn begin_browser_login(
            &self,
            py: Python<'_>,
            scopes: ScopesArgument,
            options: Option<&Bound<'_, PyDict>>,
        ) -> PyResult<BrowserLogin> {
            browser_login::Arguments::new(scopes, options)?.begin(py, &self.app, &self.client)
        }

        /// As `begin_browser_login`, for asyncio.
        #[pyo3(
            signature = (scopes, **options),
            text_signature = "($self, scopes, *, time_limit=None, port=None, open_browser=True, done_page=None, failed_page=None, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None)"
        )]
        async fn begin_browser_login_async(
            &self,
            scopes: ScopesArgument,
            options: Option<Py<PyDict>>,
        ) -> PyResult<BrowserLogin> {
            let arguments = Python::attach(|py| {
                browser_login::Arguments::new(scopes, options.as_ref().map(|it| it.bind(py)))
            })?;
            arguments.begin_async(&self.app, &self.client).await
        }

        /// Logs in with the system's browser, from its opening to the session. Ctrl-C ends the login and closes its port.
        ///
        /// `show_url`: a function that shows the URL to the user where no browser could be opened; without it the URL is
        /// printed on `sys.stderr`. The login waits on. The further arguments are those of `begin_browser_login`.
        ///
        /// Raises as `begin_browser_login` and `BrowserLogin.outcome` do; `MisuseError` (`browser_not_opened`), where there is
        /// no `sys.stderr` either.
        #[pyo3(
            signature = (scopes, **options),
            text_signature = "($self, scopes, *, show_url=None, time_limit=None, port=None, open_browser=True, done_page=None, failed_page=None, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None)"
        )]
        fn log_in_with_browser(
            &self,
            py: Python<'_>,
            scopes: ScopesArgument,
            options: Option<&Bound<'_, PyDict>>,
        ) -> PyResult<LoggedIn> {
            browser_login::Arguments::new(scopes, options)?.log_in(py, &self.app, &self.client)
        }

        /// As `log_in_with_browser`, for asyncio. Cancelling the task ends the login and closes its port.
        #[pyo3(
            signature = (scopes, **options),
            text_signature = "($self, scopes, *, show_url=None, time_limit=None, port=None, open_browser=True, done_page=None, failed_page=None, redirect_uri=None, response_mode=None, prompt=None, login_hint=None, max_age=None, acr_values=None, prefer_acr_values=None, ui_locales=None, tenant_hint=None, resource=None, parameters=None, session_id=None, app_data=None, expires_after=None)"
        )]
        async fn log_in_with_browser_async(
            &self,
            scopes: ScopesArgument,
            options: Option<Py<PyDict>>,
        ) -> PyResult<LoggedIn> {
            let arguments = Python::attach(|py| {
                browser_login::Arguments::new(scopes, options.as_ref().map(|it| it.bind(py)))
            })?;
            arguments.log_in_async(&self.app, &self.client).await
        }
    }
}

public_app! {
    /// An application that runs in the browser: a public client with PKCE, for which no refresh token is expected.
    ///
    /// Raises `MisuseError` (`client_id_missing`, `secret_for_public_client`, and the refusals of its redirect URIs).
    SinglePageApp, SinglePage, single_page_app, {}
}
