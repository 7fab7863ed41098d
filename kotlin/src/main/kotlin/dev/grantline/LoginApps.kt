package dev.grantline

import kotlinx.coroutines.flow.Flow

/**
 * A web application with a server of its own. With a secret it is a confidential client; without one, a public client
 * that always uses PKCE (Visma Connect allows it).
 *
 * @throws MisuseException `client_id_missing`, `client_secret_missing` (an empty one), `redirect_uri_...`
 */
public class WebApp
    @JvmOverloads
    constructor(registration: Registration, client: Client = Client.default) {
        private val native = native { client.native.webApp(registration.native) }
        private val sessions = Sessions(client, registration)
        private val name = "WebApp(clientId=${registration.clientId})"

        /**
         * Begins a login: gives the URL and the cookie for the browser, and the record to keep until the callback comes.
         *
         * @throws MisuseException any of the refusals that concern a login's parameters; nothing is sent
         */
        public suspend fun beginLogin(request: LoginRequest): BegunLogin =
            native { native.beginLogin(request.native(), null).use(::BegunLogin) }

        /**
         * Begins a login whose record waits in the client's store, sealed: whichever process shares the store completes it by
         * [completeStoredLogin]. In a store of one process, that one.
         *
         * @throws MisuseException as [beginLogin]
         * @throws StoreException if the store did not take the record
         */
        public suspend fun beginStoredLogin(request: LoginRequest): StoredLogin =
            native { native.beginStoredLogin(request.native(), null).use(::StoredLogin) }

        /**
         * Judges a callback without using it up: nothing is sent.
         *
         * @throws GrantlineException as [completeLogin], as far as they need no server
         */
        public fun checkCallback(pending: PendingLogin, callback: Callback, binding: Binding): Unit =
            native { native.checkCallback(pending.native, callback.native, binding.native) }

        /**
         * Completes a login: judges the callback and the browser that brought it, exchanges the code, saves the session.
         *
         * @param binding the `Cookie` header of the request that brought the callback
         * @throws ServerMisbehavedException if the callback is not this login's or this browser's, came twice or too late
         * @throws ServerRefusedException if the server or the user refused
         * @throws TransportException after which a new login is needed, since a code is sent once
         */
        public suspend fun completeLogin(pending: PendingLogin, callback: Callback, binding: Binding): LoggedIn =
            sessions.loggedIn(native { native.completeLogin(pending.native, callback.native, binding.native, null) })

        /**
         * Completes a login that [beginStoredLogin] began, in this process or in another that shares the store: each callback
         * once (RFC 9700 section 4.2.4).
         *
         * @param binding the `Cookie` header of the request that brought the callback
         * @throws ServerMisbehavedException `login_unknown`, if no login waits for this callback; and as [completeLogin]
         * @throws GrantlineException as [completeLogin]; whatever keeps the store from answering
         */
        public suspend fun completeStoredLogin(callback: Callback, binding: Binding): LoggedIn =
            sessions.loggedIn(native { native.completeStoredLogin(callback.native, binding.native, null) })

        /**
         * Checks a request of the provider's back-channel (OpenID Connect Back-Channel Logout section 2.5): which user's, or
         * which of the user's sessions are over at the provider. End those here, and answer 200; answer 400 to an exception,
         * both with `Cache-Control: no-store`. What [Session.identity] says (`sessionId`, `subject`) tells which they are.
         *
         * @param form the raw body of the POST
         * @throws ServerMisbehavedException `logout_token_...`, `id_token_...`
         * @throws TransportException if the provider's keys cannot be had
         */
        public suspend fun checkLogoutNotice(form: String): LogoutNotice =
            native { native.checkLogoutNotice(form, null).use(::LogoutNotice) }

        /**
         * What the provider knows of a token (RFC 7662): for an application that is an API itself. Needs a client secret.
         *
         * @throws GrantlineException `endpoint_missing`; the provider's refusal; a transport failure
         */
        public suspend fun introspect(token: String): Introspection =
            Introspection(native { native.introspect(token, null) })

        /**
         * The session of that name. Nothing is read before its token is asked for.
         *
         * @throws MisuseException `invalid_session_id`
         */
        public fun session(id: String): Session = sessions.handle(native { native.session(id) })

        /**
         * The names of the sessions that have not ended, in the order of their bytes. They are read from the store in pages,
         * as they are collected; what begins or ends meanwhile may be missed.
         *
         * @throws StoreException whatever keeps the store from listing them
         */
        public fun sessions(): Flow<String> = sessions.names { after, limit -> native.sessions(after, limit, null) }

        override fun toString(): String = name
    }

/**
 * An application on the user's own device: a public client with PKCE, the system browser, and a loopback, claimed https
 * or private-use redirect URI (RFC 8252).
 *
 * @throws MisuseException `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`
 */
public class NativeApp
    @JvmOverloads
    constructor(registration: Registration, client: Client = Client.default) {
        private val native = native { client.native.nativeApp(registration.native) }
        private val sessions = Sessions(client, registration)
        private val name = "NativeApp(clientId=${registration.clientId})"

        /**
         * Begins a login: gives the URL for the browser and the record to keep until the callback comes.
         *
         * @throws MisuseException any of the refusals that concern a login's parameters; nothing is sent
         */
        public suspend fun beginLogin(request: LoginRequest): BegunLogin =
            native { native.beginLogin(request.native(), null).use(::BegunLogin) }

        /**
         * Begins a login whose record waits in the client's store, sealed: whichever process shares the store completes it by
         * [completeStoredLogin]. In a store of one process, that one.
         *
         * @throws MisuseException as [beginLogin]
         * @throws StoreException if the store did not take the record
         */
        public suspend fun beginStoredLogin(request: LoginRequest): StoredLogin =
            native { native.beginStoredLogin(request.native(), null).use(::StoredLogin) }

        /**
         * Judges a callback without using it up: a listener goes on waiting when a foreign one comes.
         *
         * @throws GrantlineException as [completeLogin], as far as they need no server
         */
        public fun checkCallback(pending: PendingLogin, callback: Callback): Unit =
            native { native.checkCallback(pending.native, callback.native) }

        /**
         * Completes a login: judges the callback, exchanges its code, saves the session.
         *
         * @throws ServerMisbehavedException if the callback is not this login's, came twice or too late
         * @throws ServerRefusedException if the server or the user refused
         * @throws TransportException after which a new login is needed, since a code is sent once
         */
        public suspend fun completeLogin(pending: PendingLogin, callback: Callback): LoggedIn =
            sessions.loggedIn(native { native.completeLogin(pending.native, callback.native, null) })

        /**
         * Completes a login that [beginStoredLogin] began, in this process or in another that shares the store: each callback
         * once.
         *
         * @throws ServerMisbehavedException `login_unknown`, if no login waits for this callback; and as [completeLogin]
         * @throws GrantlineException as [completeLogin]; whatever keeps the store from answering
         */
        public suspend fun completeStoredLogin(callback: Callback): LoggedIn =
            sessions.loggedIn(native { native.completeStoredLogin(callback.native, null) })

        /**
         * Begins a login in the system's browser, on a desktop or in a terminal: opens a listener on loopback
         * (RFC 8252 section 7.3), then the browser. On Android use [beginLogin] with a Custom Tab.
         *
         * The redirect URI is the one chosen with the request, or the first of the registration's on loopback whose port is
         * free; one without a port takes any free one. That no browser could be opened is no error: the user can be shown the
         * URL.
         *
         * @throws MisuseException `redirect_uri_not_loopback`, `response_mode_not_query`, `loopback_port_taken`,
         *   `loopback_unavailable`, `invalid_client_setting` (a time limit over 10 minutes), and those of [beginLogin]
         */
        @JvmOverloads
        public suspend fun beginBrowserLogin(
            request: LoginRequest,
            options: BrowserLoginOptions = BrowserLoginOptions(),
        ): BrowserLogin {
            val begun = native { native.beginBrowserLogin(request.native(), options.native(), null) }
            val login = BrowserLogin(begun, sessions, isOpenedByHand = options.openWith != null)
            try {
                options.openWith?.invoke(login.url)
            } catch (failure: Throwable) {
                login.close()
                throw failure
            }
            return login
        }

        /**
         * Logs in with the system's browser, from its opening to the session. Cancelling the coroutine ends the login and
         * closes its port. Where no browser can be opened, [BrowserLoginOptions.showUrl] is called, and the login waits on;
         * without it the URL is printed on standard error, whether that is a terminal or not.
         *
         * @throws MisuseException as [beginBrowserLogin]
         * @throws GrantlineException as [BrowserLogin.outcome]
         */
        @JvmOverloads
        public suspend fun logInWithBrowser(
            request: LoginRequest,
            options: BrowserLoginOptions = BrowserLoginOptions(),
        ): LoggedIn =
            beginBrowserLogin(request, options).use { login ->
                if (!login.browserOpened()) (options.showUrl ?: ::printUrl)(login.url)
                login.outcome()
            }

        /**
         * The session of that name. Nothing is read before its token is asked for.
         *
         * @throws MisuseException `invalid_session_id`
         */
        public fun session(id: String): Session = sessions.handle(native { native.session(id) })

        /**
         * The names of the sessions that have not ended, in the order of their bytes. They are read from the store in pages,
         * as they are collected; what begins or ends meanwhile may be missed.
         *
         * @throws StoreException whatever keeps the store from listing them
         */
        public fun sessions(): Flow<String> = sessions.names { after, limit -> native.sessions(after, limit, null) }

        override fun toString(): String = name
    }

/**
 * An application that runs in the browser: a public client with PKCE, for which no refresh token is expected.
 *
 * @throws MisuseException `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`
 */
public class SinglePageApp
    @JvmOverloads
    constructor(registration: Registration, client: Client = Client.default) {
        private val native = native { client.native.singlePageApp(registration.native) }
        private val sessions = Sessions(client, registration)
        private val name = "SinglePageApp(clientId=${registration.clientId})"

        /**
         * Begins a login: gives the URL for the browser and the record to keep until the callback comes.
         *
         * @throws MisuseException any of the refusals that concern a login's parameters; nothing is sent
         */
        public suspend fun beginLogin(request: LoginRequest): BegunLogin =
            native { native.beginLogin(request.native(), null).use(::BegunLogin) }

        /**
         * Begins a login whose record waits in the client's store, sealed: whichever process shares the store completes it by
         * [completeStoredLogin]. In a store of one process, that one.
         *
         * @throws MisuseException as [beginLogin]
         * @throws StoreException if the store did not take the record
         */
        public suspend fun beginStoredLogin(request: LoginRequest): StoredLogin =
            native { native.beginStoredLogin(request.native(), null).use(::StoredLogin) }

        /**
         * Judges a callback without using it up: nothing is sent.
         *
         * @throws GrantlineException as [completeLogin], as far as they need no server
         */
        public fun checkCallback(pending: PendingLogin, callback: Callback): Unit =
            native { native.checkCallback(pending.native, callback.native) }

        /**
         * Completes a login: judges the callback, exchanges its code, saves the session.
         *
         * @throws GrantlineException as [NativeApp.completeLogin]
         */
        public suspend fun completeLogin(pending: PendingLogin, callback: Callback): LoggedIn =
            sessions.loggedIn(native { native.completeLogin(pending.native, callback.native, null) })

        /**
         * Completes a login that [beginStoredLogin] began, in this process or in another that shares the store: each callback
         * once.
         *
         * @throws ServerMisbehavedException `login_unknown`, if no login waits for this callback; and as [completeLogin]
         * @throws GrantlineException as [completeLogin]; whatever keeps the store from answering
         */
        public suspend fun completeStoredLogin(callback: Callback): LoggedIn =
            sessions.loggedIn(native { native.completeStoredLogin(callback.native, null) })

        /**
         * The session of that name. Nothing is read before its token is asked for.
         *
         * @throws MisuseException `invalid_session_id`
         */
        public fun session(id: String): Session = sessions.handle(native { native.session(id) })

        /**
         * The names of the sessions that have not ended, in the order of their bytes. They are read from the store in pages,
         * as they are collected; what begins or ends meanwhile may be missed.
         *
         * @throws StoreException whatever keeps the store from listing them
         */
        public fun sessions(): Flow<String> = sessions.names { after, limit -> native.sessions(after, limit, null) }

        override fun toString(): String = name
    }
