internal import GrantlineGenerated

/// An application on the user's own device: a public client with PKCE, the system browser, and a loopback, claimed https
/// or private-use redirect URI (RFC 8252).
public final class NativeApp: Sendable {
    private let calls: LoginCalls<GrantlineGenerated.NativeApp>

    /// A native application.
    ///
    /// - Throws: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    public init(_ registration: Registration, client: Client? = nil) throws {
        calls = try LoginCalls(registration, client) { try $0.nativeApp(registration: $1) }
    }

    /// Begins a login: gives the URL for the browser and the record to keep until the callback comes.
    ///
    /// - Throws: any of the refusals that concern a login's parameters; nothing is sent.
    public func beginLogin(_ request: LoginRequest) async throws -> BegunLogin {
        try await calls.begin(request)
    }

    /// Begins a login whose record waits in the client's store, sealed: whichever process shares the store completes it. In a
    /// store of one process, that one.
    ///
    /// - Throws: as ``beginLogin(_:)``; a fault of the store, if that did not take the record.
    public func beginStoredLogin(_ request: LoginRequest) async throws -> StoredLogin {
        try await calls.beginStored(request)
    }

    /// Judges a callback without using it up: nothing is sent, and a listener goes on waiting when a foreign one comes.
    ///
    /// - Throws: as ``completeLogin(_:callback:)``, as far as it needs no server.
    public func checkCallback(_ pending: PendingLogin, callback: Callback) throws {
        try translatingErrors {
            try calls.native.checkCallback(pending: pending.native, callback: callback.native)
        }
    }

    /// Completes a login: judges the callback, exchanges its code, saves the session.
    ///
    /// - Throws: a violation, if the callback is not this login's, came twice or too late; the server's refusal; a
    ///   transport failure, after which a new login is needed, since a code is sent once.
    public func completeLogin(_ pending: PendingLogin, callback: Callback) async throws -> LoggedIn {
        try await calls.complete {
            try await $0.completeLogin(pending: pending.native, callback: callback.native, cancellation: $1)
        }
    }

    /// Completes a login that ``beginStoredLogin(_:)`` began, in this process or in another that shares the store: each
    /// callback once.
    ///
    /// - Throws: as ``completeLogin(_:callback:)``; `login_unknown`, if no login waits for this callback.
    public func completeStoredLogin(callback: Callback) async throws -> LoggedIn {
        try await calls.complete {
            try await $0.completeStoredLogin(callback: callback.native, cancellation: $1)
        }
    }

    /// Begins a login in the system's browser, on a desktop or in a terminal: opens a listener on loopback
    /// (RFC 8252 section 7.3), then the browser. On iOS use ``beginLogin(_:)`` with `ASWebAuthenticationSession`.
    ///
    /// The redirect URI is the one chosen with the request, or the first of the registration's on loopback whose port is
    /// free; one without a port takes any free one. That no browser could be opened is no error: the user can be shown the
    /// URL.
    ///
    /// - Throws: `redirect_uri_not_loopback`, `response_mode_not_query`, `loopback_port_taken`, `loopback_unavailable`,
    ///   `invalid_client_setting` (a time limit over 10 minutes), and what ``beginLogin(_:)`` throws.
    public func beginBrowserLogin(
        _ request: LoginRequest, _ options: BrowserLoginOptions = BrowserLoginOptions()
    ) async throws -> BrowserLogin {
        let begun = try await cancellable { [native = calls.native] in
            try await native.beginBrowserLogin(
                request: request.native, options: options.native, cancellation: $0)
        }
        let login = try BrowserLogin(begun, calls, isOpenedByHand: options.openWith != nil)
        try options.openWith?(login.url)
        return login
    }

    /// Logs in with the system's browser, from its opening to the session. Cancelling the task ends the login and closes its
    /// port. Where no browser can be opened, ``BrowserLoginOptions/showURL`` is called, and the login waits on; without it
    /// the URL is printed on standard error, whether that is a terminal or not.
    ///
    /// - Throws: what ``beginBrowserLogin(_:_:)`` and ``BrowserLogin/outcome()`` throw.
    public func logInWithBrowser(
        _ request: LoginRequest, _ options: BrowserLoginOptions = BrowserLoginOptions()
    ) async throws -> LoggedIn {
        let login = try await beginBrowserLogin(request, options)
        defer { login.cancel() }
        if try await !login.browserOpened() { (options.showURL ?? printURL)(login.url) }
        return try await login.outcome()
    }

    /// The session of that name. Nothing is read before its token is asked for.
    ///
    /// - Throws: `invalid_session_id`.
    public func session(_ id: String) throws -> Session {
        try calls.session(id)
    }

    /// The names of the sessions that have not ended.
    public func sessions() -> SessionNames {
        calls.sessions()
    }
}
