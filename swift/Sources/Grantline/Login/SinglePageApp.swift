internal import GrantlineGenerated

/// An application that runs in the browser: a public client with PKCE, for which no refresh token is expected.
public final class SinglePageApp: Sendable {
    private let calls: LoginCalls<GrantlineGenerated.SinglePageApp>

    /// A single-page application.
    ///
    /// - Throws: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    public init(_ registration: Registration, client: Client? = nil) throws {
        calls = try LoginCalls(registration, client) { try $0.singlePageApp(registration: $1) }
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
