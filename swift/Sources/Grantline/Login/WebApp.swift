internal import GrantlineGenerated

/// A web application with a server of its own. With a secret it is a confidential client; without one, a public client
/// that always uses PKCE (Visma Connect allows it).
public final class WebApp: Sendable {
    /// What the browser that brought the callback shows of its binding.
    public struct Binding: Sendable, Redacted {
        fileprivate let native: GrantlineGenerated.Binding

        /// The `Cookie` header of the request that brought the callback, as it came.
        public static func cookieHeader(_ header: String) -> Binding {
            Binding(native: .cookieHeader(header: header))
        }

        /// The value of the binding's cookie, for who reads cookies otherwise.
        public static func cookieValue(_ value: String) -> Binding { Binding(native: .cookieValue(value: value)) }

        /// No check. Whoever can make a user's browser open a URL can then log that user in as somebody else.
        public static var dangerousUnbound: Binding { Binding(native: .dangerousUnbound()) }

        public var description: String { "Binding(redacted)" }
    }

    private let calls: LoginCalls<GrantlineGenerated.WebApp>

    /// A web application.
    ///
    /// - Throws: `client_id_missing`, `client_secret_missing` (an empty one), `redirect_uri_...`.
    public init(_ registration: Registration, client: Client? = nil) throws {
        calls = try LoginCalls(registration, client) { try $0.webApp(registration: $1) }
    }

    /// Begins a login: gives the URL for the browser, the record to keep until the callback comes, and the cookie that
    /// binds the browser.
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

    /// Judges a callback without using it up: nothing is sent.
    ///
    /// - Throws: as ``completeLogin(_:callback:binding:)``, as far as it needs no server.
    public func checkCallback(_ pending: PendingLogin, callback: Callback, binding: Binding) throws {
        try translatingErrors {
            try calls.native.checkCallback(
                pending: pending.native, callback: callback.native, binding: binding.native)
        }
    }

    /// Completes a login: judges the callback and the browser that brought it, exchanges the code, saves the session.
    ///
    /// - Parameter binding: the `Cookie` header of the request that brought the callback.
    /// - Throws: a violation, if the callback is not this login's or this browser's, came twice or too late; the server's
    ///   refusal; a transport failure, after which a new login is needed, since a code is sent once.
    public func completeLogin(
        _ pending: PendingLogin, callback: Callback, binding: Binding
    ) async throws -> LoggedIn {
        try await calls.complete {
            try await $0.completeLogin(
                pending: pending.native, callback: callback.native, binding: binding.native, cancellation: $1)
        }
    }

    /// Completes a login that ``beginStoredLogin(_:)`` began, in this process or in another that shares the store: each
    /// callback once (RFC 9700 section 4.2.4).
    ///
    /// - Parameter binding: the `Cookie` header of the request that brought the callback.
    /// - Throws: as ``completeLogin(_:callback:binding:)``; `login_unknown`, if no login waits for this callback.
    public func completeStoredLogin(callback: Callback, binding: Binding) async throws -> LoggedIn {
        try await calls.complete {
            try await $0.completeStoredLogin(
                callback: callback.native, binding: binding.native, cancellation: $1)
        }
    }

    /// Checks a request of the provider's back-channel (OpenID Connect Back-Channel Logout section 2.5): which user's, or
    /// which of the user's sessions are over at the provider. End those here, and answer 200; answer 400 to an error, both
    /// with `Cache-Control: no-store`. What ``Session/identity()`` says (`sessionID`, `subject`) tells which they are.
    ///
    /// - Parameter form: the raw body of the POST.
    /// - Throws: `logout_token_...`, `id_token_...`; a transport failure, if the provider's keys cannot be had.
    public func checkLogoutNotice(_ form: String) async throws -> LogoutNotice {
        LogoutNotice(
            try await cancellable { [native = calls.native] in
                try await native.checkLogoutNotice(form: form, cancellation: $0)
            })
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself. Needs a client secret.
    ///
    /// - Throws: `endpoint_missing`; the provider's refusal; a transport failure.
    public func introspect(_ token: String) async throws -> Introspection {
        Introspection(
            native: try await cancellable { [native = calls.native] in
                try await native.introspect(token: token, cancellation: $0)
            })
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
